//! A trap that needs processes which know how many they are; the others are in `tests/traps`.

use tests::RedisServer;

use crate::limit::basis::OnUnavailable;
use crate::limit::policy::Policy;
use crate::limit::quota::Quota;

use super::support::Process;

/// Three processes have lost Redis. How many of twenty calls of one key each of them lets pass.
fn together_they_keep_the_quota(mut passes: impl FnMut(usize) -> bool) -> Result<(), String> {
    let calls = (0..60).filter(|n| passes(n % 3)).count();
    if calls <= 9 {
        Ok(())
    } else {
        Err(format!("{calls} passed of a quota of 9"))
    }
}

/// `slowapi`, `rate-limiter-flexible`: the whole quota for each process.
#[test]
fn trap_24_without_redis_there_are_as_many_quotas_as_processes() {
    let mut server = RedisServer::start();
    let processes = [(); 3].map(|()| Process::patient(&server));
    let mut pulses = processes.each_ref().map(Process::pulse);
    for _ in 0..2 {
        for (process, pulse) in processes.iter().zip(&mut pulses) {
            process.learn(pollster::block_on(pulse.beat()).unwrap());
        }
    }
    let policy = Policy::new("p", Quota::per_hour(9)).on_unavailable(OnUnavailable::Share);
    let limiters = processes.each_ref().map(|process| process.limiter(&policy));
    server.kill();
    let ours = together_they_keep_the_quota(|at| {
        pollster::block_on(limiters[at].check("ada")).is_allowed()
    });
    let mut used = [0; 3];
    let naive = together_they_keep_the_quota(|at| {
        used[at] += 1;
        used[at] <= 9
    });
    assert_eq!(ours, Ok(()));
    assert!(naive.is_err());
}
