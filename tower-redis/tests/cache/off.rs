//! `CACHE_ENABLED=false`: as if there were no cache.

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Status};
use tower_redis::config::{Settings, Variables};

use crate::{HOUR, brings};

#[tokio::test]
async fn every_call_loads_and_nothing_is_stored() {
    let settings = Settings::read(&Variables::from([("CACHE_ENABLED", "false")])).unwrap();
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    let cache: Cache<u64, u64> = toolkit.cache("n").build().unwrap();
    for value in [1, 2] {
        let lookup = cache.entry(&1).get_or_load(|| brings(value)).await;
        assert_eq!((lookup.value, lookup.status), (Ok(value), Status::Bypass));
        let lookup = cache
            .entry(&1)
            .get_or_load_detached(move || brings(value))
            .await;
        assert_eq!((lookup.value, lookup.status), (Ok(value), Status::Bypass));
    }
    let in_code = Toolkit::builder().caching(false).build().unwrap();
    assert_eq!(in_code.settings(), toolkit.settings());
    cache.put(&1, 3, HOUR).await;
    assert_eq!(cache.get(&1).await, None);
    let stats = cache.stats();
    assert_eq!((stats.bypassed, stats.entries, stats.near_hits), (4, 0, 0));
}
