//! Two versions of a program, or two programs, over one Redis.

use std::convert::Infallible;
use std::fmt::Debug;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tests::RedisServer;
use tower_redis::cache::Status;
use tower_redis::testing::ManualClock;

use super::support::process;

const TTL: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Price {
    cents: u64,
    pieces: u64,
}

/// The same with its fields in another order.
mod reordered {
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    pub(super) struct Price {
        pub(super) pieces: u64,
        pub(super) cents: u64,
    }
}

mod one {
    #[tower_redis::cached(ttl = 60)]
    pub(super) async fn price(id: u64) -> super::Price {
        super::Price {
            cents: id,
            pieces: 1_000,
        }
    }

    #[tower_redis::cached(ttl = 60, key = "price:{id}", name = "exact")]
    pub(super) async fn exact(id: u64) -> super::Price {
        super::Price {
            cents: id,
            pieces: 1_000,
        }
    }
}

mod other {
    use super::reordered::Price;

    #[tower_redis::cached(ttl = 60)]
    pub(super) async fn price(id: u64) -> Price {
        Price {
            cents: id,
            pieces: 2_000,
        }
    }

    #[tower_redis::cached(ttl = 60, key = "price:{id}", name = "exact")]
    pub(super) async fn exact(id: u64) -> Price {
        Price {
            cents: id,
            pieces: 2_000,
        }
    }
}

/// Elsewhere: the second function reads the entry of the first with the two fields swapped.
#[tokio::test]
async fn x11_values_whose_fields_changed_places_are_never_swapped() {
    let server = RedisServer::start();
    let clock = ManualClock::new();
    let processes = [(); 2].map(|()| process(&server.url(), &clock));
    let by_one = Price {
        cents: 7,
        pieces: 1_000,
    };
    let by_hand = processes[0].cache("prices").build().unwrap();
    by_hand.put(&7, by_one.clone(), TTL).await;
    let filled = async {
        assert_eq!(one::price(7).await, by_one);
        assert_eq!(one::exact(7).await, by_one);
    };
    processes[0].scope(filled).await;

    // one function has nothing to do with another
    let found = processes[1].scope(other::price::lookup(7)).await;
    assert_eq!((found.value.cents, found.value.pieces), (7, 2_000));
    assert_eq!(found.status, Status::Loaded);
    // and where both say that they mean the same, fields are read by their names
    let found = processes[1].scope(other::exact::lookup(7)).await;
    assert_eq!((found.value.cents, found.value.pieces), (7, 1_000));
    assert_eq!(found.status, Status::Far);
    // while a cache under keys of ours takes the order of fields for a part of their shape
    let by_hand = processes[1].cache::<u64, reordered::Price>("prices");
    assert_eq!(by_hand.build().unwrap().get(&7).await, None);
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Old {
    id: u64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Added {
    id: u64,
    name: String,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Removed {
    id: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Needed {
    id: u64,
    name: String,
    rank: u8,
}

/// What two versions of a program find of each other under one name.
struct Deploy {
    server: RedisServer,
    clock: ManualClock,
}

impl Deploy {
    /// How the version with `value` is answered, which it loads if it has to.
    async fn run<V>(&self, value: V, exact: bool) -> (V, Status)
    where
        V: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static,
    {
        let process = process(&self.server.url(), &self.clock);
        let mut cache = process.cache::<u64, V>("users");
        if exact {
            cache = cache.exact_keys("user:");
        }
        let load = || async { Ok::<_, Infallible>(value) };
        let found = cache.build().unwrap().entry(&1).get_or_load(load).await;
        (found.value.unwrap(), found.status)
    }
}

/// Elsewhere: an error for every entry of the old version.
#[tokio::test]
async fn x12_a_field_that_comes_or_goes_is_no_error() {
    let old = || Old {
        id: 1,
        name: "old".to_owned(),
    };
    let added = |name: &str| Added {
        id: 1,
        name: name.to_owned(),
        tags: Vec::new(),
    };
    let needed = || Needed {
        id: 1,
        name: "new".to_owned(),
        rank: 3,
    };
    for exact in [false, true] {
        let deploy = Deploy {
            server: RedisServer::start(),
            clock: ManualClock::new(),
        };
        assert_eq!(deploy.run(old(), exact).await, (old(), Status::Loaded));
        // under keys of ours, another shape is another entry; other programs write what they like, and what
        // can be read of it is
        let (read, loaded) = if exact {
            (("old", 1), Status::Far)
        } else {
            (("new", 2), Status::Loaded)
        };
        assert_eq!(
            deploy.run(added("new"), exact).await,
            (added(read.0), loaded)
        );
        assert_eq!(
            deploy.run(Removed { id: 2 }, exact).await,
            (Removed { id: read.1 }, loaded)
        );
        assert_eq!(
            deploy.run(needed(), exact).await,
            (needed(), Status::Loaded)
        );
        // and the old version, which still runs beside the new one, is no worse off
        let (found, _) = deploy.run(old(), exact).await;
        assert_eq!(found.id, 1);
    }
}
