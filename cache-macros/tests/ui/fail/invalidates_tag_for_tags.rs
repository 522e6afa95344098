use tower_redis::invalidates;

#[invalidates(tag("rates"), prefixes("rate:", "price:"))]
async fn set_rate() {}

fn main() {}
