use tower_redis::cached;

#[cached(previous = old)]
fn text(id: u64, old: Option<String>) -> String {
    old.unwrap_or_else(|| id.to_string())
}

fn main() {}
