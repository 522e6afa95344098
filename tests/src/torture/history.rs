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
    /// When they ended, in order, and the newest version by then.
    ends: BTreeMap<Key, Vec<(Instant, Version)>>,
    troubles: BTreeMap<(Process, Trouble), Vec<Span>>,
    /// Reads for which Redis was asked and answered, unless there was a trouble.
    far_reads: BTreeMap<Process, Vec<Span>>,
}

impl History {
    /// Puts events of all processes in order.
    #[must_use]
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut events: Vec<_> = events.into_iter().collect();
        events.sort_by_key(|event| event.span.begin);
        let mut history = Self::default();
        for event in &events {
            match event.what {
                What::Write { key, version } => {
                    let writes = history.writes.entry(key).or_default();
                    writes.insert(version, event.span);
                }
                What::Trouble(trouble) => {
                    let troubles = history.troubles.entry((event.process, trouble));
                    troubles.or_default().push(event.span);
                }
                _ if event.goes_far() => {
                    let reads = history.far_reads.entry(event.process).or_default();
                    reads.push(event.span);
                }
                _ => {}
            }
        }
        for (key, writes) in &history.writes {
            let mut ends: Vec<_> = writes
                .iter()
                .map(|(version, span)| (span.until(), *version))
                .collect();
            ends.sort_unstable();
            let mut newest = 0;
            for (_, version) in &mut ends {
                newest = newest.max(*version);
                *version = newest;
            }
            history.ends.insert(*key, ends);
        }
        for ((_, trouble), spans) in &mut history.troubles {
            if *trouble == Trouble::Data {
                *spans = joined(spans);
            }
        }
        Self { events, ..history }
    }

    /// Everything, in the order in which it began.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The newest version of `key` that was written before `instant`.
    #[must_use]
    pub fn newest_before(&self, key: Key, instant: Instant) -> Version {
        let ends = self.ends.get(&key).map_or(&[][..], Vec::as_slice);
        let done = ends.partition_point(|(end, _)| *end < instant);
        let last = done.checked_sub(1).and_then(|last| ends.get(last));
        last.map_or(0, |(_, newest)| *newest)
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

    /// What invalidates `key`, with the oldest version of it that may be served afterwards.
    pub(super) fn invalidations(&self, key: Key) -> impl Iterator<Item = (&Event, Version)> {
        let events = self.events.iter();
        let concerning = events.filter(move |event| event.what.invalidated().contains(&key));
        concerning.map(move |event| {
            let least = match event.what {
                What::Refresh {
                    brought, dropped, ..
                } => brought.filter(|_| !dropped).unwrap_or_default(),
                _ => self.newest_before(key, event.span.begin),
            };
            (event, least)
        })
    }

    /// When `process` was cut off.
    pub(super) fn troubles(
        &self,
        process: Process,
        trouble: Trouble,
    ) -> impl Iterator<Item = Span> {
        let troubles = self.troubles.get(&(process, trouble));
        troubles.into_iter().flatten().copied()
    }

    pub(super) fn all_troubles(&self) -> impl Iterator<Item = (Process, Span)> {
        let each = |(of, spans): (&(Process, Trouble), &Vec<Span>)| {
            let process = of.0;
            let spans: Vec<_> = spans.iter().map(|span| (process, *span)).collect();
            spans
        };
        self.troubles.iter().flat_map(each)
    }

    /// From when on Redis knows of `invalidation`, as far as it shows: if it was not told at once, from the
    /// next time that its process asked there.
    pub(super) fn known_since(&self, invalidation: &Event, bounds: &Bounds) -> Instant {
        let end = invalidation.span.until();
        match invalidation.what.reach() {
            Some(Reach::Pending) => self.paid_after(invalidation.process, end, bounds),
            _ => end,
        }
    }

    /// When `process`, which tells Redis first what it owes, had first asked there after `instant` and met no
    /// trouble.
    pub(super) fn paid_after(
        &self,
        process: Process,
        instant: Instant,
        bounds: &Bounds,
    ) -> Instant {
        let reads = self.far_reads.get(&process).map_or(&[][..], Vec::as_slice);
        let troubles = self.troubles.get(&(process, Trouble::Data));
        let troubles = troubles.map_or(&[][..], Vec::as_slice);
        let mut next = reads.partition_point(|read| read.begin <= instant);
        while let Some(read) = reads.get(next) {
            // they are apart, so the last one that began ended last
            let begun = troubles.partition_point(|trouble| trouble.begin <= read.until());
            let last = begun.checked_sub(1).and_then(|last| troubles.get(last));
            let Some(trouble) = last.map(|last| last.and(bounds.recovery)) else {
                return read.until();
            };
            if trouble.until() < read.begin {
                return read.until();
            }
            // it meets all that begin while it lasts
            next = if trouble.begin <= read.begin {
                reads.partition_point(|read| read.begin <= trouble.until())
            } else {
                next + 1
            };
        }
        Instant::NEVER
    }

    /// What happened to `key`, and what trouble there was, between the first and the last of `events`.
    #[must_use]
    pub fn around(&self, key: Key, events: &[Event]) -> Vec<&Event> {
        let begin = events.iter().map(|event| event.span.begin).min();
        let end = events.iter().map(|event| event.span.begin).max();
        let (Some(begin), Some(end)) = (begin, end) else {
            return Vec::new();
        };
        let window = Span::new(begin, end);
        let concerns = |event: &&Event| event.span.meets(window) && event.what.concerns(key);
        self.events.iter().filter(concerns).collect()
    }
}

/// `spans`, which are in order, with those that meet made one: every failed call is a trouble.
fn joined(spans: &[Span]) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.meets(*span) => {
                let until = last.until().max(span.until());
                last.end = Some(until);
            }
            _ => joined.push(*span),
        }
    }
    joined
}
