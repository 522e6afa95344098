//! Two processes, their Redis, and who makes trouble.

use std::time::Duration;

use tests::{Program, Proxy, RedisServer, Target};

use crate::checker::too_old;
use crate::deed::{Deed, now};
use crate::random::Random;
use crate::trouble;

/// What is done while Redis does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Grace,
    Strict,
}

/// How long an entry is used after the feed was last live, and how long what was loaded in an outage is.
const GRACE: &str = "1s";

impl Mode {
    /// The bound that the library states for other processes: two seconds of silence on the feed and a
    /// tenth; and in an outage the grace on top.
    fn bound(self) -> Duration {
        match self {
            Self::Grace => Duration::from_millis(3_100),
            Self::Strict => Duration::from_millis(2_100),
        }
    }

    fn outage(self) -> &'static str {
        match self {
            Self::Grace => "grace",
            Self::Strict => "strict",
        }
    }
}

pub(crate) async fn play(mode: Mode, length: Duration) {
    let (truth, redis) = (RedisServer::start(), RedisServer::start());
    let seed = now();
    println!("seed {seed}");
    let ends = now() + u64::try_from(length.as_micros()).unwrap();
    let processes = (0..2).map(|process| {
        let seed = seed + process;
        let proxy = Proxy::before(Target::Unix(redis.socket()));
        let worker = Program::new(std::env::current_exe().unwrap())
            .arg("--ignored")
            .arg("--exact")
            .arg("worker::a_worker")
            .arg("--nocapture")
            .env("REDIS_URL", proxy.url())
            .env("CACHE_OUTAGE", mode.outage())
            .env("CACHE_OUTAGE_GRACE", GRACE)
            .env("CACHE_OUTAGE_TTL", GRACE)
            .env("TRUTH", truth.socket())
            .env("MICROSECONDS", length.as_micros().to_string())
            .env("SEED", seed.to_string());
        let worker = tokio::task::spawn_blocking(move || worker.run());
        tokio::spawn(async move {
            trouble::make(&proxy, Random::new(seed), ends).await;
            let ended = worker.await.unwrap();
            (ended, proxy.counts().connections)
        })
    });
    let mut histories = Vec::new();
    for process in processes.collect::<Vec<_>>() {
        let (ended, connections) = process.await.unwrap();
        assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
        let history: Vec<Deed> = ended
            .stdout
            .lines()
            .filter_map(|line| line.parse().ok())
            .collect();
        let stats = ended
            .stdout
            .lines()
            .find(|line| line.starts_with("CacheStats"));
        println!(
            "{} deeds, {connections} connections, {}",
            history.len(),
            stats.unwrap_or_default()
        );
        histories.push(history);
    }
    let told = too_old(&histories, mode.bound());
    assert!(
        told.is_empty(),
        "{} reads were too old:\n{}",
        told.len(),
        told[..told.len().min(20)].join("\n")
    );
    is_worth_something(&histories);
}

/// A history in which nothing could go wrong shows nothing.
fn is_worth_something(histories: &[Vec<Deed>]) {
    for (process, history) in histories.iter().enumerate() {
        let count = |is: &dyn Fn(&Deed) -> bool| history.iter().filter(|deed| is(deed)).count();
        for wanted in ["Near", "Far", "Loaded"] {
            let found =
                count(&|deed| matches!(deed, Deed::Read { status, .. } if status == wanted));
            assert!(
                found > 10,
                "process {process} had {found} reads that were {wanted}"
            );
        }
        for wanted in ["key", "tag", "prefix"] {
            let found = count(
                &|deed| matches!(deed, Deed::Wrote { how, everywhere: true, .. } if how == wanted),
            );
            assert!(
                found > 10,
                "process {process} invalidated {found} times by {wanted}"
            );
        }
        let pending = count(&|deed| {
            matches!(
                deed,
                Deed::Wrote {
                    everywhere: false,
                    ..
                }
            )
        });
        assert!(pending > 0, "process {process} was never cut off");
    }
}
