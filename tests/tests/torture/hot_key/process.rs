//! One of the processes: asks about one key until it is told to stop, and then says what passed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tests::number;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tower_redis::Toolkit;
use tower_redis::limit::{Algorithm, Basis, Decision, Limiter};

use super::POLICIES;
use super::passed::{By, Passed};
use crate::clock::Clock;

/// What stands before what passed, on stdout.
pub(super) const PASSED: &str = "passed ";
/// What is said of the permits that no lease had.
pub(super) const OVERSHOOT: &str = "overshoot ";
/// What is said on stderr once Redis decides again.
pub(super) const AGAIN: &str = "Redis decides again";

/// How many ask at once.
const TASKS: usize = 6;
/// Between two questions of one of them.
const PAUSE: Duration = Duration::from_millis(1);

struct Asked {
    limiters: Vec<Limiter>,
    clock: Clock,
    stops: AtomicBool,
}

pub(super) async fn run() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let toolkit = Toolkit::from_env().unwrap();
    let limiters = POLICIES.map(|policy| toolkit.limiter(&policy.of(Algorithm::Gcra)).unwrap());
    let asked = Arc::new(Asked {
        limiters: limiters.into(),
        clock: Clock::since(number("TORTURE_ORIGIN").unwrap()),
        stops: AtomicBool::new(false),
    });
    println!("\nlistening on http://{}", listener.local_addr().unwrap());
    let tasks = (0..TASKS).map(|task| tokio::spawn(ask_on(Arc::clone(&asked), task)));
    let tasks: Vec<_> = tasks.collect();
    listener.accept().await.unwrap();
    asked.stops.store(true, Ordering::Release);
    for task in tasks {
        for passed in task.await.unwrap() {
            println!("{PASSED}{passed}");
        }
    }
    let overshoot = |limiter: &Limiter| limiter.stats().overshoot;
    let overshoot: u64 = asked.limiters.iter().map(overshoot).sum();
    println!("{OVERSHOOT}{overshoot}");
}

async fn ask_on(asked: Arc<Asked>, task: usize) -> Vec<Passed> {
    let (mut passed, mut was_away, mut is_told) = (Vec::new(), false, task > 0);
    let now = || asked.clock.now().nanos;
    for turn in task.. {
        if asked.stops.load(Ordering::Acquire) {
            break;
        }
        let policy = turn % POLICIES.len();
        let ask = async || {
            let began = now();
            let decision = asked.limiters[policy].check("hot").await;
            (began, decision, now())
        };
        // only calls that have to wait for each other are a reason to take some ahead
        let answers = if POLICIES[policy].leases > 0 {
            let (one, other) = tokio::join!(ask(), ask());
            vec![one, other]
        } else {
            vec![ask().await]
        };
        for (began, decision, ended) in answers {
            let by = by(&decision);
            was_away |= !matches!(by, By::Redis | By::Lease);
            if was_away && !is_told && by == By::Redis {
                eprintln!("{AGAIN}");
                is_told = true;
            }
            if decision.is_allowed() {
                passed.push(Passed {
                    policy,
                    began,
                    ended,
                    by,
                });
            }
        }
        sleep(PAUSE).await;
    }
    passed
}

/// Who decided.
fn by(decision: &Decision) -> By {
    match decision.basis {
        Basis::Shared => By::Redis,
        Basis::Leased => By::Lease,
        Basis::Unavailable(policy) | Basis::Unknown(policy) => By::Policy(policy),
        other => panic!("{other:?} decides about what is shared"),
    }
}
