use tower_redis::cached;

#[cached(compression = "zstd")]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
