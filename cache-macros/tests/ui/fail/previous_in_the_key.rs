use tower_redis::cached;

#[cached(keep_for_revalidation = "1h", previous = old, key = "text:{id}:{old}")]
fn text(id: u64, old: Option<String>) -> String {
    old.unwrap_or_else(|| id.to_string())
}

fn main() {}
