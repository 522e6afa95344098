use tower_redis::cached;

#[cached(compression = "gzip")]
fn text(id: u64) -> String {
    id.to_string()
}

#[cached(compression = 3)]
fn other(id: u64) -> String {
    id.to_string()
}

fn main() {}
