use tower_redis::cached;

use std::sync::LazyLock;

use tower_redis::{Toolkit, cache::Cache};

static USERS: LazyLock<Cache<String, u64>> =
    LazyLock::new(|| Toolkit::in_memory().cache("users").build().unwrap());

#[cached(cache = USERS, companion = none)]
async fn load(id: u64) -> u64 {
    id
}

fn main() {}
