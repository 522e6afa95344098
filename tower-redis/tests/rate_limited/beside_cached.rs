//! On a function that is cached, and on one that invalidates.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_redis::{cached, invalidates, rate_limited};

use crate::support::{Told, alone};

static RUNS: AtomicU64 = AtomicU64::new(0);

/// How often it ran.
#[rate_limited(limit = 3, per = "1m", key = "{id}")]
#[cached(ttl = "1h")]
async fn runs(id: u64) -> Told<u64> {
    let _ = id;
    Ok(RUNS.fetch_add(1, Ordering::Relaxed) + 1)
}

#[tokio::test]
async fn every_call_counts_and_what_passes_is_looked_up() {
    alone(async {
        for _ in 0..3 {
            assert_eq!(runs(7).await.unwrap(), 1);
        }
        assert!(runs(7).await.is_err(), "a hit is counted as well");
        // what stands beside the function is that of the cache, and counts nothing
        assert_eq!(runs::peek(7).await.unwrap().unwrap(), 1);
        assert_eq!(runs::refresh(7).await.unwrap(), 2);
        runs::invalidate(7).await;
        assert!(runs::peek(7).await.is_none());
    })
    .await;
}

#[rate_limited(limit = 1, per = "1m")]
async fn ask_the_source(id: u64) -> Told<u64> {
    Ok(id)
}

#[cached(ttl = "1h")]
async fn asked(id: u64) -> Told<u64> {
    ask_the_source(id).await
}

#[tokio::test]
async fn a_limit_inside_counts_what_is_not_found_and_a_refusal_is_not_kept() {
    alone(async {
        for _ in 0..3 {
            assert_eq!(asked(1).await.unwrap(), 1);
        }
        assert!(asked(2).await.is_err());
        assert!(asked(2).await.is_err());
        assert!(asked::peek(2).await.is_none());
    })
    .await;
}

struct Shop {
    id: u64,
}

impl Shop {
    #[rate_limited(limit = 1, per = "1m", key = "{self.id}", name = "prices")]
    #[rate_limited(limit = 5, per = "1h", skip(self))]
    #[cached(ttl = "1h", key = "{self.id}:{item}")]
    pub(crate) async fn price(&self, item: &str) -> Told<usize> {
        Ok(item.len())
    }
}

#[tokio::test]
async fn a_method_may_have_several_limits_and_a_cache() {
    alone(async {
        let shop = Shop { id: 1 };
        assert_eq!(shop.price("tea").await.unwrap(), 3);
        assert_eq!(shop.price("tea").await.unwrap_err().policy(), "prices");
        assert!(shop.price_peek("tea").await.is_some());
    })
    .await;
}

#[invalidates(runs(id))]
#[rate_limited(limit = 1, per = "1m")]
async fn write(id: u64) -> Told {
    let _ = id;
    Ok(())
}

#[rate_limited(limit = 1, per = "1m")]
#[invalidates(runs(id))]
async fn write_too(id: u64) -> Told {
    let _ = id;
    Ok(())
}

#[tokio::test]
async fn what_is_refused_invalidates_nothing() {
    alone(async {
        for kept in [false, true] {
            runs::put(9, Ok(1)).await;
            assert_eq!(write(9).await.is_err(), kept);
            assert_eq!(runs::peek(9).await.is_some(), kept);
            runs::put(9, Ok(1)).await;
            assert_eq!(write_too(9).await.is_err(), kept);
            assert_eq!(runs::peek(9).await.is_some(), kept);
        }
    })
    .await;
}
