//! The near tier: typed values in this process, bounded by entries or by bytes.
//!
//! Nothing of the user's runs under its locks: weights are taken before, values are dropped after, and what
//! is copied meanwhile is [`Hold`](crate::cache::hold::Hold).

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::task::Poll;

use crate::bounded::{Bounded, Left, Weigh, at_once, shards_for, shards_of};
use crate::cache::entry::Entry;
use crate::key::{Filed, Form, Sought, Text};
use crate::sync::switch;

/// How much a near tier holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    Entries(u64),
    Bytes(u64),
}

#[derive(Debug)]
pub(crate) struct Near<V>(Bounded<Filed, Entry<V>>);

/// What left the tier, and why; told and dropped by the caller once it holds no lock.
pub(crate) type Evicted<V> = Left<Filed, Entry<V>>;

impl<V> Weigh for Entry<V> {
    #[inline]
    fn weight(&self) -> u64 {
        Self::weight(self)
    }
}

impl<V: Clone> Near<V> {
    /// `heaviest` is what one entry may weigh at least and still be held, as far as the bound allows;
    /// 0 when all are light.
    pub(crate) fn new(bound: Bound, heaviest: u64) -> Self {
        // a guess at the size of an entry, where nobody said how heavy one may be
        const TYPICAL_BYTES: u64 = 512;
        let (weight, items) = match bound {
            Bound::Entries(entries) => (entries, entries),
            Bound::Bytes(bytes) => (bytes, bytes / TYPICAL_BYTES),
        };
        let shards = match heaviest {
            0 => shards_of(items),
            _ => shards_for(weight, heaviest),
        };
        Self(Bounded::new(weight, shards))
    }

    /// What `look` says of the entry of `key`, if there is one. A lock is held meanwhile. A text is looked for twice
    /// where something in it is escaped.
    #[inline(always)]
    pub(crate) fn read<R>(
        &self,
        key: Sought<'_>,
        look: impl Fn(&Entry<V>) -> R + Copy,
    ) -> Option<R> {
        switch();
        match key.0 {
            Form::Number(number) => self.0.read(&number, look),
            Form::Text(text) => match self.0.read(&text, look) {
                None => self.read_written(text, look),
                found => found,
            },
            Form::Bytes(bytes) => self.0.read(&bytes, look),
        }
    }

    /// The same for a text that is not found as it stands: something in it may have to be escaped.
    #[cold]
    #[inline(never)]
    fn read_written<R>(&self, text: Text<'_>, look: impl Fn(&Entry<V>) -> R) -> Option<R> {
        let key = text.written()?;
        self.0.read(&Sought::of(key.as_bytes()), look)
    }

    pub(crate) fn get(&self, key: Sought<'_>) -> Option<Entry<V>> {
        self.read(key, Entry::clone)
    }

    /// Looks without telling the eviction policy.
    pub(crate) fn peek(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.0.peek(&Sought::of(key), Entry::clone)
    }

    pub(crate) fn insert(&self, key: impl Into<Filed>, entry: Entry<V>) -> Evicted<V> {
        switch();
        self.0.insert(key.into(), entry)
    }

    pub(crate) fn remove(&self, key: &[u8]) -> Option<Entry<V>> {
        switch();
        self.0.remove(&Sought::of(key)).map(|(_, entry)| entry)
    }

    /// Removes the entry of `key` if it is still one that is to go.
    pub(crate) fn remove_if(
        &self,
        key: &[u8],
        is_to_go: impl FnOnce(&Entry<V>) -> bool,
    ) -> Option<Entry<V>> {
        switch();
        self.0
            .remove_if(&Sought::of(key), is_to_go)
            .map(|(_, entry)| entry)
    }

    /// Shows everything to `look`, a part of it at each poll, without telling the eviction policy.
    pub(crate) fn walk(
        &self,
        look: impl Fn(Filed, Entry<V>) + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>>
    where
        V: Send + Sync + 'static,
    {
        let at_once = at_once(self.len(), self.0.parts());
        let entries = self.0.clone();
        Box::pin(async move {
            // what an empty one counts, since it takes a look as well
            const LEAST: usize = 8;
            let mut looked = 0;
            for batch in entries.batches() {
                looked += batch.len().max(LEAST);
                for (key, entry) in batch {
                    look(key, entry);
                }
                // here, where nothing of it is held on to
                if looked >= at_once {
                    pause().await;
                    looked = 0;
                }
            }
        })
    }

    /// Whether there is little room left.
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.0.weight() >= self.0.capacity() / 8 * 7
    }

    pub(crate) fn keys_matching(&self, matches: impl Fn(&[u8]) -> bool) -> Vec<Filed> {
        let keys = self.0.keys();
        keys.filter(|key| matches(&key.written())).collect()
    }

