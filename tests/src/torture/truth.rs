//! What is read was true at some time, and was brought within its lifetime.

use std::collections::BTreeMap;

use super::bounds::Bounds;
use super::event::{Event, Key, Status, Version, What};
use super::history::History;
use super::instant::Instant;
use super::reads::{Read, answered};
use super::violation::{Rule, Violation};

pub(super) fn check(history: &History, bounds: &Bounds) -> Vec<Violation> {
    let sources = Sources::of(history);
    let mut violations: Vec<_> = history
        .events()
        .iter()
        .filter_map(|event| lie(history, event))
        .collect();
    for ((_, key), reads) in answered(history) {
        let wrong = reads
            .iter()
            .filter_map(|read| sources.object(key, *read, &reads, bounds));
        violations.extend(wrong);
    }
    violations
}

/// A load that brought what the source did not say: the run is at fault, and shows nothing.
fn lie(history: &History, event: &Event) -> Option<Violation> {
    let (What::Load {
        key,
        brought: Some(brought),
        ..
    }
    | What::Refresh {
        key,
        brought: Some(brought),
        ..
    }) = event.what
    else {
        return None;
    };
    let true_then = history.was_true(key, brought, event.span);
    let newest = || format!("{}", history.newest_before(key, event.span.begin));
    (!true_then).then(|| {
        let what = format!(
            "a load of key {key} brought {brought}, while the source said {} or more (written {:?})",
            newest(),
            history.written(key, brought),
        );
        Violation::new(Rule::Truth, what, [event])
    })
}

/// Who brought each version.
struct Sources<'a>(BTreeMap<(Key, Version), Vec<Source<'a>>>);

struct Source<'a> {
    event: &'a Event,
    begin: Instant,
    /// When this one, and all that began before it, had stored it.
    stored: Instant,
}

impl<'a> Sources<'a> {
    fn of(history: &'a History) -> Self {
        let mut sources: BTreeMap<_, Vec<Source<'a>>> = BTreeMap::new();
        for event in history.events() {
            let Some((key, version, span)) = event.what.brought(event.span) else {
                continue;
            };
            let known = sources.entry((key, version)).or_default();
            let stored = known.last().map_or(Instant::default(), |last| last.stored);
            known.push(Source {
                event,
                begin: event.span.begin,
                stored: stored.max(span.until()),
            });
        }
        Self(sources)
    }

    /// `others` are those of the same process and key.
    fn object(
        &self,
        key: Key,
        read: Read<'_>,
        others: &[Read<'_>],
        bounds: &Bounds,
    ) -> Option<Violation> {
        let known = self
            .0
            .get(&(key, read.found))
            .map_or(&[][..], Vec::as_slice);
        let before = known.partition_point(|source| source.begin <= read.event.span.until());
        let Some(last) = before.checked_sub(1).and_then(|last| known.get(last)) else {
            let what = format!(
                "a read of key {key} found {}, which nobody had brought",
                read.found
            );
            return Some(Violation::new(Rule::Truth, what, [read.event]));
        };
        let over = last.stored.after(bounds.ttl).after(bounds.slack);
        (read.event.span.begin >= over && asked(read, others) >= over).then(|| {
            let what = format!(
                "a read of key {key} found {}, which was over {:?} before",
                read.found,
                read.event.span.begin.since(over),
            );
            Violation::new(Rule::Truth, what, [last.event, read.event])
        })
    }
}

/// When Redis was first asked for what `read` found: it may have waited for another one.
fn asked(read: Read<'_>, others: &[Read<'_>]) -> Instant {
    let waited_for = |other: &&Read<'_>| {
        let shares = read.status == Status::Coalesced && other.status == Status::Far;
        shares && other.found == read.found && other.event.span.meets(read.event.span)
    };
    let begun = others
        .iter()
        .filter(waited_for)
        .map(|other| other.event.span.begin);
    begun.fold(read.event.span.begin, Instant::min)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{BOUNDS, at, load, put, read, refresh, write};
    use super::*;

    fn found(version: Version, begin: u64) -> Vec<Violation> {
        let history = History::of([
            write(1, at(10, 20)),
            load(0, Some(1), at(30, 40), at(25, 50)),
            read(1, version, Status::Far, at(begin, begin + 1)),
        ]);
        check(&history, &BOUNDS)
    }

    #[test]
    fn what_was_brought_lives_for_so_long() {
        assert_eq!(found(1, 60), []);
        assert_eq!(found(1, 60_059), []);
        assert_eq!(found(1, 60_060).len(), 1);
    }

    #[test]
    fn what_nobody_brought_is_not_found() {
        assert_eq!(found(0, 60).len(), 1);
        assert_eq!(found(2, 60).len(), 1);
        // before it was brought
        assert_eq!(found(1, 28).len(), 1);
    }

    #[test]
    fn who_waits_for_another_gets_what_that_one_asked_for() {
        let waits = |status, asked| {
            let history = History::of([
                load(0, Some(0), at(30, 40), at(25, 50)),
                read(0, 0, Status::Far, at(asked, 60_100)),
                read(0, 0, status, at(60_090, 60_110)),
            ]);
            check(&history, &BOUNDS).len()
        };
        assert_eq!(waits(Status::Coalesced, 60_059), 0);
        assert_eq!(waits(Status::Near, 60_059), 1);
        assert_eq!(waits(Status::Coalesced, 60_060), 2);
    }

    #[test]
    fn a_later_load_does_not_make_an_old_read_good() {
        let history = History::of([
            load(0, Some(0), at(30, 40), at(25, 50)),
            read(0, 0, Status::Near, at(60_100, 60_101)),
            load(0, Some(0), at(60_110, 60_111), at(60_110, 60_112)),
        ]);
        assert_eq!(check(&history, &BOUNDS).len(), 1);
    }

    #[test]
    fn a_put_brings_something_too_and_so_does_a_refresh() {
        for brings in [put(0, 1, at(30, 40)), refresh(0, Some(1), at(30, 40))] {
            let history = History::of([
                write(1, at(10, 20)),
                brings,
                read(1, 1, Status::Far, at(50, 60)),
            ]);
            assert_eq!(check(&history, &BOUNDS), []);
        }
    }

    #[test]
    fn the_source_says_what_was_written() {
        let brought = |version, span| {
            let history = History::of([write(1, at(10, 20)), load(0, Some(version), span, span)]);
            check(&history, &BOUNDS).len()
        };
        assert_eq!(brought(0, at(5, 8)), 0);
        assert_eq!(brought(0, at(15, 18)), 0);
        assert_eq!(brought(0, at(21, 25)), 1);
        assert_eq!(brought(1, at(5, 8)), 1);
        assert_eq!(brought(1, at(5, 12)), 0);
    }
}
