//! How the parts of `#[invalidates]` are written, for messages.

/// How what is called `name` is written.
pub(super) fn example(name: &str) -> &'static str {
    match name {
        "tags" => "tags(\"users\", \"org:{org}\")",
        "prefix" => "prefix(\"users:\")",
        "pattern" => "pattern(\"users:*\")",
        "expire" => "expire(get_user(id), tags(\"org:{org}\"))",
        "clear" => "clear(list_users)",
        "toolkit" => "toolkit = &self.toolkit",
        _ => "crate = my_crate::tower_redis",
    }
}
