use tower_redis::cached;

use std::sync::LazyLock;

use tower_redis::{Toolkit, cache::Cache};

static USERS: LazyLock<Cache<u64, String>> =
    LazyLock::new(|| Toolkit::in_memory().cache("users").build().unwrap());

#[cached(cache = USERS, companion = none)]
async fn load(id: u64) -> Option<u64> {
    Some(id)
}

fn main() {}