    /// Removes everything. No value is dropped under a lock.
    pub(crate) fn drain(&self) -> impl Iterator<Item = (Filed, Entry<V>)> {
        switch();
        self.0.drain()
    }

    /// Changes how much it holds: entries or bytes, as it was.
    pub(crate) fn set_capacity(&self, weight: u64) -> Evicted<V> {
        self.0.set_capacity(weight)
    }

    /// The weight up to which an entry can be held.
    #[cfg(any(test, feature = "http-cache"))]
    pub(crate) fn heaviest(&self) -> u64 {
        self.0.heaviest()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn weight(&self) -> u64 {
        self.0.weight()
    }
}

/// Is not there yet when it is polled for the first time.
async fn pause() {
    let mut paused = false;
    poll_fn(|_| {
        if mem::replace(&mut paused, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::{Context, Waker};
    use std::time::Duration;

    use crate::cache::entry::Span;
    use crate::cache::hold::{Direct, Hold as _};
    use crate::cache::premises::Premises;
    use crate::clock::Moment;
    use crate::key::KeyWriter;

    use super::*;

    fn entry<V>(value: V) -> Entry<V> {
        let (now, day) = (Moment::default(), Duration::from_secs(86_400));
        let span = Span::until(now.after(day));
        Entry::new(value, 1, span, &Premises::first(), None, now)
    }

    #[test]
    fn a_walk_holds_nothing_between_two_steps() {
        let near = Near::new(Bound::Entries(2_000), 0);
        let value = Arc::new(());
        for key in 0..1_000 {
            near.insert(
                key.to_string().as_bytes(),
                entry(Direct::hold(Arc::clone(&value))),
            );
        }
        let mut walk = near.walk(|_, _| {});
        let mut step = || walk.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        let mut steps = 0;
        while step().is_pending() {
            steps += 1;
            assert_eq!(Arc::strong_count(&value), 1_001);
        }
        assert!(steps > 1);
    }

    #[test]
    fn a_text_is_found_whether_something_in_it_is_escaped_or_not() {
        let near = Near::new(Bound::Entries(100), 0);
        let texts = ["a", "a b", "a%20b", "42", "042", "", "é {x}"];
        for (at, text) in texts.iter().enumerate() {
            let key = KeyWriter::of(*text);
            near.insert(key.as_bytes(), entry(Direct::hold(Arc::new(at))));
        }
        for (at, text) in texts.iter().enumerate() {
            let found = near.get(Sought::text(text.as_bytes())).unwrap();
            assert_eq!(*found.into_value().into_value(), at, "{text}");
        }
        assert!(near.get(Sought::text(b"a%2520b")).is_none());
    }

    #[test]
    fn whatever_it_is_shrunk_to_each_key_can_be_kept() {
        for capacity in [10_000, 1_000_000] {
            let near = Near::new(Bound::Entries(capacity), 0);
            near.set_capacity(3);
            for key in 0..1_000 {
                near.insert(
                    key.to_string().as_bytes(),
                    entry(Direct::hold(Arc::new(key))),
                );
                assert!(
                    near.get(Sought::number(key)).is_some(),
                    "{key} of {capacity}"
                );
            }
        }
    }

    #[test]
    fn heavy_entries_have_room() {
        const MIB: u64 = 1 << 20;
        for (bound, heaviest) in [(64, 1), (64, 60), (1_024, 1), (8, 8)] {
            let near = Near::<()>::new(Bound::Bytes(bound * MIB), heaviest * MIB);
            let room = near.heaviest();
            assert!(
                room >= heaviest * MIB / 100 * 97,
                "{bound} {heaviest}: {room}"
            );
        }
    }

    /// Of eight parts of a tier each gets about an eighth of the keys, whatever they look like and whatever the seed.
    #[test]
    fn no_part_of_a_tier_stays_empty() {
        use std::hash::BuildHasher as _;
        const KEYS: u64 = 1_900;
        let forms: [fn(u64) -> Vec<u8>; 4] = [
            |key| key.to_string().into(),
            |key| format!("user:{key}").into(),
            |key| format!("user:profile:{key:07}").into(),
            |key| format!("{key:04}:{}", key % 7).into(),
        ];
        for _ in 0..300 {
            // each with a seed of its own
            let build = foldhash::quality::RandomState::default();
            let most = |hash: &dyn Fn(u64) -> u64| {
                let mut parts = [0_usize; 8];
                for key in 0..KEYS {
                    parts[(hash(key) >> 32) as usize % 8] += 1;
                }
                parts.into_iter().max().unwrap()
            };
            for form in forms {
                let most = most(&|key| build.hash_one(Sought::of(&form(key))));
                assert!(most < 330, "{most} of {KEYS} in one part");
            }
            for stride in [1, 3, 10, 1_000, 1_000_000] {
                let most = most(&|key| build.hash_one(Sought::number(key * stride)));
                assert!(most < 330, "{most} of {KEYS} in one part");
            }
        }
    }
}
