//! Why each call of the limited route passed, or did not.
//!
//! The limit is five a minute, decided by the counts of the process while Redis is away, which it keeps
//! all the time. So an address gets five by Redis, and five from each process that could not ask, or got
//! no answer. Every address calls in one phase only, and no phase is longer than a minute.

use std::collections::BTreeMap;

use tests::http::StatusCode;

use crate::outage::play::Phase;
use crate::outage::record::Call;

const QUOTA: usize = 5;

#[derive(Debug, Default)]
struct Told {
    by_redis: usize,
    by_process: BTreeMap<usize, usize>,
    refused: usize,
}

pub(super) fn are_explained(calls: &[Call]) {
    let mut addresses: BTreeMap<(&str, Phase), Told> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.what == "/api/rate-limited") {
        let told = addresses.entry((&call.from, call.phase)).or_default();
        match call.counted_in.as_deref() {
            Some("redis") => told.by_redis += 1,
            Some(_) => *told.by_process.entry(call.demo).or_default() += 1,
            None => {
                assert_eq!(call.status, StatusCode::TOO_MANY_REQUESTS, "{call:?}");
                told.refused += 1;
            }
        }
    }
    for (address, told) in &addresses {
        let alone: usize = told.by_process.values().sum();
        // in the last moments of this phase Redis is emptied, and has forgotten who had what
        let quotas = if address.1 == Phase::Back { 2 } else { 1 };
        assert!(told.by_redis <= quotas * QUOTA, "{address:?}: {told:?}");
        for by_process in told.by_process.values() {
            assert!(*by_process <= QUOTA, "{address:?}: {told:?}");
        }
        if told.refused > 0 {
            // nobody was refused before somebody had it all
            assert!(told.by_redis + alone >= QUOTA, "{address:?}: {told:?}");
        }
    }
    // Redis counted while it was there, and processes did while it was not
    for phase in Phase::ALL {
        let of = addresses.iter().filter(|((_, found), _)| *found == phase);
        let (by_redis, alone) = of.fold((0, 0), |(by_redis, alone), (_, told)| {
            (
                by_redis + told.by_redis,
                alone + told.by_process.values().sum::<usize>(),
            )
        });
        let there = match phase {
            Phase::Killed | Phase::Stopped | Phase::Silent => alone > 0,
            Phase::Healthy | Phase::Restarted | Phase::Resumed | Phase::Back | Phase::Flushed => {
                by_redis > 0
            }
        };
        assert!(
            there,
            "{phase:?}: {by_redis} by Redis and {alone} by processes in {addresses:?}"
        );
    }
}
