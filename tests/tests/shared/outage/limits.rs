//! Why each call of a limited route passed, or did not.
//!
//! Each limit is five a minute. While Redis is away, who decides is what its policy says: nobody (*open*: all
//! pass), nobody (*closed*: none passes, and the answer is another one), or the counts of the process, which it
//! keeps all the time (*local*). So an address gets five by Redis, and by a local policy five from each process that
//! could not ask, or got no answer. Every address calls in one phase only, and no phase is longer than a
//! minute.

use std::collections::BTreeMap;

use tests::http::StatusCode;

use crate::outage::play::Phase;
use crate::outage::record::Call;

const QUOTA: usize = 5;

/// What the calls of one address were told.
#[derive(Debug, Default)]
struct Told {
    by_redis: usize,
    by_process: BTreeMap<usize, usize>,
    by_nobody: usize,
    /// The quota was used up.
    refused: usize,
    /// Nobody could count.
    turned_away: usize,
}

impl Told {
    fn alone(&self) -> usize {
        self.by_process.values().sum()
    }
}

pub(super) fn are_explained(calls: &[Call]) {
    for route in ["/api/rate-limited", "/limited/open", "/limited/closed"] {
        let told = told(calls.iter().filter(|call| call.what == route));
        for (address, told) in &told {
            is_explained(
                route,
                address.1,
                told,
                &format!("{route} {address:?}: {told:?}"),
            );
        }
        for phase in Phase::ALL {
            let of = told.iter().filter(|((_, found), _)| *found == phase);
            somebody_decided(route, phase, of.map(|(_, told)| told));
        }
    }
}

fn told<'a>(calls: impl Iterator<Item = &'a Call>) -> BTreeMap<(&'a str, Phase), Told> {
    let mut addresses: BTreeMap<_, Told> = BTreeMap::new();
    for call in calls {
        let told = addresses
            .entry((call.from.as_str(), call.phase))
            .or_default();
        match (call.counted_in.as_deref(), call.status) {
            (Some("redis"), _) => told.by_redis += 1,
            (Some("memory"), _) => *told.by_process.entry(call.demo).or_default() += 1,
            (Some("nowhere"), _) => told.by_nobody += 1,
            (None, StatusCode::TOO_MANY_REQUESTS) => told.refused += 1,
            (None, StatusCode::SERVICE_UNAVAILABLE) => told.turned_away += 1,
            _ => panic!("{call:?}"),
        }
    }
    addresses
}

fn is_explained(route: &str, phase: Phase, told: &Told, what: &str) {
    // in the last moments of this phase Redis is emptied, and has forgotten who had what
    let quotas = if phase == Phase::Back { 2 } else { 1 };
    assert!(told.by_redis <= quotas * QUOTA, "{what}");
    let all_by_process = told.by_process.values().all(|count| *count <= QUOTA);
    // nobody was refused before somebody had it all, or as nobody knew who may have had it
    let had = match route {
        "/api/rate-limited" => {
            assert!(
                all_by_process && told.by_nobody + told.turned_away == 0,
                "{what}"
            );
            told.by_redis + told.alone()
        }
        "/limited/open" => {
            assert!(told.alone() + told.turned_away == 0, "{what}");
            // one that got no answer passed, and may have been counted
            told.by_redis + told.by_nobody
        }
        _ => {
            assert!(told.alone() + told.by_nobody == 0, "{what}");
            told.by_redis + told.turned_away
        }
    };
    assert!(told.refused == 0 || had >= QUOTA, "{what}");
}

/// Redis decided while it was there, and the policy did while it was not.
fn somebody_decided<'a>(route: &str, phase: Phase, told: impl Iterator<Item = &'a Told>) {
    let told: Vec<_> = told.collect();
    let without = |told: &&&Told| told.alone() + told.by_nobody + told.turned_away > 0;
    let there = match phase {
        Phase::Killed | Phase::Stopped | Phase::Silent => told.iter().any(|told| without(&told)),
        Phase::Healthy | Phase::Restarted | Phase::Resumed | Phase::Back | Phase::Flushed => {
            told.iter().any(|told| told.by_redis > 0)
        }
    };
    assert!(there, "{route} in {phase:?}: {told:?}");
}
