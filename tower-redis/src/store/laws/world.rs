//! What the laws run on.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use pollster::block_on;

use crate::codec::{Codec, Packed};
use crate::error::Error;
use crate::store::chaos::Mishap;
use crate::store::contract::{Answer, Store};
use crate::store::entry::{Format, Found, Held, Lease, Leased, New, Place};
use crate::store::hears::{Heard, Hears};
use crate::store::names::{CacheName, Names};
use crate::store::token::{Part, Token, TokenKey};
use crate::store::watch::Watch;

/// A server, and processes that use it.
pub(in crate::store) trait World {
    /// Another process, whose feed is joined.
    fn seat(&self) -> Seat;

    /// Returns when what was to live for `time` is over.
    fn pass(&self, time: Duration);

    /// What an eviction does.
    fn lose(&self, key: &[u8]);

    /// What `SET` does.
    fn set(&self, key: &[u8], value: &[u8], ttl: Option<Duration>);

    /// Puts something that is not a string there.
    fn set_foreign(&self, key: &[u8]);

    /// What `GET` answers.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;

    /// What `PTTL` answers.
    fn left(&self, key: &[u8]) -> Option<Duration>;

    /// What `PUBLISH` does.
    fn publish(&self, channel: &[u8], message: &[u8]);

    /// Uses up a sequence number without a message.
    fn skip_message(&self);

    fn names(&self) -> &Names;

    /// How long a message may take.
    fn patience(&self) -> Duration;

    /// Something happens to the next call of this process; a world without mishaps does nothing.
    fn mishap(&self, seat: &Seat, mishap: Mishap) {
        let _ = (seat, mishap);
    }

    /// What was held up goes on.
    fn release(&self, seat: &Seat) {
        let _ = seat;
    }
}

/// One process: what it does and what it hears.
pub(in crate::store) struct Seat {
    pub(in crate::store) store: Arc<dyn Store>,
    pub(in crate::store) watch: Arc<Watch>,
    ear: Arc<Ear>,
    /// Whatever has to live as long as the process does.
    pub(in crate::store) alive: Box<dyn std::any::Any + Send + Sync>,
}

impl Seat {
    pub(in crate::store) fn new(
        store: Arc<dyn Store>,
        watch: Arc<Watch>,
        alive: impl std::any::Any + Send + Sync,
    ) -> Self {
        let ear = Arc::<Ear>::default();
        let weak: Weak<Ear> = Arc::downgrade(&ear);
        watch.listen(weak);
        Self {
            store,
            watch,
            ear,
            alive: Box::new(alive),
        }
    }

    pub(super) fn get(&self, at: &Place) -> Found {
        done(self.store.get(at, &[])).0
    }

    /// The entry that is there.
    pub(super) fn held(&self, at: &Place) -> Held {
        match self.get(at) {
            Found::Entry(held) => held,
            other => panic!("expected an entry, found {other:?}"),
        }
    }

    pub(super) fn token(&self, key: &TokenKey) -> Token {
        done(self.store.tokens(std::slice::from_ref(key)))[0].token
    }

    pub(super) fn lease(&self, at: &Place) -> Lease {
        match done(self.store.lease(at, None)) {
            Leased::Granted(lease) => lease,
            other => panic!("expected a lease, found {other:?}"),
        }
    }

    pub(super) fn remove(&self, at: &Place) {
        done(self.store.remove(std::slice::from_ref(at)));
    }

    pub(super) fn replace(&self, key: &TokenKey) -> Token {
        let key = std::slice::from_ref(key);
        done(self.store.replace_tokens(key, Part::Hard))[0]
    }

    /// What has been heard since the last time, once everything that `by` has told so far is.
    pub(in crate::store) fn heard_from(&self, world: &dyn World, by: &Self) -> Vec<String> {
        let mark = unique(b"mark");
        by.remove(&mark);
        let mark = format!("key {}", mark.key.escape_ascii());
        let mut heard = self.ear.until(&mark, world.patience());
        // a message may come twice
        heard.retain(|heard| !heard.starts_with("key law:mark:"));
        heard
    }
}

/// What a call answers, where it may fail.
pub(super) fn tried<T>(answer: Answer<'_, T>) -> Option<T> {
    block_on(answer).ok()
}

/// What a call that has to succeed answers.
pub(super) fn done<T>(answer: Answer<'_, T>) -> T {
    let answered: Result<T, Error> = block_on(answer);
    answered.unwrap()
}

/// Writes down what it hears.
#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<String>>,
    more: Condvar,
}

impl Ear {
    /// Everything up to `mark`, which is the last of it.
    fn until(&self, mark: &str, patience: Duration) -> Vec<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let at = |heard: &[String]| heard.iter().position(|heard| heard == mark);
        let (mut heard, _) = self
            .more
            .wait_timeout_while(heard, patience, |heard| at(heard).is_none())
            .unwrap_or_else(PoisonError::into_inner);
        let Some(at) = at(&heard) else {
            panic!("heard {heard:?}, and not {mark}");
        };
        heard.drain(..=at).collect()
    }
}

impl Hears for Ear {
    fn hear(&self, what: Heard<'_>) {
        let text = match what {
            Heard::Key(key) => format!("key {}", key.escape_ascii()),
            Heard::Matching(pattern) => format!("matching {}", pattern.as_bytes().escape_ascii()),
            Heard::Expired(key) => format!("expired {}", key.escape_ascii()),
            Heard::Token(key, Part::Soft) => format!("soft {}", key.as_bytes().escape_ascii()),
            Heard::Token(key, Part::Hard) => format!("token {}", key.as_bytes().escape_ascii()),
            Heard::Everything => "everything".to_owned(),
        };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(text);
        self.more.notify_all();
    }
}

/// A name that no other test uses.
fn unique_name(name: &[u8]) -> Vec<u8> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    [b"law:", name, b":", n.to_string().as_bytes()].concat()
}

/// A key that no other law uses, for a value in an envelope.
pub(in crate::store) fn unique(name: &[u8]) -> Place {
    Place::new(unique_name(name), Format::Envelope)
}

/// The same for a plain value.
pub(super) fn unique_plain(name: &[u8]) -> Place {
    Place::new(unique_name(name), Format::Plain)
}

/// A tag that no other law uses.
pub(super) fn unique_tag() -> TokenKey {
    TokenKey::tag(&String::from_utf8(unique_name(b"tag")).unwrap())
}

/// The generation of a cache that no other law uses.
pub(super) fn unique_generation() -> TokenKey {
    let name = String::from_utf8(unique_name(b"cache")).unwrap();
    CacheName::new(&[&name], "00000000").generation()
}

pub(super) fn key(at: &Place) -> &Bytes {
    &at.key
}

pub(super) fn packed(value: u64) -> Packed {
    Codec::<u64>::json().pack(&value).unwrap()
}

pub(super) fn unpacked(held: &Held) -> u64 {
    Codec::<u64>::json().unpack(&held.packed).unwrap()
}

/// An entry that is good for an hour.
pub(in crate::store) fn new(value: u64) -> New {
    New {
        packed: packed(value),
        fresh: Duration::from_secs(3_600),
        kept: Duration::from_secs(7_200),
        cost: Duration::from_millis(5),
        generation: None,
        tags: Vec::new(),
        late: None,
        idle: None,
    }
}

impl fmt::Debug for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seat")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
