use tower_redis::cached;

mod reqwest {
    pub struct Client;
}

#[cached]
async fn load(http: &reqwest::Client, id: u64) -> u64 {
    let _ = http;
    id
}

fn main() {}
