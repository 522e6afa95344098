use tower_redis::cached;

#[derive(Clone)]
struct Row<'a>(&'a str);

#[cached(near_only)]
fn first(text: &str) -> Row {
    Row(text)
}

fn main() {}
