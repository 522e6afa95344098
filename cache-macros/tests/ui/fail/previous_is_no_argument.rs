use tower_redis::cached;

#[cached(keep_for_revalidation = "1h", previous = last)]
fn text(id: u64) -> String {
    id.to_string()
}

#[cached(keep_for_revalidation = "1h", previous = "last")]
fn other(id: u64, last: Option<String>) -> String {
    last.unwrap_or_else(|| id.to_string())
}

fn main() {}
