use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[invalidates(load(1))]
const fn write() {}

fn main() {
    load(1);
}
