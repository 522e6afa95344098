use tower_redis::cached;

#[cached]
const fn load(id: u64) -> u64 {
    id
}

fn main() {}
