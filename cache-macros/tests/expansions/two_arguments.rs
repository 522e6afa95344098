/// Loads.
#[cached(ttl = 60)]
pub async fn load(id: u64, name: &str) -> Result<String, Error> {
    ask(id, name).await
}
