use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[cached]
fn named(name: &str) -> usize {
    name.len()
}

#[invalidates(load("7"), load(name), named(&7))]
fn write(name: String) {
    drop(name);
}

fn main() {
    load(1);
}
