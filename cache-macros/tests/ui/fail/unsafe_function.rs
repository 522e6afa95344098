use tower_redis::cached;

#[cached]
unsafe fn load(id: u64) -> u64 {
    id
}

fn main() {}
