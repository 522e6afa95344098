use tower_redis::key::CacheKey;

#[derive(CacheKey)]
union Id {
    number: u64,
    bytes: [u8; 8],
}

fn main() {}
