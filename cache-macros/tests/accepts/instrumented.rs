//! Attributes of others work on either side.
#![deny(warnings)]

use tower_redis::cached;

#[tracing::instrument(skip(db), err)]
#[cached(skip(db))]
async fn above(db: &str, id: u64) -> Result<u64, String> {
    let _ = db;
    Ok(id)
}

#[cached(skip(db))]
#[tracing::instrument(skip(db), err)]
async fn below(db: &str, id: u64) -> Result<u64, String> {
    let _ = db;
    Ok(id)
}

struct Shop(u64);

impl Shop {
    #[cached(key = "{self.0}")]
    #[tracing::instrument(skip(self))]
    pub fn price(&self) -> u64 {
        self.0
    }
}

#[cached]
#[cfg_attr(all(), doc = "Documented.", must_use)]
#[cfg_attr(any(), nonsense)]
#[deprecated(note = "use another")]
#[doc(alias = "amount")]
fn count(id: u64) -> u64 {
    id
}

#[test]
fn is_accepted() {
    drop(above("a", 1));
    drop(below("a", 1));
    Shop(1).price();
    #[allow(deprecated)]
    let _ = count(1);
}
