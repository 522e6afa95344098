//! A process loads a key again only when something explains it.
//!
//! Two loads at the same time are a case of it, and so is one right after another, which comes of a flight that
//! ends before what it brought can be found.
//!
//! Flights of a key, also those of other processes, share the right to store what they bring. One that rests on
//! something older may use it up, for nothing; so what explains that one's failure explains the load after those
//! beside it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::bounds::Bounds;
use super::event::{Event, Key, Process, Trouble, What};
use super::history::History;
use super::instant::Span;
use super::violation::{Rule, Violation};

/// For how long after an invalidation a lost connection makes a process repeat it.
const REPEATED: Duration = Duration::from_secs(10);

/// For how long a process may use a token that is not in Redis any more.
const TOKEN_REMEMBERED: Duration = Duration::from_secs(10);

pub(super) fn check(history: &History, bounds: &Bounds) -> Vec<Violation> {
    let mut loads: BTreeMap<(Process, Key), Vec<&Event>> = BTreeMap::new();
    for event in history.events() {
        if let What::Load { key, .. } = event.what {
            loads.entry((event.process, key)).or_default().push(event);
        }
    }
    let mut violations = Vec::new();
    for ((process, key), loads) in loads {
        let reasons = Reasons::of(history, bounds, process, key);
        for pair in loads.windows(2) {
            let [first, second] = pair else { continue };
            if !reasons.explain(first, second) {
                let what = format!("key {key} was loaded again, and nothing explains it");
                violations.push(Violation::new(Rule::Loads, what, [*first, *second]));
            }
        }
    }
    violations
}

/// Why a key may have to be loaded.
struct Reasons<'a> {
    bounds: &'a Bounds,
    /// What happened to the key and to the process.
    own: Longest,
    /// What happened to other processes.
    others: Longest,
    /// Those of the key, with their processes.
    flights: Vec<(Process, Span)>,
    process: Process,
}

impl<'a> Reasons<'a> {
    fn of(history: &History, bounds: &'a Bounds, process: Process, key: Key) -> Self {
        let invalidations = history.invalidations(key).map(|(event, _)| {
            let mut known = history.known_since(event, bounds);
            let doubtful = Span::new(event.span.begin, event.span.until().after(REPEATED));
            // when the connection is lost, and when there is one again
            let lost = history.troubles(event.process, Trouble::Feed);
            for when in lost.flat_map(|lost| [lost.begin, lost.until()]) {
                if Span::new(when, when).meets(doubtful) {
                    let repeated = history.paid_after(event.process, when, bounds);
                    known = known.max(repeated);
                }
            }
            let heard = if event.process == process {
                known
            } else {
                known.after(bounds.message)
            };
            Span::new(event.span.begin, heard)
        });
        let events = history.events().iter();
        let wiped = events.filter(|event| event.what == What::Wiped);
        let wiped = wiped.map(|event| event.span.and(TOKEN_REMEMBERED + bounds.ttl));
        let troubles = |own: bool| {
            let troubles = history.all_troubles();
            let those = troubles.filter(move |(of, _)| (*of == process) == own);
            those.map(|(_, trouble)| trouble.and(bounds.recovery))
        };
        let flights = history
            .events()
            .iter()
            .filter_map(|event| match event.what {
                What::Load {
                    key: of, flight, ..
                } if of == key => Some((event.process, flight)),
                _ => None,
            });
        Self {
            bounds,
            own: Longest::of(invalidations.chain(wiped).chain(troubles(true))),
            others: Longest::of(troubles(false)),
            flights: flights.collect(),
            process,
        }
    }

    fn explain(&self, first: &Event, second: &Event) -> bool {
        let What::Load {
            brought: Some(_),
            flight,
            dropped: false,
            ..
        } = first.what
        else {
            return true;
        };
        let lived = first.span.begin.after(self.bounds.ttl);
        if second.span.begin.after(self.bounds.slack) >= lived {
            return true;
        }
        let beside = self.flights.iter().filter(|(_, other)| other.meets(flight));
        let (mut begin, mut others) = (flight.begin, false);
        for (process, other) in beside {
            begin = begin.min(other.begin);
            others |= *process != self.process;
        }
        let window = Span::new(begin, second.span.begin);
        self.own.meet(window) || (others && self.others.meet(window))
    }
}

/// Spans in the order in which they began, each as long as the longest before it.
struct Longest(Vec<Span>);

impl Longest {
    fn of(spans: impl Iterator<Item = Span>) -> Self {
        let mut spans: Vec<_> = spans.collect();
        spans.sort_by_key(|span| span.begin);
        let mut until = None;
        for span in &mut spans {
            until = until.max(Some(span.until()));
            span.end = until;
        }
        Self(spans)
    }

