//! Redis that fails, forgets or is not asked.

use std::sync::Arc;
use std::time::Duration;

use tests::{Proxy, RedisServer, Target, eventually};
use tower_redis::limit::{Basis, Limiter, OnUnavailable, Policy, Quota};
use tower_redis::testing::ManualClock;

use crate::support::{Verdict, admitted, only_naive, passes, process, unless};

/// A client that was refused, and a server that has lost its last writes, as a replica has that took over.
fn who_was_refused_stays_so(server: &RedisServer, mut call: impl FnMut() -> bool) -> Verdict {
    server.cli(&["FLUSHALL"]);
    admitted(6, &mut call);
    server.cli(&["FLUSHALL"]);
    unless(!call(), "it has a fresh quota")
}

/// For as long as a refusal is remembered, which is a second at most, and that of the clock here does not pass.
#[test]
fn trap_14_a_failover_gives_a_fresh_quota_at_once() {
    let server = RedisServer::start();
    let toolkit = process(&server.url(), "10s", &ManualClock::new());
    let limiter = toolkit
        .limiter(&Policy::new("p", Quota::per_hour(5)))
        .unwrap();
    let mut client = server.client();
    only_naive(
        who_was_refused_stays_so(&server, || passes(&limiter, "ada")),
        who_was_refused_stays_so(&server, || client.call(&["INCR", "ada"]).int() <= 5),
    );
}

/// What a call is told while Redis accepts everything and answers nothing, if it is told in time.
fn a_silent_server_is_not_waited_for(
    call: impl FnOnce() -> Option<bool> + Send + 'static,
    expected: bool,
) -> Verdict {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(call()));
    // far more than the 50 ms it should take, far less than what others wait for
    let told = told.recv_timeout(Duration::from_secs(2)).ok().flatten();
    unless(
        told == Some(expected),
        format!("it is told {told:?} instead of {expected}"),
    )
}

/// `upstash` waits five seconds, Envoy ten, `actix-limitation` for ever, and what happens then is not said.
#[test]
fn trap_23_a_silent_redis_is_waited_for_and_nobody_said_what_then() {
    let server = RedisServer::start();
    let proxy = Arc::new(Proxy::before(Target::Unix(server.socket())));
    for (policy, expected) in [
        (OnUnavailable::Open, true),
        (OnUnavailable::Closed, false),
        (OnUnavailable::Local, true),
    ] {
        let toolkit = process(&proxy.url(), "50ms", &ManualClock::new());
        let quota = Policy::new("p", Quota::per_hour(5)).on_unavailable(policy);
        let limiter = toolkit.limiter(&quota).unwrap();
        eventually("it is asked", || {
            pollster::block_on(limiter.peek("nobody")).basis == Basis::Shared
        });
        let mut client = tests::resp::Client::tcp(proxy.address()).unwrap();
        proxy.hold();
        let ours = move || Some(passes(&limiter, "ada"));
        let naive = move || {
            client.patience(Duration::from_secs(10));
            let answer = client.try_call(&["INCR", "ada"]);
            answer.ok().map(|used| used.int() <= 5)
        };
        let both = (
            a_silent_server_is_not_waited_for(ours, expected),
            a_silent_server_is_not_waited_for(naive, expected),
        );
        proxy.restore();
        only_naive(both.0, both.1);
    }
}

/// What a policy in shadow says after ten calls, of which it would have refused seven.
fn a_shadow_counts_every_refusal(passed: usize, refused: u64) -> Verdict {
    unless(passed == 10, format!("{passed} of 10 passed"))?;
    unless(refused == 7, format!("{refused} of 7 refusals are told"))
}

/// envoy#423: refusals that are known without asking are not counted as those of a shadow.
#[test]
fn trap_26_a_shadow_counts_no_refusal_that_is_remembered() {
    let server = RedisServer::start();
    let toolkit = process(&server.url(), "10s", &ManualClock::new());
    let policy = Policy::new("p", Quota::per_hour(3)).shadow(true);
    let limiter: Limiter = toolkit.limiter(&policy).unwrap();
    let passed = admitted(10, || passes(&limiter, "ada"));
    let stats = limiter.stats();
    assert!(stats.recalled > 0, "none was remembered: {stats:?}");

    let (mut client, mut remembered, mut refused) = (server.client(), false, 0);
    let naive_passed = admitted(10, || {
        if !remembered && client.call(&["INCR", "naive"]).int() > 3 {
            remembered = true;
            refused += 1;
        }
        true
    });
    only_naive(
        a_shadow_counts_every_refusal(passed, stats.shadow_denied),
        a_shadow_counts_every_refusal(naive_passed, refused),
    );
}
