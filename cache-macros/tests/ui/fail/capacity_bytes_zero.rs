use tower_redis::cached;

#[cached(capacity_bytes(0, |text| text.len()))]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
