//! A parameter that the key cannot tell.
use tower_redis::cached;

#[cached(key = "{id}")]
fn scaled<const N: u64, T: Default + Into<u64>>(id: u64) -> u64 {
    id * N + T::default().into()
}

fn main() {}
