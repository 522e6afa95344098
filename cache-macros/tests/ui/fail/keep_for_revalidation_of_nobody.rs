use tower_redis::cached;

#[cached(keep_for_revalidation = "1h")]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
