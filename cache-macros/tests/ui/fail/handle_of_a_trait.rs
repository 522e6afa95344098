use tower_redis::cached;

trait Store {}

#[cached]
fn load(id: u64, store: &dyn Store) -> u64 {
    let _ = store;
    id
}

fn main() {}
