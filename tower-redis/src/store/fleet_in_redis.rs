//! Many processes that need one value, on a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Barrier;

use super::entry::{Found, Leased, Place};
use super::in_redis::InRedis;
use super::laws::{Seat, World, unique, value};

const PROCESSES: usize = 4;
const TASKS: usize = 25;

/// Longer than any test takes: who is not woken fails it.
const HOLD: Duration = Duration::from_secs(600);

/// What was done by all of them.
struct Done {
    /// Everybody has asked once.
    asked: Barrier,
    loads: AtomicUsize,
    /// Those that were for all.
    leads: AtomicUsize,
}

impl Done {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asked: Barrier::new(PROCESSES * TASKS),
            loads: AtomicUsize::new(0),
            leads: AtomicUsize::new(0),
        })
    }
}

/// How a load goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    Succeeds,
    Fails,
}

/// What a cache does that has found nothing: the value, or none when it could not be loaded.
async fn need(seat: &Seat, at: &Place, load: Load, done: &Done) -> bool {
    let mut first = true;
    loop {
        // before it is asked, so that nothing is missed
        let arrival = seat.watch.arrival(&at.key);
        let leased = seat.store.lease_fleet(at, None, HOLD).await.unwrap();
        if std::mem::take(&mut first) {
            done.asked.wait().await;
        }
        let (lease, leads) = match leased {
            Leased::There(Found::Entry(_)) => return true,
            Leased::Granted(lease) => (lease, true),
            Leased::Failed { lease, .. } => (lease, false),
            Leased::Held { rest } => {
                tokio::time::timeout(rest, arrival).await.unwrap();
                continue;
            }
            other => panic!("{other:?}"),
        };
        done.loads.fetch_add(1, Ordering::Relaxed);
        done.leads.fetch_add(leads.into(), Ordering::Relaxed);
        if load == Load::Succeeds {
            seat.store.fill(at, &lease, &value(7)).await.unwrap();
            return true;
        }
        if leads {
            seat.store.fail(at, &lease, HOLD).await.unwrap();
        }
        return false;
    }
}

/// All of them at once; answers how many have the value.
fn all_need(seats: &[Arc<Seat>], at: &Place, load: Load, done: &Arc<Done>) -> usize {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let all = (0..PROCESSES * TASKS).map(|n| {
            let seat = Arc::clone(&seats[n % PROCESSES]);
            let (at, done) = (at.clone(), Arc::clone(done));
            tokio::spawn(async move { need(&seat, &at, load, &done).await })
        });
        let mut have = 0;
        for one in all.collect::<Vec<_>>() {
            have += usize::from(one.await.unwrap());
        }
        have
    })
}

fn processes(world: &InRedis) -> Vec<Arc<Seat>> {
    (0..PROCESSES).map(|_| Arc::new(world.seat())).collect()
}

#[test]
fn a_hundred_tasks_in_four_processes_load_once() {
    let world = InRedis::new();
    let (seats, at) = (processes(&world), unique(b"fleet"));
    let done = Done::new();
    let have = all_need(&seats, &at, Load::Succeeds, &done);
    assert_eq!(have, PROCESSES * TASKS);
    assert_eq!(done.loads.load(Ordering::Relaxed), 1);
}

#[test]
fn after_a_leader_that_died_one_of_them_loads() {
    let world = InRedis::new();
    let (seats, at) = (processes(&world), unique(b"fleet"));
    // in a process that is gone
    let dead = world.seat();
    let hold = Duration::from_millis(20);
    let leased = pollster::block_on(dead.store.lease_fleet(&at, None, hold));
    assert!(matches!(leased, Ok(Leased::Granted(_))));
    drop(dead);
    world.pass(hold);
    let done = Done::new();
    let have = all_need(&seats, &at, Load::Succeeds, &done);
    assert_eq!(have, PROCESSES * TASKS);
    assert_eq!(done.loads.load(Ordering::Relaxed), 1);
}

#[test]
fn a_load_that_fails_makes_no_queue() {
    let world = InRedis::new();
    let (seats, at) = (processes(&world), unique(b"fleet"));
    let done = Done::new();
    let have = all_need(&seats, &at, Load::Fails, &done);
    assert_eq!(have, 0);
    assert_eq!(done.loads.load(Ordering::Relaxed), PROCESSES * TASKS);
    // all the others load at the same time, each for itself
    assert_eq!(done.leads.load(Ordering::Relaxed), 1);
}
