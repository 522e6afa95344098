use tower_redis::cached;

#[cached(codec = "msgpack")]
fn text(id: u64) -> String {
    id.to_string()
}

fn main() {}
