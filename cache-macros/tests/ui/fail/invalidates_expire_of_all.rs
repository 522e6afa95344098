use tower_redis::{cached, invalidates};

#[cached]
fn user(id: u64) -> u64 {
    id
}

#[invalidates(expire(clear(user), prefix("users:"), expire(user(id))))]
fn write(id: u64) {
    let _ = id;
}

fn main() {}