    /// Whether one of them has a point in common with `window`.
    fn meet(&self, window: Span) -> bool {
        let begun = self.0.partition_point(|span| span.begin <= window.until());
        let last = begun.checked_sub(1).and_then(|last| self.0.get(last));
        last.is_some_and(|span| span.until() >= window.begin)
    }
}

#[cfg(test)]
mod tests {
    use super::super::event::{Reach, Status};
    use super::super::samples::{BOUNDS, at, data, feed, invalidation, load, read, refresh, wiped};
    use super::*;

    fn twice(between: &[Event]) -> Vec<Violation> {
        let loads = [
            load(0, Some(0), at(100, 200), at(90, 250)),
            load(0, Some(0), at(300, 400), at(290, 450)),
        ];
        check(
            &History::of(loads.into_iter().chain(between.iter().cloned())),
            &BOUNDS,
        )
    }

    #[test]
    fn a_second_load_needs_a_reason() {
        assert_eq!(twice(&[]).len(), 1);
        for reason in [
            invalidation(0, at(150, 160), Reach::Everywhere),
            invalidation(1, at(10, 20), Reach::Everywhere),
            invalidation(1, at(1, 2), Reach::Pending),
            refresh(0, Some(0), at(150, 160)),
            refresh(1, None, at(150, 160)),
            feed(0, at(80, 85)),
            data(0, at(120, 130)),
            wiped(50),
        ] {
            assert_eq!(twice(std::slice::from_ref(&reason)), [], "{reason}");
        }
        for none in [
            invalidation(0, at(10, 20), Reach::Everywhere),
            invalidation(0, at(310, 320), Reach::Everywhere),
            refresh(0, Some(0), at(10, 20)),
            feed(1, at(120, 130)),
            data(0, at(50, 70)),
            data(0, at(301, 330)),
        ] {
            assert_eq!(twice(std::slice::from_ref(&none)).len(), 1, "{none}");
        }
    }

    #[test]
    fn one_that_is_repeated_after_a_loss_is_a_reason() {
        let said = || invalidation(1, at(10, 20), Reach::Everywhere);
        let lost = || feed(1, at(30, 60));
        let asks = |begin, end| read(1, 0, Status::Far, at(begin, end));
        // the second load is there from 300 on, and the first from 90; messages take 100
        assert_eq!(twice(&[said(), lost(), asks(70, 95)]), []);
        assert_eq!(twice(&[said(), lost(), asks(50, 55)]), []);
        assert_eq!(twice(&[lost(), asks(70, 95)]).len(), 1);
    }

    #[test]
    fn what_explains_a_flight_beside_it_explains_it_too() {
        let said = invalidation(0, at(50, 60), Reach::Everywhere);
        let older = |process| load(process, Some(0), at(45, 95), at(40, 96));
        assert_eq!(twice(&[said.clone(), older(1)]), []);
        assert_eq!(twice(&[feed(1, at(50, 60)), older(1)]), []);
        assert_eq!(twice(&[older(1)]).len(), 1);
        assert_eq!(twice(&[said]).len(), 1);
    }

    #[test]
    fn two_at_the_same_time_need_one_too() {
        let loads = [
            load(0, Some(0), at(100, 200), at(90, 250)),
            load(0, Some(0), at(150, 160), at(140, 170)),
        ];
        assert_eq!(check(&History::of(loads.clone()), &BOUNDS).len(), 1);
        let elsewhere = loads.map(|mut event| {
            event.process = usize::from(event.span.begin == at(150, 0).begin);
            event
        });
        assert_eq!(check(&History::of(elsewhere), &BOUNDS), []);
    }

    #[test]
    fn a_load_that_brought_nothing_is_a_reason() {
        for (brought, dropped) in [(None, false), (Some(0), true)] {
            let mut first = load(0, brought, at(100, 200), at(90, 250));
            if let What::Load { dropped: of, .. } = &mut first.what {
                *of = dropped;
            }
            let second = load(0, Some(0), at(300, 400), at(290, 450));
            assert_eq!(check(&History::of([first, second]), &BOUNDS), []);
        }
    }

    #[test]
    fn what_is_over_is_loaded_again() {
        let second = |begin| {
            History::of([
                load(0, Some(0), at(100, 200), at(90, 250)),
                load(0, Some(0), at(begin, begin + 1), at(begin, begin + 2)),
            ])
        };
        assert_eq!(check(&second(60_090), &BOUNDS), []);
        assert_eq!(check(&second(60_089), &BOUNDS).len(), 1);
    }

    #[test]
    fn a_long_reason_is_not_hidden_by_a_short_one() {
        let long = feed(0, at(10, 120));
        let short = feed(0, at(20, 30));
        assert_eq!(twice(&[long, short]), []);
    }
}
