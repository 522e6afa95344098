use tower_redis::cached;

use std::borrow::Cow;

#[cached]
fn load<'a>(text: &'a str) -> Option<Cow<'a, str>> {
    Some(text.into())
}

fn main() {}
