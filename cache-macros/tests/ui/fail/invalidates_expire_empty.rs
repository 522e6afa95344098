use tower_redis::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(expire())]
fn write(id: u64) {
    let _ = id;
}

fn main() {}
