//! Functions that return futures.

use std::future::Future;
use std::pin::Pin;

use tower_redis::cache::Status;
use tower_redis::cached;

use super::support::Runs;

static PLAIN: Runs = Runs::new();

#[cached(ttl = 60)]
fn plain(id: u64, name: &str) -> impl Future<Output = Result<String, String>> + Send {
    let eager = format!("{id}{name}");
    async move {
        PLAIN.count();
        tokio::task::yield_now().await;
        if id == 0 { Err(eager) } else { Ok(eager) }
    }
}

#[tokio::test]
async fn what_the_future_gives_is_kept() {
    assert_eq!(plain(1, "a").await.as_deref(), Ok("1a"));
    assert_eq!(
        tokio::spawn(plain(1, "a")).await.unwrap(),
        Ok("1a".to_owned())
    );
    assert_eq!(PLAIN.so_far(), 1);
    assert!(plain(0, "a").await.is_err());
    assert!(plain(0, "a").await.is_err());
    assert_eq!(PLAIN.so_far(), 3);
    assert_eq!(plain::lookup(1, "a").await.status, Status::Near);
    assert!(plain::invalidate(1, "a").await.dropped == 1);
}

static BOXED: Runs = Runs::new();

#[cached]
fn boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(async move {
        BOXED.count();
        if id == 0 { 0 } else { boxed(id - 1).await + 1 }
    })
}

#[tokio::test]
async fn so_is_that_of_one_in_a_box() {
    assert_eq!((boxed(3).await, boxed(3).await), (3, 3));
    assert_eq!(BOXED.so_far(), 4);
    assert_eq!(boxed::peek(2).await, Some(2));
}

trait Repository {
    fn find(&self, id: u64) -> impl Future<Output = Option<u64>> + Send;
}

struct Db {
    id: u64,
    runs: Runs,
}

impl Repository for Db {
    #[cached(key = "{self.id}:{id}")]
    fn find(&self, id: u64) -> impl Future<Output = Option<u64>> + Send {
        async move {
            self.runs.count();
            (id != 0).then_some(self.id + id)
        }
    }
}

#[tokio::test]
async fn a_method_of_a_trait_may_return_one() {
    let db = Db {
        id: 1,
        runs: Runs::new(),
    };
    assert_eq!((db.find(1).await, db.find(1).await), (Some(2), Some(2)));
    assert_eq!((db.find(0).await, db.runs.so_far()), (None, 2));
}
