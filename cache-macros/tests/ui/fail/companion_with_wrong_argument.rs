use tower_redis::cached;

#[cached]
fn load(id: u64) -> u64 {
    id
}

fn main() {
    load::invalidate("one");
}
