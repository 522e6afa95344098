use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[invalidates(load(id), crate = "other")]
fn write(id: u64) {
    let _ = id;
}

fn main() {
    load(1);
}
