use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[invalidates(load(length(name)))]
fn write(name: String) {
    drop(name);
}

fn length(name: String) -> u64 {
    name.len() as u64
}

fn main() {
    load(1);
}
