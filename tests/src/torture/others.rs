//! A read that began later than the bounds after an invalidation of another process is not older than it.

use std::time::Duration;

use super::bounds::Bounds;
use super::event::{Event, Key, Process, Status, Trouble, Version};
use super::history::History;
use super::instant::{Instant, Span};
use super::reads::{Demand, Read, answered, in_order, unmet};
use super::violation::{Rule, Violation};

pub(super) fn check(history: &History, bounds: &Bounds) -> Vec<Violation> {
    let mut violations = Vec::new();
    for ((process, key), reads) in answered(history) {
        let demands = demands(history, bounds, process, key);
        let excuses = Excuses::of(history, bounds, process, key);
        for read in reads {
            let mut missed = unmet(read, &demands);
            let Some(demand) = missed.find(|demand| !excuses.allow(read, demand)) else {
                continue;
            };
            let what = format!(
                "a read of key {key} found {}, and began {:?} after Redis knew of an invalidation of {}",
                read.found,
                read.event.span.begin.since(demand.since),
                demand.least,
            );
            let brought = excuses.brought(read.found).last().map(|(_, event)| event);
            let events = [Some(demand.of), brought, Some(read.event)];
            violations.push(Violation::new(
                Rule::Others,
                what,
                events.into_iter().flatten(),
            ));
        }
    }
    violations
}

/// The longest that a process was behind another one while nothing excused it.
#[must_use]
pub fn largest_lag(history: &History, bounds: &Bounds) -> Duration {
    let calm = Bounds {
        message: Duration::ZERO,
        ..*bounds
    };
    let mut largest = Duration::ZERO;
    for ((process, key), reads) in answered(history) {
        let demands = demands(history, bounds, process, key);
        let excuses = Excuses::of(history, &calm, process, key);
        for read in reads {
            let missed = unmet(read, &demands).filter(|demand| !excuses.allow(read, demand));
            let lags = missed.map(|demand| read.event.span.begin.since(demand.since));
            largest = lags.fold(largest, Duration::max);
        }
    }
    largest
}

fn demands<'a>(
    history: &'a History,
    bounds: &Bounds,
    process: Process,
    key: Key,
) -> Vec<Demand<'a>> {
    let others = history.invalidations(key);
    let others = others.filter(|(event, _)| event.process != process);
    let others = others.map(|(of, least)| Demand {
        since: history.known_since(of, bounds),
        least,
        of,
    });
    in_order(others.collect())
}

/// Why a process may be behind.
struct Excuses<'a> {
    bounds: Bounds,
    feed: Vec<Span>,
    data: Vec<Span>,
    /// What the process itself brought: the version, from when to when, and how.
    brought: Vec<(Version, Span, &'a Event)>,
}

impl<'a> Excuses<'a> {
    fn of(history: &'a History, bounds: &Bounds, process: Process, key: Key) -> Self {
        let events = history.events().iter();
        let brought = events.filter_map(|event| {
            let (of, version, span) = event.what.brought(event.span)?;
            ((event.process, of) == (process, key)).then_some((version, span, event))
        });
        Self {
            bounds: *bounds,
            feed: history.troubles(process, Trouble::Feed).collect(),
            data: history.troubles(process, Trouble::Data).collect(),
            brought: brought.collect(),
        }
    }

    fn brought(&self, version: Version) -> impl Iterator<Item = (Span, &'a Event)> {
        let brought = self.brought.iter();
        let of_version = brought.filter(move |(of, ..)| *of == version);
        of_version.map(|(_, span, event)| (*span, *event))
    }

    fn allow(&self, read: Read<'_>, demand: &Demand<'_>) -> bool {
        let (begin, known) = (read.event.span.begin, demand.since);
        if read.status == Status::Loaded {
            // the source was asked after the invalidation
            return false;
        }
        if begin <= known.after(self.bounds.message) {
            return true;
        }
        let mut deaf = self
            .feed
            .iter()
            .filter(|trouble| self.hides(**trouble, demand));
        deaf.any(|trouble| self.allow_deaf(read, known, *trouble))
    }

