//! Every read ends, and every refresh.

use super::bounds::Bounds;
use super::event::What;
use super::history::History;
use super::violation::{Rule, Violation};

pub(super) fn check(history: &History, bounds: &Bounds) -> Vec<Violation> {
    let reads = history.events().iter();
    let reads =
        reads.filter(|event| matches!(event.what, What::Read { .. } | What::Refresh { .. }));
    let hang = |event: &_| {
        Violation::new(
            Rule::Hangs,
            format!("it took more than {:?}", bounds.patience),
            [event],
        )
    };
    reads
        .filter(|event| event.span.begin.after(bounds.patience) < event.span.until())
        .map(hang)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::event::Status;
    use super::super::instant::Span;
    use super::super::samples::{BOUNDS, at, read, refresh};
    use super::*;

    #[test]
    fn a_read_takes_its_time_and_no_more() {
        let history = |took: u64| History::of([read(0, 0, Status::Loaded, at(1, 1 + took))]);
        assert_eq!(check(&history(5_000), &BOUNDS), []);
        assert_eq!(check(&history(5_001), &BOUNDS).len(), 1);
    }

    #[test]
    fn one_that_never_ended_took_too_long() {
        let span = Span {
            end: None,
            ..at(1, 1)
        };
        let history = History::of([read(0, 0, Status::Coalesced, span)]);
        assert_eq!(check(&history, &BOUNDS).len(), 1);
        let history = History::of([refresh(0, None, span)]);
        assert_eq!(check(&history, &BOUNDS).len(), 1);
    }
}
