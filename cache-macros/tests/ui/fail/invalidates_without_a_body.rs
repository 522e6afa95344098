use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

trait Writes {
    #[invalidates(load(1))]
    fn write(&self);
}

fn main() {
    load(1);
}
