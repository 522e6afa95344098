//! The keys of a run, and the ways to invalidate them.

use serde::{Deserialize, Serialize};
use tests::canary::{WORD, canary};
use tests::torture::{Key, Reach, Status, Version, What};
use tower_redis::Toolkit;
use tower_redis::cache::{self, Cache};

/// How many keys there are.
pub(crate) const KEYS: u64 = 6;

/// They are in two halves with a prefix each.
pub(crate) const PREFIXES: [&str; 2] = ["left", "right"];

/// And carry two of three tags.
pub(crate) const TAGS: [&str; 3] = ["red", "green", "blue"];

/// How to invalidate.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    Key(Key),
    Tag(usize),
    Prefix(usize),
    All,
}

impl How {
    /// The keys that it concerns.
    pub(crate) fn keys(self) -> Vec<Key> {
        let all = 0..KEYS;
        match self {
            Self::Key(key) => vec![key],
            Self::Tag(tag) => all.filter(|key| tags_of(*key).contains(&tag)).collect(),
            Self::Prefix(prefix) => all.filter(|key| half(*key) == prefix).collect(),
            Self::All => all.collect(),
        }
    }

    /// Does it, and tells what was done.
    pub(crate) async fn invalidate(self, toolkit: &Toolkit, cache: &Cache<String, Value>) -> What {
        let answer = match self {
            Self::Key(key) => cache.invalidate(name(key).as_str()).await,
            Self::Tag(tag) => toolkit.invalidate_tags(&[TAGS[tag]]).await,
            Self::Prefix(prefix) => {
                let told = cache.invalidate_prefix(PREFIXES[prefix]).await;
                told.unwrap()
            }
            Self::All => cache.clear().await,
        };
        What::Invalidate {
            by: format!("{self:?}"),
            keys: self.keys(),
            reach: match answer.reach {
                cache::Reach::Everywhere => Reach::Everywhere,
                _ => Reach::Pending,
            },
        }
    }

    /// One of the ways that concern `key`, by a number below 12.
    pub(crate) fn of(key: Key, way: u64, second: bool) -> Self {
        match way {
            0..5 => Self::Key(key),
            5..8 => Self::Tag(tags_of(key)[usize::from(second)]),
            8..11 => Self::Prefix(half(key)),
            _ => Self::All,
        }
    }
}

fn half(key: Key) -> usize {
    usize::from(key >= KEYS / 2)
}

fn tags_of(key: Key) -> [usize; 2] {
    let first = usize::try_from(key % 3).unwrap();
    [first, (first + 1) % 3]
}

/// What it is called, which nothing may say.
pub(crate) fn name(key: Key) -> String {
    format!("{}:{WORD}:{key}", PREFIXES[half(key)])
}

/// What is cached: a version, and a text that nothing may say.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Value {
    pub(crate) version: Version,
    text: String,
}

impl From<Version> for Value {
    fn from(version: Version) -> Self {
        let text = canary("value");
        Self { version, text }
    }
}

pub(crate) fn tags(key: Key) -> [&'static str; 2] {
    tags_of(key).map(|tag| TAGS[tag])
}

pub(crate) fn status(status: cache::Status) -> Status {
    match status {
        cache::Status::Near => Status::Near,
        cache::Status::Far => Status::Far,
        cache::Status::Suspect => Status::Suspect,
        cache::Status::Coalesced => Status::Coalesced,
        _ => Status::Loaded,
    }
}
