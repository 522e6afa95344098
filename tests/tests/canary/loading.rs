//! Loads of many keys, of keys that nobody has asked for, and with what was there before.

use std::convert::Infallible;
use std::future::pending;
use std::mem;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_redis::cache::{Cache, CacheEvent, Fresh, TimedOut, within};

use crate::instance::{Instance, Person, TTL};
use crate::said::Said;
use tests::canary::canary;

impl Instance {
    pub(crate) async fn loads_in_other_ways(&self, said: &mut Said) {
        let keys = [canary("key"), canary("other")];
        said.debug(&self.people.entries(&keys).tags(&[canary("tag")]));
        let load = |_| async { Ok::<_, Infallible>(Person::new()) };
        said.debug(&self.people.warm(keys.clone()));
        said.debug(&self.people.warm(keys.clone()).run(load).await);
        said.debug(&self.people.warm(keys.clone()).every(TTL));
        let warming = self.people.warm(keys.clone()).every(TTL).start(load);
        said.debug(&warming.unwrap());

        let late = within(Duration::from_millis(1), pending::<Result<(), TimedOut>>());
        said.failure(late.await);
        self.leaves_and_is_shown(said).await;
    }

    async fn leaves_and_is_shown(&self, said: &mut Said) {
        let told = Arc::new(Mutex::new(Said::default()));
        let tell = Arc::clone(&told);
        let shown: Cache<String, Person> = self
            .toolkit
            .cache("shown")
            .ttl(TTL)
            .stale_if_error(TTL)
            .on_event(move |event| {
                let mut said = tell.lock().unwrap();
                said.debug(event);
                if let CacheEvent::Left { why, .. } = event {
                    said.debug(why);
                }
            })
            .build()
            .unwrap();
        let key = canary("key");
        shown.put(&key, Person::new(), TTL).await;
        shown.expire(&key).await;
        let mut before = None;
        let load = |old| {
            before = old;
            async { Ok::<_, Infallible>(Fresh::new(Person::new()).tag(canary("tag"))) }
        };
        shown.entry(&key).load_with(load).await.value.unwrap();
        said.debug(&before.unwrap());
        said.debug(&Fresh::new(Person::new()).tag(canary("tag")));
        shown.invalidate(&key).await;
        said.and(mem::take(&mut *told.lock().unwrap()));
    }
}
