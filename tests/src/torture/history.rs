//! All that happened, in the orders in which the rules look at it.

use std::collections::BTreeMap;

use super::bounds::Bounds;
use super::event::{Event, Key, Process, Reach, Trouble, Version, What};
use super::instant::{Instant, Span};

/// All that happened in a run.
#[derive(Debug, Clone, Default)]
pub struct History {
    events: Vec<Event>,
    /// Writes of each key, by version.
    writes: BTreeMap<Key, BTreeMap<Version, Span>>,
}

impl History {
    /// Puts events of all processes in order.
    #[must_use]
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort_by_key(|event| event.span.begin);
        let mut writes: BTreeMap<Key, BTreeMap<Version, Span>> = BTreeMap::new();
        for event in &events {
            if let What::Write { key, version } = event.what {
                writes.entry(key).or_default().insert(version, event.span);
            }
        }
        Self { events, writes }
    }

    /// Everything, in the order in which it began.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The newest version of `key` that was written before `instant`.
    #[must_use]
    pub fn newest_before(&self, key: Key, instant: Instant) -> Version {
        let writes = self.writes.get(&key).into_iter().flatten();
        let mut done = writes.filter(|(_, span)| span.until() < instant);
        done.next_back().map_or(0, |(version, _)| *version)
    }

    /// Whether the source may have said `version` of `key` at some point of `span`.
    pub(super) fn was_true(&self, key: Key, version: Version, span: Span) -> bool {
        let known = self.writes.get(&key);
        let written = known.and_then(|writes| writes.get(&version));
        let begun = version == 0 || written.is_some_and(|write| write.begin <= span.until());
        begun && self.newest_before(key, span.begin) <= version
    }

    /// When something was written.
    pub(super) fn written(&self, key: Key, version: Version) -> Option<Span> {
        self.writes.get(&key)?.get(&version).copied()
    }

    /// What invalidates `key`, with the newest version of it that it covers.
    pub(super) fn invalidations(&self, key: Key) -> impl Iterator<Item = (&Event, Version)> {
        let events = self.events.iter();
        let concerning = events.filter(move |event| event.what.invalidated().contains(&key));
        concerning.map(move |event| (event, self.newest_before(key, event.span.begin)))
    }

    pub(super) fn troubles(
        &self,
        process: Process,
        trouble: Trouble,
    ) -> impl Iterator<Item = Span> {
        let events = self.events.iter();
        let troubles = events
            .filter(move |event| event.process == process && event.what == What::Trouble(trouble));
        troubles.map(|event| event.span)
    }

    /// From when on Redis knows of `invalidation`, as far as it shows: if it was not told at once, since a
    /// read of the same process that was not answered near and met no trouble.
    pub(super) fn known_since(&self, invalidation: &Event, bounds: &Bounds) -> Instant {
        let end = invalidation.span.until();
        if invalidation.what.reach() != Some(Reach::Pending) {
            return end;
        }
        let process = invalidation.process;
        let troubled = |span: Span| {
            let mut troubles = self.troubles(process, Trouble::Data);
            troubles.any(|trouble| trouble.and(bounds.recovery).meets(span))
        };
        let mut later = self.events.iter().filter(|event| event.span.begin > end);
        let reached = later
            .find(|event| event.process == process && event.goes_far() && !troubled(event.span));
        reached.map_or(Instant::NEVER, |event| event.span.until())
    }
}
