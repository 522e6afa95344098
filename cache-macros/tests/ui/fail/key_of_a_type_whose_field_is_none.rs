use tower_redis::key::CacheKey;

struct Words(String);

#[derive(CacheKey)]
struct Search {
    words: Words,
    page: u32,
}

#[derive(CacheKey)]
struct Quoted(Words);

#[derive(CacheKey)]
enum By {
    Words(Words),
    All,
}

fn main() {}
