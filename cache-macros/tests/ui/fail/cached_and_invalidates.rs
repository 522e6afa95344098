use tower_redis::{cached, invalidates};

#[cached]
async fn user(id: u64) -> u64 {
    id
}

#[cached]
#[invalidates(user(id))]
async fn write(id: u64) -> u64 {
    id
}

#[invalidates(user(id))]
#[cached]
async fn write_too(id: u64) -> u64 {
    id
}

fn main() {}
