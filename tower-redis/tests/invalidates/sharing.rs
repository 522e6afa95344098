//! What other processes see of it, and what is left when Redis is away.

use std::future::Future;
use std::pin::pin;

use tokio::sync::Notify;
use tower_redis::testing::{FarServer, ManualClock};
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, poll, user};

fn toolkits() -> (FarServer, [(tower_redis::testing::FarProcess, Toolkit); 2]) {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let processes = [server.process(), server.process()];
    let both = processes.map(|far| {
        let builder = Toolkit::builder().clock(clock.clock());
        let toolkit = builder.far(&far).build().unwrap();
        (far, toolkit)
    });
    (server, both)
}

#[cached(key = "shared:{id}")]
async fn shared(id: u64) -> u64 {
    id
}

#[cached(key = "shared:{id}:more")]
async fn more(id: u64) -> u64 {
    id
}

#[invalidates(user("acme", id), shared(id), tags("org:other"), pattern("shared:{id}:*"), clear(by_generation))]
async fn everything(id: u64) {}

#[cached]
async fn by_generation(id: u64) -> u64 {
    id
}

async fn fill() {
    user("acme", 7).await;
    user("other", 7).await;
    shared(7).await;
    more(7).await;
    by_generation(1).await;
    user("acme", 8).await;
}

async fn all() -> [bool; 6] {
    [
        kept("acme", 7).await,
        kept("other", 7).await,
        shared::peek(7).await.is_some(),
        more::peek(7).await.is_some(),
        by_generation::peek(1).await.is_some(),
        kept("acme", 8).await,
    ]
}

const WRONG: [bool; 6] = [false, false, false, false, false, true];

#[tokio::test]
async fn every_process_is_told() {
    let (_server, [(_, here), (_, there)]) = toolkits();
    here.scope(fill()).await;
    assert_eq!(there.scope(all()).await, [true; 6]);
    here.scope(everything(7)).await;
    assert_eq!(here.scope(all()).await, WRONG);
    assert_eq!(there.scope(all()).await, WRONG);
}
