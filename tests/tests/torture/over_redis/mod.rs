//! Two processes of the operating system for each mode, over a Redis to which everything happens.
//!
//! `TORTURE_SECONDS` says how long; `./tests/torture --minutes 10` runs it for longer than a test run has time for.

mod crowd;
mod fleet;
mod process;
mod source;
mod stats;
mod weather;

use tests::canary;
use tests::torture::{Event, Reach, Span, What};
use tests::{Proxy, RedisServer, Target};

use self::crowd::Crowd;
use self::fleet::{Fleet, PROCESSES, Run};
use self::weather::Weather;
use tests::Random;

const MODES: [&str; 2] = ["grace", "strict"];

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nothing_that_happens_to_redis_breaks_a_promise() {
    let run = Run::of(20);
    let redis = RedisServer::start();
    let mut proxies = Vec::new();
    let fleets = MODES.map(|mode| {
        // a way of its own for each process
        let own = [(); PROCESSES].map(|()| Proxy::before(Target::Unix(redis.socket())));
        let fleet = Fleet::start(&run, &redis, mode, own.each_ref().map(Proxy::url));
        proxies.extend(own);
        fleet
    });
    let mut weather = Weather::over(redis, proxies, run.clock, Random::new(run.seed));
    while !(run.is_over() && weather.has_gone_round()) {
        weather.change().await;
    }
    fleets.iter().for_each(Fleet::stop);
    for (at, fleet) in fleets.into_iter().enumerate() {
        let (history, _) = fleet.ended(&run, weather.of_mode(at, PROCESSES));
        let pending = history.events().iter().filter(|event| {
            matches!(&event.what, What::Invalidate { reach, .. } if *reach == Reach::Pending)
        });
        assert!(pending.count() > 0, "nobody was ever cut off");
    }
}

/// Of so many lookups one may find that Redis has lost a token, where everything is evicted that was not
/// used for half a second.
const RARE: u64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn nor_does_what_redis_evicts() {
    // longer than a process remembers a token without another look at it
    let run = Run::of(12);
    let mode = MODES[0];
    let mut scenes = ["allkeys-lru", "volatile-ttl"].map(|policy| {
        let crowd = Crowd::around(policy, ["g", "t"].map(|class| format!("{mode}:{class}:")));
        let urls = [(); PROCESSES].map(|()| crowd.redis.url());
        let fleet = Fleet::start(&run, &crowd.redis, mode, urls);
        (crowd, fleet)
    });
    let begin = run.clock.now();
    while !run.is_over() {
        for (crowd, _) in &mut scenes {
            crowd.write().await;
        }
    }
    scenes.iter().for_each(|(_, fleet)| fleet.stop());
    for (crowd, fleet) in scenes {
        // anything may be gone at any time
        let evictions = Event {
            process: 0,
            span: Span::new(begin, run.clock.now()),
            what: What::Wiped,
        };
        let (_, stats) = fleet.ended(&run, [evictions]);
        let policy = crowd.policy;
        let (evicted, tokens) = crowd.evicted();
        let (lost, lookups) = (stats.lost_tokens, stats.lookups);
        println!(
            "{policy}: {evicted} keys were evicted, {tokens} of them tokens; {lost} were missed in {lookups} lookups"
        );
        assert!(evicted > 1_000, "{policy}: {evicted} keys were evicted");
        assert!(lost <= tokens, "{policy}: {lost} of {tokens}");
        assert!(lost * RARE <= lookups, "{policy}: {lost} in {lookups}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn a_process() {
    canary::listen();
    process::run(fleet::orders()).await;
}
