//! A read that began after an invalidation of the same process had returned is not older than it, and one that
//! began after a refresh is not older than what that loaded.

use super::event::{Key, Process};
use super::history::History;
use super::reads::{Demand, answered, in_order, unmet};
use super::violation::{Rule, Violation};

pub(super) fn check(history: &History) -> Vec<Violation> {
    let mut violations = Vec::new();
    for ((process, key), reads) in answered(history) {
        let demands = demands(history, process, key);
        for read in reads {
            let Some(demand) = unmet(read, &demands).next() else {
                continue;
            };
            let what = format!(
                "a read of key {key} found {}, and began {:?} after an invalidation of {} had returned",
                read.found,
                read.event.span.begin.since(demand.since),
                demand.least,
            );
            violations.push(Violation::new(Rule::Own, what, [demand.of, read.event]));
        }
    }
    violations
}

fn demands(history: &History, process: Process, key: Key) -> Vec<Demand<'_>> {
    let own = history.invalidations(key);
    let own = own.filter(|(event, _)| event.process == process);
    let own = own.map(|(of, least)| Demand {
        since: of.span.until(),
        least,
        of,
    });
    in_order(own.collect())
}

#[cfg(test)]
mod tests {
    use super::super::event::{Event, Reach, Status, What};
    use super::super::samples::{at, invalidation, read, refresh, write};
    use super::*;

    #[test]
    fn a_read_that_began_before_it_returned_may_be_older() {
        for reach in [Reach::Everywhere, Reach::Pending] {
            let history = History::of([
                write(1, at(1, 2)),
                invalidation(0, at(3, 5), reach),
                read(0, 0, Status::Near, at(4, 6)),
                read(0, 0, Status::Near, at(5, 6)),
                read(0, 1, Status::Loaded, at(6, 7)),
            ]);
            assert_eq!(check(&history), []);
        }
    }

    #[test]
    fn one_that_began_later_may_not() {
        for reach in [Reach::Everywhere, Reach::Pending] {
            for status in [
                Status::Near,
                Status::Far,
                Status::Suspect,
                Status::Coalesced,
            ] {
                let history = History::of([
                    write(1, at(1, 2)),
                    invalidation(0, at(3, 5), reach),
                    write(2, at(6, 7)),
                    read(0, 0, status, at(8, 9)),
                ]);
                assert_eq!(check(&history).len(), 1, "{status:?}");
            }
        }
    }

    #[test]
    fn a_refresh_promises_what_it_loaded() {
        let history = |refreshed: Event| {
            let found = History::of([
                write(1, at(1, 2)),
                // true before it is written
                write(2, at(3, 9)),
                refreshed,
                read(0, 1, Status::Near, at(7, 8)),
            ]);
            check(&found).len()
        };
        let dropped = |mut refreshed: Event| {
            if let What::Refresh { dropped, .. } = &mut refreshed.what {
                *dropped = true;
            }
            refreshed
        };
        assert_eq!(history(refresh(0, Some(2), at(4, 6))), 1);
        assert_eq!(history(refresh(0, Some(1), at(4, 6))), 0);
        assert_eq!(history(refresh(0, Some(2), at(4, 7))), 0);
        assert_eq!(history(refresh(0, None, at(4, 6))), 0);
        assert_eq!(history(refresh(1, Some(2), at(4, 6))), 0);
        assert_eq!(history(dropped(refresh(0, Some(2), at(4, 6)))), 0);
    }

    #[test]
    fn what_was_still_being_written_is_not_covered() {
        let history = History::of([
            write(1, at(1, 4)),
            invalidation(0, at(3, 5), Reach::Everywhere),
            read(0, 0, Status::Near, at(6, 7)),
        ]);
        assert_eq!(check(&history), []);
    }

    #[test]
    fn an_invalidation_that_overtakes_another_does_not_hide_it() {
        let history = History::of([
            write(1, at(1, 2)),
            invalidation(0, at(3, 10), Reach::Everywhere),
            write(2, at(4, 5)),
            invalidation(0, at(6, 7), Reach::Everywhere),
            read(0, 1, Status::Near, at(11, 12)),
        ]);
        assert_eq!(check(&history).len(), 1);
    }

    #[test]
    fn that_of_another_process_is_not_its_own() {
        let history = History::of([
            write(1, at(1, 2)),
            invalidation(1, at(3, 4), Reach::Everywhere),
            read(0, 0, Status::Near, at(5, 6)),
        ]);
        assert_eq!(check(&history), []);
    }
}
