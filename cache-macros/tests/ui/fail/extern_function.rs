use tower_redis::cached;

#[cached]
extern "C" fn load(id: u64) -> u64 {
    id
}

fn main() {}
