use tower_redis::cached;

mod shop {
    pub mod quote {}
}

use shop::quote;

#[cached(ttl = 60)]
fn quote(id: u64) -> u64 {
    id
}

fn main() {
    quote(1);
}
