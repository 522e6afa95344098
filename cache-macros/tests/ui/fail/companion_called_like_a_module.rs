use tower_redis::cached;

mod quote {}

#[cached(ttl = 60)]
fn quote(id: u64) -> u64 {
    id
}

mod shop {
    pub struct Stock;

    #[tower_redis::cached(companion = Stock)]
    pub fn amount(id: u64) -> u64 {
        id
    }
}

fn main() {
    quote(1);
    shop::amount(1);
}
