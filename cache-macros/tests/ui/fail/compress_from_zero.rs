use tower_redis::cached;

#[cached(compress_from = 0)]
fn text(id: u64) -> String {
    id.to_string()
}

#[cached(compress_from = -1)]
fn other(id: u64) -> String {
    id.to_string()
}

fn main() {}
