use tower_redis::cached;

#[cached(near_only, compression = "lz4", compress_from = 64)]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
