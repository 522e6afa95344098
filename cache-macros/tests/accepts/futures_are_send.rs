//! What can move to another thread stays able to.
use std::borrow::Cow;
use std::sync::Arc;

use tower_redis::cached;

struct Db;

#[cached]
async fn owned(id: u64) -> anyhow_like::Result<u64> {
    Ok(id)
}

#[cached(skip(db))]
async fn inline(db: &Db, id: u64, name: Cow<'_, str>) -> Option<Arc<str>> {
    let _ = (db, id, name);
    None
}

#[cached]
async fn recursive(id: u64) -> u64 {
    if id == 0 {
        0
    } else {
        Box::pin(recursive(id - 1)).await
    }
}

impl Db {
    #[cached(skip(self))]
    async fn method(self: &Arc<Self>) -> u64 {
        1
    }
}

mod anyhow_like {
    pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
}

fn send<T: Send>(_: T) {}

#[test]
fn is_accepted() {
    send(owned(1));
    send(owned::lookup(1));
    send(owned::refresh(1));
    send(inline(&Db, 1, "x".into()));
    send(recursive(1));
    send(Arc::new(Db).method());
}
