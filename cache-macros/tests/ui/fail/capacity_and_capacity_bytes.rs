use tower_redis::cached;

#[cached(capacity = 10, capacity_bytes(1_000, |text| text.len()))]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
