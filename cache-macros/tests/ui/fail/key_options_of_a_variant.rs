use tower_redis::key::CacheKey;

#[derive(CacheKey)]
enum By {
    #[cache_key(skip)]
    Any,
    #[cache_key(rename = "id")]
    Id(u64),
}

fn main() {}
