use tower_redis::cached;

#[cached(keep_for_revalidation = "1h", previous = old)]
fn text(id: u64, old: String) -> String {
    old + &id.to_string()
}

fn main() {}