    /// Whether the message may have been missed because of `trouble`.
    fn hides(&self, trouble: Span, demand: &Demand<'_>) -> bool {
        trouble.begin <= demand.since.after(self.bounds.message)
            && trouble.and(self.bounds.recovery).until() >= demand.of.span.begin
    }

    fn allow_deaf(&self, read: Read<'_>, known: Instant, trouble: Span) -> bool {
        let (begin, bounds) = (read.event.span.begin, &self.bounds);
        let still_deaf = begin <= trouble.and(bounds.recovery).until();
        if still_deaf && begin <= known.after(bounds.silence) {
            return true;
        }
        let Some(outage) = bounds.outage else {
            return false;
        };
        let suspect = || {
            let last_live = trouble.begin.after(bounds.silence);
            begin <= last_live.after(outage.grace).after(bounds.slack)
                && self.is_cut_off(read.event.span)
        };
        let sheltered = || {
            let mut brought = self.brought(read.found);
            still_deaf
                && brought.any(|(span, event)| {
                    let until = span.until().after(outage.ttl).after(bounds.slack);
                    self.is_cut_off(span) && event.span.begin <= begin && begin <= until
                })
        };
        let unanswered = |lately: Duration| {
            let since = begin.before(lately);
            self.is_cut_off(Span::new(since, read.event.span.until())) && sheltered()
        };
        match read.status {
            Status::Suspect => suspect() || unanswered(Duration::ZERO),
            Status::Near => unanswered(outage.unasked + bounds.slack),
            // whatever the one it waited for found
            Status::Coalesced => suspect() || unanswered(outage.unasked + bounds.slack),
            Status::Far | Status::Loaded => false,
        }
    }

