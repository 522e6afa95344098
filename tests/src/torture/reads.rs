//! The reads of a history that answered, by process and key.

use std::collections::BTreeMap;

use super::event::{Event, Key, Process, Status, Version, What};
use super::history::History;

/// One that answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'a> {
    pub(super) event: &'a Event,
    pub(super) found: Version,
    pub(super) status: Status,
}

/// All that answered, in the order in which they began.
pub(super) fn answered(history: &History) -> BTreeMap<(Process, Key), Vec<Read<'_>>> {
    let mut reads: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in history.events() {
        if let What::Read {
            key,
            found: Some(found),
            status,
        } = event.what
        {
            let read = Read {
                event,
                found,
                status,
            };
            reads.entry((event.process, key)).or_default().push(read);
        }
    }
    reads
}

/// What is demanded from some instant on: at least a version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand<'a> {
    pub(super) since: super::instant::Instant,
    pub(super) least: Version,
    pub(super) of: &'a Event,
}

/// Those of `demands`, which are in order, that `read` does not meet.
pub(super) fn unmet<'a, 'd>(
    read: Read<'_>,
    demands: &'d [Demand<'a>],
) -> impl Iterator<Item = &'d Demand<'a>> {
    let before = demands.partition_point(|demand| demand.since < read.event.span.begin);
    let made = demands.get(..before).unwrap_or_default();
    // what was demanded last is most
    let unmet = move |demand: &&Demand<'_>| demand.least > read.found;
    made.iter().rev().take_while(unmet)
}

/// In order, and none less than the one before it.
pub(super) fn in_order(mut demands: Vec<Demand<'_>>) -> Vec<Demand<'_>> {
    demands.sort_by_key(|demand| demand.since);
    let mut least = 0;
    demands.retain(|demand| {
        let keeps = demand.least >= least;
        least = least.max(demand.least);
        keeps
    });
    demands
}
