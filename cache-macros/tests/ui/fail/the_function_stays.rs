use tower_redis::cached;

#[cached(ttl = 0)]
fn load(id: u64) -> u64 {
    id
}

fn main() {
    // one slip is one error: calls of the function are fine
    let _: u64 = load(1);
}
