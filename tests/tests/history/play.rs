//! Two processes, their Redis, and who makes trouble.

use std::collections::BTreeMap;
use std::time::Duration;

use tests::{Ended, Program, Proxy, RedisOptions, RedisServer, Target};

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

/// What is played.
#[derive(Debug)]
pub(crate) struct Play {
    mode: Mode,
    length: Duration,
    trouble: bool,
    evicts: Option<&'static str>,
}

/// One process, when all is over.
struct Played {
    history: Vec<Deed>,
    /// How many reads there were of each status.
    counts: BTreeMap<String, u64>,
}

impl Play {
    /// Two processes, and nothing happens to their connections.
    pub(crate) fn of(mode: Mode, length: Duration) -> Self {
        Self {
            mode,
            length,
            trouble: false,
            evicts: None,
        }
    }

    /// Their connections are cut, held, delayed and lost.
    pub(crate) fn with_trouble(mut self) -> Self {
        self.trouble = true;
        self
    }

    /// Redis has no room for all that is written there, and evicts by this policy.
    pub(crate) fn with_little_memory(mut self, policy: &'static str) -> Self {
        self.evicts = Some(policy);
        self
    }

    /// Plays it, and checks what was read.
    pub(crate) async fn run(self) {
        let truth = RedisServer::start();
        let mut options = RedisOptions::new();
        if let Some(policy) = self.evicts {
            options = options
                .set("maxmemory", "3mb")
                .set("maxmemory-policy", policy);
        }
        let redis = options.start();
        let seed = now();
        println!("seed {seed}");
        let ends = now() + u64::try_from(self.length.as_micros()).unwrap();
        let processes = (0..2).map(|process| {
            let seed = seed + process;
            let proxy = Proxy::before(Target::Unix(redis.socket()));
            let worker = self.worker(&proxy, &truth, seed);
            let (length, trouble) = (self.length, self.trouble);
            let worker = tokio::task::spawn_blocking(move || worker.run_for(length));
            tokio::spawn(async move {
                if trouble {
                    trouble::make(&proxy, Random::new(seed), ends).await;
                }
                worker.await.unwrap()
            })
        });
        let processes: Vec<_> = processes.collect();
        if self.evicts.is_some() {
            fill(&redis, ends).await;
        }
        let mut played = Vec::new();
        for process in processes {
            played.push(Played::of(&process.await.unwrap()));
        }
        let histories: Vec<_> = played.iter().map(|played| &played.history[..]).collect();
        let told = too_old(&histories, self.mode.bound());
        assert!(
            told.is_empty(),
            "{} reads were too old:\n{}",
            told.len(),
            told[..told.len().min(20)].join("\n")
        );
        // a history in which nothing could go wrong shows nothing
        for process in &played {
            process.is_worth_something(self.trouble);
        }
        if self.evicts.is_some() {
            let evicted: u64 = redis.info("evicted_keys").parse().unwrap();
            assert!(evicted > 1_000, "{evicted} keys were evicted");
        }
    }

    fn worker(&self, proxy: &Proxy, truth: &RedisServer, seed: u64) -> Program {
        Program::new(std::env::current_exe().unwrap())
            .arg("--ignored")
            .arg("--exact")
            .arg("worker::a_worker")
            .arg("--nocapture")
            .env("REDIS_URL", proxy.url())
            .env("CACHE_OUTAGE", self.mode.outage())
            .env("CACHE_OUTAGE_GRACE", GRACE)
            .env("CACHE_OUTAGE_TTL", GRACE)
            .env("TRUTH", truth.socket())
            .env("MICROSECONDS", self.length.as_micros().to_string())
            .env("SEED", seed.to_string())
    }
}

/// Writes what nobody reads, so that there is no room for what is.
async fn fill(redis: &RedisServer, ends: u64) {
    let mut client = redis.client();
    let value = "x".repeat(1_000);
    let mut number = 0;
    while now() < ends {
        for _ in 0..20 {
            number += 1;
            client.call(&["SET", &format!("fill:{number}"), &value, "EX", "3600"]);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

impl Played {
    #[track_caller]
    fn of(ended: &Ended) -> Self {
        assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
        let lines = || ended.stdout.lines();
        let stats = lines().find(|line| line.starts_with("CacheStats"));
        println!("{}", stats.unwrap_or_default());
        let count = |line: &str| {
            let (status, count) = line.strip_prefix("count ")?.split_once(' ')?;
            Some((status.to_owned(), count.parse().ok()?))
        };
        Self {
            history: lines().filter_map(|line| line.parse().ok()).collect(),
            counts: lines().filter_map(count).collect(),
        }
    }

    #[track_caller]
    fn is_worth_something(&self, trouble: bool) {
        for wanted in ["Near", "Far", "Loaded"] {
            let found = self.counts.get(wanted).copied().unwrap_or(0);
            assert!(found > 10, "{found} reads were {wanted}");
        }
        let told = |by: &str, reached: bool| {
            let is = |deed: &&Deed| matches!(deed, Deed::Wrote { how, everywhere, .. } if how == by && *everywhere == reached);
            self.history.iter().filter(is).count()
        };
        let by = ["key", "tag", "prefix"];
        for wanted in by {
            let found = told(wanted, true);
            assert!(
                found > 2,
                "{found} invalidations by {wanted} reached everywhere"
            );
        }
        let pending: usize = by.iter().map(|by| told(by, false)).sum();
        assert!(pending > 0 || !trouble, "it was never cut off");
    }
}
