use tower_redis::key::CacheKey;

#[derive(CacheKey)]
#[cache_key(skip)]
struct Search {
    #[cache_key(ignore)]
    words: String,
    page: u32,
}

fn main() {}
