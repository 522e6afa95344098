use tower_redis::cached;

use std::fmt::Display;

#[cached]
fn load(id: u64) -> impl Display {
    id
}

fn main() {}
