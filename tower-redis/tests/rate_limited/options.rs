//! What the options mean.

use std::time::Duration;

use tower_redis::limit::{Algorithm, Basis};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, rate_limited};

use crate::support::Told;

const MINUTE: Duration = Duration::from_secs(60);
const CALLS: u16 = 2;

#[rate_limited(limit = CALLS, per = MINUTE)]
async fn by_constants() -> Told {
    Ok(())
}

#[rate_limited(limit = 60, per = "1m", burst = 2)]
async fn with_a_burst() -> Told {
    Ok(())
}

#[rate_limited(limit = 2, per = "1m", algorithm = "fixed_window")]
async fn by_windows() -> Told {
    Ok(())
}

#[rate_limited(limit = 10, per = "1m", cost = 4)]
async fn that_costs_four() -> Told {
    Ok(())
}

#[rate_limited(limit = 10, per = "1m", cost = u32::from(items.len() as u8))]
async fn that_costs_what_it_is_given(items: &[u64]) -> Told {
    let _ = items;
    Ok(())
}

#[rate_limited(limit = 1, per = "1m", shadow)]
async fn in_shadow() -> Told {
    Ok(())
}

#[rate_limited(
    limit = 1,
    per = "1m",
    key = "{user}",
    ban(after = 2, within = "1m", lasts = "1h")
)]
async fn with_a_ban(user: &str) -> Told {
    let _ = user;
    Ok(())
}

fn toolkit() -> (ManualClock, Toolkit) {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    (clock, toolkit)
}

#[tokio::test]
async fn the_quota_is_what_was_said() {
    let (clock, toolkit) = toolkit();
    toolkit
        .scope(async {
            for n in 0..3 {
                assert_eq!(by_constants().await.is_ok(), n < 2);
                assert_eq!(with_a_burst().await.is_ok(), n < 2);
                assert_eq!(by_windows().await.is_ok(), n < 2);
                assert_eq!(that_costs_four().await.is_ok(), n < 2);
            }
            clock.advance(Duration::from_secs(1));
            assert!(with_a_burst().await.is_ok(), "one a second comes back");
            assert!(by_constants().await.is_err());
            clock.advance(MINUTE);
            assert!(by_constants().await.is_ok());
            assert!(by_windows().await.is_ok());
        })
        .await;
}

#[tokio::test]
async fn a_call_may_cost_what_its_arguments_say() {
    let (_, toolkit) = toolkit();
    toolkit
        .scope(async {
            assert!(that_costs_what_it_is_given(&[0; 7]).await.is_ok());
            assert!(that_costs_what_it_is_given(&[0; 4]).await.is_err());
            assert!(that_costs_what_it_is_given(&[0; 3]).await.is_ok());
            assert!(that_costs_what_it_is_given(&[]).await.is_ok());
            let never = that_costs_what_it_is_given(&[0; 11]).await.unwrap_err();
            assert!(never.decision().is_never());
            assert_eq!(never.retry_after(), None);
        })
        .await;
}

#[tokio::test]
async fn a_limit_in_shadow_refuses_nothing_and_counts() {
    let (_, toolkit) = toolkit();
    toolkit
        .scope(async {
            assert!(in_shadow().await.is_ok());
            assert!(in_shadow().await.is_ok());
        })
        .await;
    let stats = &toolkit.stats().limiters[0];
    assert_eq!((stats.denied, stats.shadow_denied), (0, 1));
}

#[tokio::test]
async fn who_is_refused_too_often_is_kept_out() {
    let (clock, toolkit) = toolkit();
    toolkit
        .scope(async {
            assert!(with_a_ban("ada").await.is_ok());
            for _ in 0..2 {
                assert!(with_a_ban("ada").await.is_err());
            }
            clock.advance(2 * MINUTE);
            let refused = with_a_ban("ada").await.unwrap_err();
            assert_eq!(refused.decision().basis, Basis::Banned);
            assert_eq!(
                refused.to_string(),
                "refused too often, and kept out for a while"
            );
            assert!(with_a_ban("grace").await.is_ok());
            clock.advance(60 * MINUTE);
            assert!(with_a_ban("ada").await.is_ok());
        })
        .await;
}

#[rate_limited(limit = 1, per = "1m", algorithm = "concurrency")]
async fn one_at_a_time(turn: &tokio::sync::Notify) -> Told {
    turn.notified().await;
    Ok(())
}

#[rate_limited(limit = 1, per = "1m", algorithm = "concurrency")]
fn one_inside_of_itself(depth: u8) -> Told<bool> {
    let _ = Algorithm::Concurrency;
    Ok(depth == 0 || one_inside_of_itself(depth - 1).is_ok())
}

#[tokio::test]
async fn a_permit_is_held_while_the_body_runs() {
    let (_, toolkit) = toolkit();
    toolkit
        .scope(async {
            let turn = tokio::sync::Notify::new();
            let mut first = Box::pin(one_at_a_time(&turn));
            assert!(futures_util::poll!(first.as_mut()).is_pending());
            let refused = one_at_a_time(&turn).await.unwrap_err();
            assert_eq!(refused.to_string(), "too many requests at once");
            turn.notify_one();
            assert!(first.await.is_ok());
            // one that is dropped half-way gives it back as well
            let mut second = Box::pin(one_at_a_time(&turn));
            assert!(futures_util::poll!(second.as_mut()).is_pending());
            drop(second);
            turn.notify_one();
            assert!(one_at_a_time(&turn).await.is_ok());
            assert!(one_inside_of_itself(0).unwrap());
            assert!(!one_inside_of_itself(1).unwrap());
            assert!(one_inside_of_itself(0).unwrap());
        })
        .await;
}
