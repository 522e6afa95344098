//! Each tenant has a toolkit, and a request runs in the scope of its tenant's.

use std::sync::atomic::{AtomicU64, Ordering};

use tower_redis::testing::{FarServer, ManualClock};
use tower_redis::{Toolkit, cached};

static RUNS: AtomicU64 = AtomicU64::new(0);

#[cached(ttl = 60)]
async fn plan() -> u64 {
    RUNS.fetch_add(1, Ordering::SeqCst)
}

#[tokio::test]
async fn two_tenants_share_nothing() {
    let clock = ManualClock::new();
    // two instances of each; what stands for a namespace here is a server of its own
    let [acme, bolt] = [(); 2].map(|()| {
        let server = FarServer::new(&clock);
        [(); 2].map(|()| {
            let builder = Toolkit::builder().clock(clock.clock());
            builder.far(&server.process()).build().unwrap()
        })
    });
    let ask = async |toolkit: &Toolkit| toolkit.scope(plan()).await;
    let (first, second) = (ask(&acme[0]).await, ask(&bolt[0]).await);
    assert_ne!(first, second);
    assert_eq!(
        ask(&acme[1]).await,
        first,
        "instances of one tenant do share"
    );
    assert_eq!(ask(&bolt[1]).await, second);
    acme[0].scope(plan::invalidate()).await;
    assert_eq!(ask(&bolt[1]).await, second);
    assert_ne!(ask(&acme[1]).await, first);
}
