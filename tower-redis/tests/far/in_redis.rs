//! What only a real server shows.

use std::convert::Infallible;
use std::thread;
use std::time::Duration;

use tests::{Proxy, RedisServer, Target, eventually, eventually_async};
use tokio::runtime::{Builder, Runtime};
use tower_redis::cache::{Cache, Reach, Status};
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached};

use super::support::TTL;

/// One process that uses the server of `url`.
pub(super) fn process(url: &str, clock: &ManualClock) -> Toolkit {
    // a busy machine is not what is tested here
    let variables = Variables::from([("REDIS_URL", url), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).unwrap();
    let builder = Toolkit::builder().settings(settings);
    builder.clock(clock.clock()).build().unwrap()
}

#[tokio::test]
async fn a_token_that_is_evicted_is_one_loss() {
    let server = RedisServer::start();
    let clock = ManualClock::new();
    let processes = [(); 3].map(|()| process(&server.url(), &clock));
    let caches = processes
        .each_ref()
        .map(|toolkit| toolkit.cache("numbers").ttl(TTL).build().unwrap());
    let read = async |process: usize, key: u64, tag: &str| {
        let load = || async { Ok::<_, Infallible>(key) };
        let found = caches[process].entry(&key).tags(&[tag]).get_or_load(load);
        found.await.status
    };
    let lost = || caches.each_ref().map(|cache| cache.stats().lost_tokens);
    assert_eq!(read(0, 1, "a").await, Status::Loaded);
    assert_eq!(read(1, 1, "a").await, Status::Far);
    assert_eq!(read(0, 2, "b").await, Status::Loaded);
    assert_eq!(lost(), [0, 0, 0]);

    // one that has never used it finds an entry that carries it
    assert_eq!(server.cli(&["DEL", "tr:t:b"]).int(), 1);
    assert_eq!(read(2, 2, "b").await, Status::Loaded);
    assert_eq!(read(2, 3, "b").await, Status::Loaded);
    assert_eq!(lost(), [0, 0, 1]);

    // what two have used is made anew by the one that asks first
    assert_eq!(server.cli(&["DEL", "tr:t:a"]).int(), 1);
    clock.advance(Duration::from_secs(11));
    assert_eq!(read(1, 4, "a").await, Status::Loaded);
    assert_eq!(lost(), [0, 1, 1]);
    assert_eq!(read(0, 4, "a").await, Status::Far);
    assert_eq!(lost(), [0, 1, 1]);
}

#[cached(ttl = 60)]
fn doubled(id: u64) -> u64 {
    id * 2
}

/// Calls the function as a process that has never called it, and uses Redis from its runtime as well.
async fn calls_it(server: RedisServer) {
    let toolkit = process(&server.url(), &ManualClock::new());
    let cache = toolkit.cache::<u64, u64>("numbers").ttl(TTL).build();
    let cache = cache.unwrap();
    cache.put(&1, 1, TTL).await;
    let status = || {
        let found = toolkit.scope_sync(|| doubled::lookup(21));
        assert_eq!(found.value, 42);
        found.status
    };
    assert_eq!(status(), Status::Far);
    eventually("invalidations are heard of", || status() == Status::Near);
    assert_eq!(cache.get(&1).await, Some(1));
    for cache in toolkit.stats().caches {
        assert_eq!(cache.far_failures, 0, "{cache:?}");
    }
}

#[test]
fn a_function_that_is_not_async_hits_far_from_inside_of_a_runtime() {
    let runtimes: [fn() -> Builder; 2] = [Builder::new_current_thread, Builder::new_multi_thread];
    let build = |builder: fn() -> Builder| -> Runtime {
        builder().worker_threads(1).enable_all().build().unwrap()
    };
    for builder in runtimes {
        for spawned in [false, true] {
            let server = RedisServer::start();
            let first = process(&server.url(), &ManualClock::new());
            assert_eq!(first.scope_sync(|| doubled(21)), 42);
            // one that hangs would hang the test
            let thread = thread::spawn(move || {
                let runtime = build(builder);
                if spawned {
                    runtime.block_on(runtime.spawn(calls_it(server))).unwrap();
                } else {
                    runtime.block_on(calls_it(server));
                }
            });
            eventually("it is answered", || thread.is_finished());
            thread.join().unwrap();
        }
    }
}

#[tokio::test]
async fn a_far_hit_is_one_command_and_one_round_trip() {
    let server = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(server.socket()));
    let toolkit = process(&proxy.url(), &ManualClock::new());
    let cache = toolkit.cache("numbers").ttl(TTL).capacity(1);
    let cache: Cache<u64, u64> = cache.build().unwrap();
    for tags in [&[][..], &["a", "b", "c"]] {
        let read = async |key: u64| {
            let load = || async move { Ok::<_, Infallible>(key) };
            let entry = cache.entry(&key).tags(tags);
            entry.get_or_load(load).await.status
        };
        let key = 10 * tags.len() as u64;
        for key in [key, key + 1] {
            assert_eq!(read(key).await, Status::Loaded);
        }
        let mut other = key;
        eventually_async("the feed is live, and only one of them near", || {
            let (this, before) = (other ^ 1, other);
            other = this;
            let read = &read;
            async move { read(this).await == Status::Far && read(before).await == Status::Far }
        })
        .await;
        let before = proxy.counts();
        const HITS: u64 = 20;
        let mut far = 0;
        for n in 0..HITS {
            far += u64::from(read(key + n % 2).await == Status::Far);
        }
        let passed = proxy.counts().since(&before);
        assert!(far >= HITS - 1, "{far}");
        // the connection that listens asks every second, and a heartbeat from time to time
        let pings = passed.command("PING") + passed.command("TIME");
        assert_eq!(passed.command("GET"), far, "{passed:?}");
        assert_eq!(passed.all_commands(), far + pings, "{passed:?}");
        assert!(passed.round_trips <= far + pings, "{passed:?}");
    }
}

