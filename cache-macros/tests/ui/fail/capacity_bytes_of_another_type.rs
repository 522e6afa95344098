use tower_redis::cached;

#[cached(capacity_bytes(1_000, |text: &u64| 8))]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
