//! Every way to invalidate.

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Reach};

use super::plan::{KEYS, Key, NAMES, PREFIX, Plan, TAGS, tagged};
use super::state::State;
use super::value::Value;
use tests::Random;

/// What is invalidated, and how.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Remove(Key),
    Expire(Key),
    /// This and the next one.
    RemoveMany(Key),
    ExpireMany(Key),
    RemoveTag(usize),
    ExpireTag(usize),
    RemovePrefix(&'static str),
    /// Whatever is named like this one and the next one, by the toolkit.
    RemovePattern(Key),
    Clear,
}

impl Change {
    pub(super) fn draw(random: &mut Random, plan: &Plan) -> Self {
        let key = random.index(KEYS);
        match random.below(16) {
            14.. if plan.exact_keys => Self::RemovePattern(key),
            14 => Self::Remove(key),
            15 => Self::ExpireTag(key),
            0..3 => Self::Remove(key),
            3..5 => Self::Expire(key),
            5 => Self::RemoveMany(key),
            6 => Self::ExpireMany(key),
            7..9 => Self::RemoveTag(key),
            9..11 => Self::ExpireTag(key),
            11 => Self::RemovePrefix("left"),
            12 => Self::RemovePrefix("right"),
            _ => Self::Clear,
        }
    }

    pub(super) fn keys(self) -> Vec<Key> {
        match self {
            Self::Remove(key) | Self::Expire(key) => vec![key],
            Self::RemoveMany(key) | Self::ExpireMany(key) | Self::RemovePattern(key) => {
                vec![key, (key + 1) % KEYS]
            }
            Self::RemoveTag(tag) | Self::ExpireTag(tag) => tagged(tag),
            Self::RemovePrefix(prefix) => {
                let keys = 0..KEYS;
                keys.filter(|key| NAMES[*key].starts_with(prefix)).collect()
            }
            Self::Clear => (0..KEYS).collect(),
        }
    }

    /// Whether what is there may still be served as stale.
    pub(super) fn is_soft(self) -> bool {
        matches!(
            self,
            Self::Expire(_) | Self::ExpireMany(_) | Self::ExpireTag(_)
        )
    }

    pub(super) fn is_of_tag(self) -> bool {
        matches!(self, Self::RemoveTag(_) | Self::ExpireTag(_))
    }

    pub(super) async fn run(self, toolkit: &Toolkit, cache: &Cache<String, Value>) -> Reach {
        let two = |key: Key| [NAMES[key].to_owned(), NAMES[(key + 1) % KEYS].to_owned()];
        let done = match self {
            Self::Remove(key) => cache.invalidate(NAMES[key]).await,
            Self::Expire(key) => cache.expire(NAMES[key]).await,
            Self::RemoveMany(key) => cache.invalidate_many(&two(key)).await,
            Self::ExpireMany(key) => cache.expire_many(&two(key)).await,
            Self::RemoveTag(tag) => toolkit.invalidate_tags(&[TAGS[tag]]).await,
            Self::ExpireTag(tag) => toolkit.expire_tags(&[TAGS[tag]]).await,
            Self::RemovePrefix(prefix) => cache.invalidate_prefix(prefix).await.unwrap(),
            Self::RemovePattern(key) => {
                let numbers = format!("{PREFIX}*:[{key}{}]", (key + 1) % KEYS);
                toolkit.invalidate_pattern(&numbers).await.unwrap()
            }
            Self::Clear => cache.clear().await,
        };
        done.reach
    }
}

/// Nobody else writes a key as long as it lives.
#[derive(Debug)]
pub(super) struct Busy(State, Option<Key>);

impl Busy {
    /// Nobody is kept away.
    pub(super) fn none(state: &State) -> Self {
        Self(state.clone(), None)
    }

    /// Writes `key` and answers what is true now; `None` when somebody else has the key.
    pub(super) fn write(state: &State, key: Key) -> Option<(Self, u64)> {
        let version = state.with(|reference| {
            let free = !std::mem::replace(&mut reference.writing[key], true);
            free.then(|| {
                reference.truth[key] += 1;
                reference.truth[key]
            })
        })?;
        Some((Self(state.clone(), Some(key)), version))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(key) = self.1 {
            self.0.with(|reference| reference.writing[key] = false);
        }
    }
}
