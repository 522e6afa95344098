use tower_redis::key::CacheKey;

#[derive(CacheKey)]
struct Many(u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8, u8);

fn main() {}
