//! Loads that fail, and values that cannot be written.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;

use serde::{Deserialize, Serialize};
use tokio::runtime::Builder;
use tower_redis::cache::{Cache, Shared};
use tower_redis::cached;

use crate::instance::{Instance, Person, TTL};
use crate::said::Said;
use tests::canary::{NUMBER, canary};

/// The error of a load, which is between the load and who called it.
#[derive(Debug)]
pub(crate) struct Failed(pub(crate) String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

/// A value that has no place in JSON, and an error that quotes it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom(canary("value")))
    }
}

impl Instance {
    pub(crate) async fn loads_that_fail(&self, said: &mut Said) {
        let key = canary("failing");
        let fails = || async { Err::<Person, _>(Failed(canary("error"))) };
        let error = self.people.get_or_load(&key, fails).await.unwrap_err();
        assert_eq!(error.0, canary("error"));
        let looked = self.people.entry(&key).get_or_load_detached(fails).await;
        said.debug(&looked);

        let people = self.people.clone();
        let panicking = tokio::spawn(async move {
            let load = || async {
                assert_eq!(1, 2, "a load panics");
                Ok::<_, Infallible>(Person::new())
            };
            people
                .get_or_load_detached(&canary("panicking"), load)
                .await
        });
        said.display(&panicking.await.unwrap_err());
        let people = self.people.clone();
        let panicking = tokio::spawn(async move {
            let load = || async {
                let none: Vec<Result<Person, Infallible>> = Vec::new();
                none.into_iter().next().unwrap()
            };
            people.get_or_load(&canary("panicking"), load).await
        });
        said.display(&panicking.await.unwrap_err());

        // what waits for another call's error gets it wrapped; on one thread both have asked before a load can run
        let toolkit = self.toolkit.clone();
        let both = tokio::task::spawn_blocking(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(toolkit.scope(async { tokio::join!(fail(), fail()) }))
        });
        let (one, other) = both.await.unwrap();
        let shared = [one, other]
            .into_iter()
            .filter_map(|answer| answer.unwrap_err().downcast::<Shared>().ok());
        said.error(&*shared.last().unwrap());

        let unwritable: Cache<String, Unwritable> =
            self.toolkit.cache("unwritable").build().unwrap();
        unwritable.put(&canary("key"), Unwritable, TTL).await;
        let tables: Cache<String, BTreeMap<(String, u64), String>> =
            self.toolkit.cache("tables").build().unwrap();
        let table = [((canary("value"), NUMBER), canary("value"))];
        tables.put(&canary("key"), table.into(), TTL).await;
        assert_eq!(tables.stats().unwritable, 1);
        assert_eq!(unwritable.stats().unwritable, 1);
        said.debug(&unwritable.stats());
    }
}

#[cached(ttl = 60)]
async fn fail() -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    tokio::task::yield_now().await;
    Err("it failed".into())
}
