//! What a refused client is told.

use std::time::Duration;

use http::{HeaderMap, Request, StatusCode};
use tower_redis::limit::{Policy, Quota};
use tower_redis::middleware::rate_limit::RateLimitLayer;
use tower_redis::testing::ManualClock;

use crate::support::{Seen, Server, Verdict, only_naive, seconds, served, toolkit, unless};

/// A layer on which one request passes in `period`.
fn one_in(period: Duration) -> RateLimitLayer<tower_redis::middleware::rate_limit::Global> {
    let policy = Policy::global(Quota::new(1, period));
    toolkit(&ManualClock::new())
        .rate_limit_layer(policy)
        .unwrap()
}

/// What a second request is answered.
fn refused(mut server: Server) -> Seen {
    server(Request::new(()));
    server(Request::new(()))
}

/// The seconds that a client is told which has to wait for `wait`.
fn who_waits_as_told_is_not_early(told: &dyn Fn(Duration) -> u64) -> Verdict {
    for millis in [1, 999, 1_000, 1_001, 1_900, 59_001] {
        let wait = Duration::from_millis(millis);
        let told = told(wait);
        let enough = told >= 1 && Duration::from_secs(told) >= wait;
        unless(enough, format!("{wait:?} is told as {told} s"))?;
        unless(
            told <= wait.as_secs() + 1,
            format!("{wait:?} is told as {told} s"),
        )?;
    }
    Ok(())
}

/// `tower_governor` says 0 for what is less than a second.
#[test]
fn trap_6_retry_after_is_rounded_down() {
    let ours = |wait| seconds(&refused(served(&one_in(wait))), "retry-after").unwrap();
    only_naive(
        who_waits_as_told_is_not_early(&ours),
        who_waits_as_told_is_not_early(&|wait| wait.as_secs()),
    );
}

/// When twenty clients come back that are refused at once and have to wait for a minute.
fn they_come_back_apart(told: &mut dyn FnMut() -> u64) -> Verdict {
    let told: Vec<_> = (0..20).map(|_| told()).collect();
    unless(
        told.iter().all(|told| *told >= 60),
        format!("early: {told:?}"),
    )?;
    let (first, last) = (told.iter().min(), told.iter().max());
    unless(first != last, format!("all in one second: {told:?}"))
}

/// polyresearch#111; and who spreads them both ways sends half of them too early.
#[test]
fn trap_7_all_come_back_in_one_second() {
    let layer = one_in(Duration::from_secs(60)).retry_jitter(Duration::from_secs(30));
    let mut server = served(&layer);
    server(Request::new(()));
    let mut ours = || seconds(&server(Request::new(())), "retry-after").unwrap();
    only_naive(
        they_come_back_apart(&mut ours),
        they_come_back_apart(&mut || 60),
    );
    let mut n = 0;
    let mut both_ways = || {
        n += 1;
        50 + n
    };
    let naive = they_come_back_apart(&mut both_ways);
    assert!(naive.is_err());
}

/// Whether a cache may keep a refusal, or who is refused reads of a quota that he does not have.
fn a_refusal_is_kept_by_no_cache((status, headers): &Seen) -> Verdict {
    assert!(status.is_client_error() || status.is_server_error());
    let kept = headers
        .get("cache-control")
        .is_none_or(|value| value != "no-store");
    unless(!kept, format!("{status} may be stored and told to others"))
}

/// RFC 6585, section 4: a 429 must not be stored, which not every cache knows.
#[test]
fn trap_27_a_refusal_is_stored_by_a_cache() {
    let mut headers = HeaderMap::new();
    headers.insert("retry-after", "60".parse().unwrap());
    headers.insert("ratelimit", r#""default";r=0;t=60"#.parse().unwrap());
    only_naive(
        a_refusal_is_kept_by_no_cache(&refused(served(&one_in(Duration::from_secs(60))))),
        a_refusal_is_kept_by_no_cache(&(StatusCode::TOO_MANY_REQUESTS, headers)),
    );
}
