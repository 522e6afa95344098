//! A process that reads and writes, and prints what it did.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tests::resp::Client;
use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach};
use tower_redis::config::{Process, Source as _};

use crate::deed::{Deed, now};
use crate::log::Log;
use crate::random::Random;

/// Keys start with the letter of their group, which is their tag and their prefix.
const GROUPS: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// Keys of a group.
const KEYS: u64 = 8;

/// What runs at the same time in each process.
const TASKS: u64 = 8;

fn variable(name: &str) -> String {
    Process.get(name).unwrap().into_string().unwrap()
}

/// The process. It is told where the truth is, how long to go on, and a seed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn a_worker() {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let toolkit = Toolkit::from_env().unwrap();
    let cache = toolkit.cache::<String, u64>("history");
    let cache = cache.ttl(Duration::from_secs(3_600)).build().unwrap();
    let truth = PathBuf::from(variable("TRUTH"));
    let ends = now() + variable("MICROSECONDS").parse::<u64>().unwrap();
    let seed: u64 = variable("SEED").parse().unwrap();

    let log = Arc::<Log>::default();
    let tasks = (0..TASKS).map(|task| {
        let worker = Worker {
            cache: cache.clone(),
            truth: Client::unix(&truth).unwrap(),
            random: Random::new(seed * 1_000 + task),
            log: Arc::clone(&log),
        };
        tokio::spawn(worker.works(ends))
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    println!();
    log.print();
    println!("{:?}", cache.stats());
}

struct Worker {
    cache: Cache<String, u64>,
    truth: Client,
    random: Random,
    log: Arc<Log>,
}

impl Worker {
    async fn works(mut self, ends: u64) {
        while now() < ends {
            // writes are rare, so that what a process does not hear of is old for longer than any bound before
            // it makes an end to it itself
            match self.random.below(2_000) {
                0..4 => self.write_key().await,
                4 => self.write_group(true).await,
                5 => self.write_group(false).await,
                _ => self.read().await,
            }
            if self.random.below(2) == 0 {
                tokio::time::sleep(self.random.up_to(4)).await;
            }
        }
    }

    fn group(&mut self) -> &'static str {
        GROUPS[self.random.below(GROUPS.len() as u64) as usize]
    }

    fn key(&mut self) -> String {
        format!("{}{}", self.group(), self.random.below(KEYS))
    }

    async fn read(&mut self) {
        let key = self.key();
        let pause = self.random.up_to(3);
        let (cache, truth) = (self.cache.clone(), &mut self.truth);
        let began = now();
        let entry = cache.entry(&key).tags(&[group(&key)]);
        let name = key.as_str();
        let load = move || async move {
            // the time in which what was just read may become old
            let version = truth.call(&["GET", name]);
            tokio::time::sleep(pause).await;
            Ok::<_, Infallible>(if version == tests::resp::Reply::Nil {
                0
            } else {
                version.int() as u64
            })
        };
        let found = entry.get_or_load(load).await;
        self.log
            .read(key, found.value.unwrap(), found.status, began);
    }

    fn write(&mut self, key: &str) -> u64 {
        self.truth.call(&["INCR", key]).int() as u64
    }

    async fn write_key(&mut self) {
        let key = self.key();
        let version = self.write(&key);
        let invalidated = self.cache.invalidate(&key).await;
        self.wrote(&[(key, version)], "key", invalidated.reach);
    }

    async fn write_group(&mut self, by_tag: bool) {
        let group = self.group();
        let keys = (0..KEYS).map(|number| format!("{group}{number}"));
        let written: Vec<_> = keys
            .map(|key| {
                let version = self.write(&key);
                (key, version)
            })
            .collect();
        let (how, invalidated) = if by_tag {
            ("tag", self.cache.invalidate_tags(&[group]).await)
        } else {
            ("prefix", self.cache.invalidate_prefix(group).await.unwrap())
        };
        self.wrote(&written, how, invalidated.reach);
    }

    fn wrote(&self, written: &[(String, u64)], how: &str, reach: Reach) {
        let returned = now();
        for (key, version) in written {
            self.log.wrote(Deed::Wrote {
                key: key.clone(),
                version: *version,
                how: how.to_owned(),
                everywhere: reach == Reach::Everywhere,
                returned,
            });
        }
    }
}

fn group(key: &str) -> &str {
    key.get(..1).unwrap_or_default()
}