    /// Whether Redis may not have answered at some point of `span`.
    fn is_cut_off(&self, span: Span) -> bool {
        let mut troubles = self.data.iter();
        troubles.any(|trouble| trouble.and(self.bounds.recovery).meets(span))
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::Reach;
    use super::super::samples::{self, at, data, feed, invalidation, load, read, refresh, write};
    use super::*;

    const STRICT: Bounds = samples::BOUNDS;

    fn default() -> Bounds {
        Bounds {
            outage: Some(samples::OUTAGE),
            ..STRICT
        }
    }

    /// Version 1 is written and invalidated by process 1 at 100 s; what process 0 reads of version 0 later.
    fn stale(extra: &[Event], status: Status, after: u64) -> History {
        let seconds = |seconds: u64| seconds * 1_000;
        let begin = seconds(100) + after;
        let events = [
            write(1, at(seconds(90), seconds(91))),
            invalidation(1, at(seconds(99), seconds(100)), Reach::Everywhere),
            read(0, 0, status, at(begin, begin + 1)),
        ];
        History::of(events.into_iter().chain(extra.iter().cloned()))
    }

    #[test]
    fn messages_take_their_time_and_no_more() {
        for status in [
            Status::Near,
            Status::Far,
            Status::Coalesced,
            Status::Suspect,
        ] {
            assert_eq!(check(&stale(&[], status, 100), &default()), []);
            assert_eq!(check(&stale(&[], status, 101), &default()).len(), 1);
            let lag = largest_lag(&stale(&[], status, 70), &default());
            assert_eq!(lag, Duration::from_millis(70));
        }
        assert_eq!(check(&stale(&[], Status::Loaded, 1), &default()).len(), 1);
    }

    #[test]
    fn a_refresh_is_told_to_others() {
        let history = |begin| {
            History::of([
                write(1, at(1_000, 2_000)),
                refresh(1, Some(1), at(1_500, 1_600)),
                read(0, 0, Status::Near, at(begin, begin + 1)),
            ])
        };
        assert_eq!(check(&history(1_700), &default()), []);
        assert_eq!(check(&history(1_701), &default()).len(), 1);
    }

    #[test]
    fn a_silent_feed_gives_more() {
        let silent = feed(0, at(98_000, 140_000));
        for status in [Status::Near, Status::Far, Status::Coalesced] {
            let history = |after| stale(std::slice::from_ref(&silent), status, after);
            assert_eq!(check(&history(2_000), &STRICT), []);
            assert_eq!(check(&history(2_001), &STRICT).len(), 1);
            assert_eq!(check(&history(2_001), &default()).len(), 1, "{status:?}");
        }
    }

    #[test]
    fn a_feed_that_has_recovered_gives_nothing_more() {
        let silent = feed(0, at(98_000, 101_000));
        let history = |after| stale(std::slice::from_ref(&silent), Status::Near, after);
        assert_eq!(check(&history(1_010), &STRICT), []);
        assert_eq!(check(&history(1_011), &STRICT).len(), 1);
    }

    #[test]
    fn the_trouble_of_another_process_is_no_excuse() {
        let elsewhere = feed(1, at(98_000, 140_000));
        assert_eq!(
            check(&stale(&[elsewhere], Status::Near, 200), &STRICT).len(),
            1
        );
    }

    #[test]
    fn a_trouble_that_began_later_is_no_excuse() {
        let later = feed(0, at(100_101, 140_000));
        assert_eq!(check(&stale(&[later], Status::Near, 200), &STRICT).len(), 1);
    }

    #[test]
    fn what_is_suspect_has_its_grace_unless_it_is_strict() {
        let away = [feed(0, at(98_000, 200_000)), data(0, at(98_000, 200_000))];
        // 98 s, 2 s of silence and 10 s of grace
        let last = 10_000;
        let history = |after| stale(&away, Status::Suspect, after);
        assert_eq!(check(&history(last), &default()), []);
        assert_eq!(check(&history(last + 11), &default()).len(), 1);
        assert_eq!(check(&history(last), &STRICT).len(), 1);
        // Redis answers
        let silent = [feed(0, at(98_000, 200_000))];
        let history = |after| stale(&silent, Status::Suspect, after);
        assert_eq!(check(&history(last), &default()).len(), 1);
    }

    #[test]
    fn what_was_loaded_meanwhile_has_its_time_unless_it_is_strict() {
        let away = |from| {
            let brought = load(0, Some(0), at(98_500, 98_600), at(98_400, 99_000));
            [
                feed(0, at(98_000, 200_000)),
                data(0, at(from, 200_000)),
                brought,
            ]
        };
        for status in [Status::Suspect, Status::Near] {
            let last = 29_000;
            let history = |after| stale(&away(98_000), status, after);
            assert_eq!(check(&history(last), &default()), []);
            assert_eq!(check(&history(last + 11), &default()).len(), 1);
            assert_eq!(check(&history(last), &STRICT).len(), 1);
            // loaded while Redis answered
            let history = stale(&away(99_100), status, last);
            assert_eq!(check(&history, &default()).len(), 1);
        }
        // Redis answers again, and the feed does not
        let mut away = away(98_000);
        away[1] = data(0, at(98_000, 105_000));
        let history = |after| stale(&away, Status::Near, after);
        assert_eq!(check(&history(10_000), &default()), []);
        assert_eq!(check(&history(10_500), &default()).len(), 1);
    }

    #[test]
    fn one_that_is_pending_counts_from_when_redis_is_told() {
        let history = |found: Version| {
            History::of([
                write(1, at(1_000, 2_000)),
                data(1, at(2_000, 6_000)),
                invalidation(1, at(3_000, 4_000), Reach::Pending),
                read(0, 0, Status::Near, at(5_000, 5_001)),
                read(1, 1, Status::Loaded, at(5_500, 5_501)),
                read(0, 0, Status::Near, at(7_000, 7_001)),
                read(1, 1, Status::Far, at(8_000, 8_001)),
                read(0, 0, Status::Near, at(8_101, 8_102)),
                read(0, found, Status::Near, at(8_102, 8_103)),
            ])
        };
        assert_eq!(check(&history(1), &STRICT), []);
        assert_eq!(check(&history(0), &STRICT).len(), 1);
    }

    #[test]
    fn its_own_invalidations_are_the_business_of_another_rule() {
        let history = History::of([
            write(1, at(1, 2)),
            invalidation(0, at(3, 4), Reach::Everywhere),
            read(0, 0, Status::Near, at(900, 901)),
        ]);
        assert_eq!(check(&history, &STRICT), []);
        assert!(STRICT.message < Duration::from_millis(800));
    }
}
