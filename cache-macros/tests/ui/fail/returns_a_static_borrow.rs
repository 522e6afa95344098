use tower_redis::cached;

#[cached]
async fn name(id: u64) -> Result<Vec<&'static str>, &'static str> {
    let _ = id;
    Ok(vec!["a"])
}

fn main() {}
