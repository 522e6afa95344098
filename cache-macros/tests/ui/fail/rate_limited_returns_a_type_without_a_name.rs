use tower_redis::rate_limited;

#[rate_limited(limit = 3, per = "1m")]
fn count() -> impl Iterator<Item = u8> {
    [1].into_iter()
}

fn main() {}
