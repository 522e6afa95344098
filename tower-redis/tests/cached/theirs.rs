//! Values that another program keeps under the keys of a function.

use std::time::Duration;

use tower_redis::cache::Status;
use tower_redis::testing::{FarServer, ManualClock};
use tower_redis::{Toolkit, cached};

#[cached(key = "theirs:{id}", ttl = |name| name.len() as u64 * 10, negative_ttl = "500ms")]
async fn name_of(id: u64) -> Option<String> {
    unreachable!("{id} is in Redis")
}

#[cached(key = "theirs:too:{id}", ttl = 60, negative_ttl = "500ms")]
async fn number_of(id: u64) -> Option<u64> {
    unreachable!("{id} is in Redis")
}

/// Theirs have no end, and their copies in this process have that of the function.
#[tokio::test]
async fn a_copy_of_nothing_ends_with_negative_ttl() {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let builder = Toolkit::builder().clock(clock.clock());
    let toolkit = builder.far(&server.process()).build().unwrap();
    server.set("theirs:7", "null", None);
    server.set("theirs:too:7", "null", None);
    toolkit
        .scope(async {
            let name = async || name_of::lookup(7).await.status;
            let number = async || number_of::lookup(7).await.status;
            assert_eq!((name().await, number().await), (Status::Far, Status::Far));
            clock.advance(Duration::from_millis(400));
            assert_eq!((name().await, number().await), (Status::Near, Status::Near));
            clock.advance(Duration::from_millis(200));
            assert_eq!((name().await, number().await), (Status::Far, Status::Far));
        })
        .await;
}
