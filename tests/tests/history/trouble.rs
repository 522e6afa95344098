//! What happens to the connections of one process.

use std::time::Duration;

use tests::Proxy;

use crate::deed::now;
use crate::random::Random;

/// Makes trouble until `ends`, and restores everything.
pub(crate) async fn make(proxy: &Proxy, mut random: Random, ends: u64) {
    while now() < ends {
        match random.below(12) {
            // one of several connections: values, leases, the feed
            0..6 => proxy.cut_one(random.below(1 << 32)),
            6 => proxy.cut(),
            7 => lasts(proxy, Proxy::hold, random.up_to(1_500)).await,
            8 => {
                proxy.refuse();
                lasts(proxy, Proxy::cut, random.up_to(1_500)).await;
            }
            // nobody is told that they are lost
            9 => lasts(proxy, Proxy::black_hole, random.up_to(1_000)).await,
            _ => {
                let (there, back) = (random.up_to(30), random.up_to(30));
                lasts(proxy, |proxy| proxy.delay(there, back), random.up_to(300)).await;
            }
        }
        // part of the play: there has to be time in which all is well
        tokio::time::sleep(random.up_to(500)).await;
    }
    proxy.restore();
}

async fn lasts(proxy: &Proxy, trouble: impl FnOnce(&Proxy), time: Duration) {
    trouble(proxy);
    tokio::time::sleep(time).await;
    proxy.restore();
}
