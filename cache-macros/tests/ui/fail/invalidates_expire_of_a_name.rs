use tower_redis::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(expire(user, "users"))]
fn write(id: u64) {
    let _ = id;
}

#[invalidates(expire)]
fn other(id: u64) {
    let _ = id;
}

fn main() {}
