use tower_redis::cached;

#[cached(capacity_bytes = 1_000)]
fn text(id: u64) -> String {
    id.to_string()
}

#[cached(capacity_bytes(1_000))]
fn other(id: u64) -> String {
    id.to_string()
}

fn main() {}