/// Removing makes room, and telling others must not need any.
#[tokio::test]
async fn a_server_whose_memory_is_full_still_removes_and_tells() {
    let server = RedisServer::start();
    let clock = ManualClock::new();
    let processes = [(); 2].map(|()| process(&server.url(), &clock));
    let caches: [Cache<u64, u64>; 2] = processes
        .each_ref()
        .map(|toolkit| toolkit.cache("numbers").ttl(TTL).build().unwrap());
    let read = async |process: usize, value: u64| {
        let load = || async move { Ok::<_, Infallible>(value) };
        let entry = caches[process].entry(&1).tags(&["a"]);
        let found = entry.get_or_load(load).await;
        (found.value.unwrap(), found.status)
    };
    let full = |full: bool| {
        server.cli(&["CONFIG", "SET", "maxmemory", if full { "1" } else { "0" }]);
    };
    for how in 0..5 {
        let (old, new) = (2 * how, 2 * how + 1);
        eventually_async("the value is near both", || async {
            (read(0, old).await, read(1, old).await) == ((old, Status::Near), (old, Status::Near))
        })
        .await;
        full(true);
        match how {
            0 => assert_eq!(caches[0].invalidate(&1).await.reach, Reach::Everywhere),
            1 => {
                let told = processes[0].invalidate_tags(&["a"]).await;
                assert_eq!(told.reach, Reach::Everywhere);
            }
            2 => {
                let told = caches[0].invalidate_prefix("1").await.unwrap();
                assert_eq!(told.reach, Reach::Everywhere);
            }
            3 => {
                server.cli(&["PUBLISH", "cache:invalidate", "tr:c:numbers"]);
            }
            // it cannot be kept, so what was there goes
            _ => caches[0].put(&1, new, TTL).await,
        }
        eventually_async("the other hears of it", || async {
            read(1, new).await.0 == new
        })
        .await;
        // what carries a token that was replaced may stay, since nobody uses it
        let stay = usize::from(how == 1);
        eventually("what was invalidated is gone", || {
            let keys = server.cli(&["KEYS", "tr:c:*"]).texts();
            if keys.len() == stay {
                Ok(())
            } else {
                Err(keys)
            }
        });
        full(false);
        assert_eq!(caches[0].invalidate(&1).await.reach, Reach::Everywhere);
    }
}
