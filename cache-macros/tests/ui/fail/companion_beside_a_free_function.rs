use tower_redis::cached;

#[cached(companion = Self::price)]
fn price(id: u64) -> u64 {
    id
}

fn main() {
    price(1);
}
