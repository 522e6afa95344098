use std::borrow::Cow;

use tower_redis::cached;

#[cached]
fn name(id: u64) -> Cow<str> {
    id.to_string().into()
}

#[cached]
fn title(text: &str) -> Result<std::cell::Ref<String>, String> {
    Err(text.to_owned())
}

fn main() {}
