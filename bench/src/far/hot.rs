//! Limit checks of keys that many ask about at once, beside one script for each check.

use std::hint::black_box;

use tests::RedisServer;
use tower_redis::limit::{Algorithm, Basis, Policy, Quota};

use crate::figure::figure;
use crate::harness::{Effort, Table};
use crate::keys::text;
use crate::runtime;

use super::checks::{BURST, RATE, script};
use super::{toolkit, turning_over};

const TASKS: u64 = 256;
const PEER: &str = "redis, EVALSHA each";

/// What is asked about, and what part of the time of one script for each check it may take.
const BOUNDS: [(&str, usize, u32, f64); 3] = [
    ("one key", 1, 0, 1.0 / 5.0),
    ("one key, with leases", 1, 10_000, 1.0 / 10.0),
    ("1,000 keys", 1_000, 0, 1.0),
];

pub fn measure(effort: Effort, server: &RedisServer) {
    for (what, keys, leases, bound) in BOUNDS {
        let what = format!("limit check, GCRA, {what}, {TASKS} in flight");
        let mut table = Table::new(what.as_str(), PEER);
        table.row("tower-redis check", checks(server, keys, leases));
        table.row(PEER, script(server, keys, TASKS));
        let longer = table.measure_waiting(effort);
        println!();
        figure(&format!("{what}: of {PEER}"), 1.0 + longer, "times", bound);
        server.cli(&["FLUSHALL"]);
    }
}

fn checks(server: &RedisServer, keys: usize, leases: u32) -> impl FnMut(u64) + use<> {
    let quota = Quota::per_second(RATE).burst(BURST);
    let policy = Policy::new("bench", quota).algorithm(Algorithm::Gcra);
    let limiter = toolkit(server).limiter(&policy.leases(leases));
    let limiter = limiter.expect("a limiter");
    turning_over(keys, runtime(), TASKS, move |n| {
        let limiter = limiter.clone();
        async move {
            let decision = black_box(limiter.check(&text(n)).await);
            let counted = matches!(decision.basis, Basis::Shared | Basis::Leased);
            assert!(decision.is_allowed() && counted);
        }
    })
}
