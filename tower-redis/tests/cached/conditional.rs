//! What was kept before is given to the body that replaces it.

use std::time::Duration;

use tower_redis::cache::{Cache, Status};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::Runs;

/// Within a toolkit of its own, on a clock that is turned.
async fn apart<F: Future>(test: impl FnOnce(ManualClock) -> F) -> F::Output {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    toolkit.scope(test(clock)).await
}

/// What a server gives, with its `ETag`.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Page {
    tag: u64,
    run: usize,
}

static FETCHED: Runs = Runs::new();

#[cached(ttl = 10, keep_for_revalidation = "1h", previous = old)]
async fn page(path: &str, old: Option<Page>, tag: u64) -> Result<Page, String> {
    match old {
        Some(old) if old.tag == tag => Ok(old),
        _ if path.is_empty() => Err("no path".to_owned()),
        _ => Ok(Page {
            tag,
            run: FETCHED.count(),
        }),
    }
}

#[tokio::test]
async fn what_has_ended_is_shown_to_the_body_that_replaces_it() {
    apart(|clock| async move {
        // callers do not give it
        let first = page("/", 1).await.unwrap();
        assert_eq!(page("/", 1).await.unwrap(), first);
        clock.advance(Duration::from_secs(10));
        let again = page::lookup("/", 1).await;
        assert_eq!(
            (again.value, again.status),
            (Ok(first.clone()), Status::Loaded)
        );
        assert_eq!(page::stats().loads, 2);
        // and it lives anew
        clock.advance(Duration::from_secs(9));
        assert_eq!(page::lookup("/", 1).await.status, Status::Near);
        assert_eq!(FETCHED.so_far(), 1);
        // the body itself, as it was written
        assert_eq!(
            page::uncached("/", Some(first.clone()), 1).await,
            Ok(first.clone())
        );
        assert_ne!(page::refresh("/", 1).await, Ok(first));
        assert_eq!(page::uncached("", None, 1).await, Err("no path".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn what_was_removed_or_ended_too_long_ago_is_not_shown() {
    static RUNS: Runs = Runs::new();

    #[cached(ttl = 10, keep_for_revalidation = "1m", previous = old)]
    async fn shown(key: u64, old: Option<u64>) -> u64 {
        RUNS.count();
        old.map_or(key, |old| old + 1)
    }

    apart(|clock| async move {
        assert_eq!(shown(7).await, 7);
        clock.advance(Duration::from_secs(69));
        assert_eq!(shown(7).await, 8);
        clock.advance(Duration::from_secs(70));
        assert_eq!(shown(7).await, 7);
        shown::invalidate(7).await;
        assert_eq!(shown(7).await, 7);
        shown::expire(7).await;
        assert_eq!(shown(7).await, 8);
        assert_eq!(RUNS.so_far(), 5);
    })
    .await;
}

#[test]
fn a_function_on_a_thread_is_shown_it_too() {
    #[cached(ttl = 10, keep_for_revalidation = "1m", previous = old)]
    fn grows(old: Option<Option<u64>>, key: u64) -> Option<Option<u64>> {
        Some(old.flatten().map(|old| old + key).or(Some(key)))
    }

    Toolkit::in_memory().scope_sync(|| {
        assert_eq!(grows(7), Some(Some(7)));
        grows::expire(7);
        assert_eq!(grows(7), Some(Some(14)));
    });
}

trait Prices {
    async fn price(&self, item: &str) -> u64;
}

struct Shop {
    id: u64,
    stock: Cache<(u64, String), u64>,
}

impl Prices for Shop {
    #[cached(ttl = 10, refresh_after = 0.5, previous = old, key = "{self.id}:{item}")]
    async fn price(&self, item: &str, old: Option<u64>) -> u64 {
        old.map_or(item.len() as u64, |old| old + self.id)
    }
}

impl Shop {
    #[cached(cache = self.stock, key = (self.id, item), previous = old, timeout = "1m")]
    pub(crate) async fn stock(&self, old: Option<u64>, item: &str) -> anyhow::Result<u64> {
        Ok(old.map_or(item.len() as u64, |old| old + self.id))
    }
}

#[tokio::test]
async fn methods_are_shown_it_too() {
    apart(|clock| async move {
        let stock = Toolkit::current().cache("stock");
        let stock = stock.ttl(Duration::from_secs(10));
        let stock = stock.keep_for_revalidation(Duration::from_secs(60));
        let shop = Shop {
            id: 100,
            stock: stock.build().unwrap(),
        };
        assert_eq!(shop.price("apple").await, 5);
        clock.advance(Duration::from_secs(5));
        assert_eq!(shop.price("apple").await, 105);
        assert_eq!(shop.stock("pear").await.unwrap(), 4);
        clock.advance(Duration::from_secs(10));
        assert_eq!(shop.stock("pear").await.unwrap(), 104);
    })
    .await;
}
