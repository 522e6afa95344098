//! Invalidations that wait for a real Redis, and who waits for them.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tests::canary::canary;
use tests::{RedisServer, eventually};
use tower_redis::cache::{Cache, Reach, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::{Toolkit, cached};

use super::support::{TTL, poll};

fn toolkit(url: &str) -> Toolkit {
    let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", "5s")]);
    let settings = Settings::read(&variables).unwrap();
    Toolkit::builder().settings(settings).build().unwrap()
}

fn numbers(toolkit: &Toolkit) -> Cache<u64, u64> {
    toolkit.cache("numbers").ttl(TTL).build().unwrap()
}

async fn read(cache: &Cache<u64, u64>, key: u64, says: u64) -> (u64, Status) {
    let load = || async move { Ok::<_, Infallible>(says) };
    let found = cache.entry(&key).get_or_load(load).await;
    (found.value.unwrap(), found.status)
}

#[cached(ttl = 60)]
fn double(of: u64) -> u64 {
    of * 2
}

/// A thread that waits on a lookup drives nothing else; what the lookup waits for must not be one of the
/// tasks of that thread.
#[test]
fn a_thread_that_waits_does_not_wait_for_its_own_tasks() {
    let server = RedisServer::start();
    let url = server.url();
    let (done, is_done) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let toolkit = toolkit(&url);
            let cache = numbers(&toolkit);
            for key in 0..20 {
                read(&cache, key, 1).await;
                {
                    let mut given_up = pin!(cache.invalidate(&key));
                    assert!(poll(given_up.as_mut()).is_pending());
                }
                let reader = tokio::spawn({
                    let cache = cache.clone();
                    async move { read(&cache, key, 2).await.0 }
                });
                tokio::task::yield_now().await;
                assert_eq!(toolkit.scope_sync(|| double(key)), key * 2);
                assert_eq!(reader.await.unwrap(), 2);
            }
        });
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(60)).unwrap();
}

/// One that Redis refuses concerns its own keys and no others.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_is_refused_holds_up_what_it_concerns_and_nothing_else() {
    let server = RedisServer::start();
    let user = canary("user");
    server.cli(&["ACL", "SETUSER", &user, "-scan"]);
    let toolkit = toolkit(&server.url());
    let cache = numbers(&toolkit);
    for key in [17, 28] {
        cache.put(&key, 1, TTL).await;
    }
    let told = cache.invalidate_prefix("1").await.unwrap();
    assert_eq!(told.reach, Reach::Pending);
    assert_eq!(read(&cache, 17, 2).await, (2, Status::Loaded));
    server.cli(&["SET", "user:1", "7"]);
    let users: Cache<u64, u64> = toolkit.cache("users").exact_keys("user:").build().unwrap();
    assert_eq!(read(&users, 1, 2).await, (7, Status::Far));

    // nor does it hold up what is owed for another reason
    server.cli(&[
        "ACL",
        "SETUSER",
        &user,
        "resetkeys",
        "~tr:*",
        "~l:*",
        "~user:2",
    ]);
    let users_of = |toolkit: &Toolkit| -> Cache<u64, u64> {
        toolkit.cache("users").exact_keys("user:").build().unwrap()
    };
    let users = users_of(&toolkit);
    assert_eq!(users.invalidate(&1).await.reach, Reach::Pending);
    server.cli(&["SET", "user:2", "7"]);
    {
        // given up half-way, unless another thread was quick enough to answer
        let mut given_up = pin!(users.invalidate(&2));
        let _ = poll(given_up.as_mut());
    }
    assert_eq!(read(&users, 2, 5).await, (5, Status::Loaded));
    assert_eq!(server.cli(&["GET", "user:2"]).text(), "5");
    server.cli(&["ACL", "SETUSER", &user, "allkeys"]);

    server.cli(&["ACL", "SETUSER", &user, "+scan"]);
    eventually("what was refused is done", || {
        let keys = server.cli(&["KEYS", "*:17"]);
        keys.items().is_empty()
    });
}
