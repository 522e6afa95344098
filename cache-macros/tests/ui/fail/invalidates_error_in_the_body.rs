use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[invalidates(load(id))]
fn write(id: u64) -> Result<u64, String> {
    id.parse()
}

fn main() {
    load(1);
}
