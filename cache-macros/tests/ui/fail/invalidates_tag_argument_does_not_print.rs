use tower_redis::{cached, invalidates};

#[cached]
fn load(id: u64) -> u64 {
    id
}

#[invalidates(tags("ids:{ids}"))]
fn write(ids: Vec<Vec<f64>>) {
    drop(ids);
}

fn main() {
    load(1);
}
