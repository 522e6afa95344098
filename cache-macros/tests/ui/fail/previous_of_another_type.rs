use tower_redis::cached;

#[cached(keep_for_revalidation = "1h", previous = old)]
fn text(id: u64, old: Option<u64>) -> String {
    old.unwrap_or(id).to_string()
}

#[cached(keep_for_revalidation = "1h", previous = old)]
async fn other(id: u64, old: Option<u64>) -> Result<String, String> {
    Ok(old.unwrap_or(id).to_string())
}

fn main() {}
