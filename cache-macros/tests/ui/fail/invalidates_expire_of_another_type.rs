use tower_redis::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(expire(user(name)))]
fn write(name: &str) {
    let _ = name;
}

fn main() {}
