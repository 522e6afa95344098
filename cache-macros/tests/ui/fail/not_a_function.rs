use tower_redis::cached;

#[cached]
struct Load;

fn main() {}
