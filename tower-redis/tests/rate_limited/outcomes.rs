//! What a function says whose call was refused.

use std::time::Duration;

use tower_redis::limit::{Outcome, RateLimited};
use tower_redis::rate_limited;

use crate::support::{Told, alone};

#[rate_limited(limit = 1, per = "1h", key = "login:{user}", name = "logins")]
async fn login(user: &str) -> Told<usize> {
    Ok(user.len())
}

#[tokio::test]
async fn a_refusal_tells_the_policy_the_limit_and_the_time() {
    alone(async {
        assert_eq!(login("ada").await.unwrap(), 3);
        let refused = login("ada").await.unwrap_err();
        assert_eq!((refused.policy(), refused.limit()), ("logins", 1));
        let wait = refused.retry_after().unwrap();
        let hour = Duration::from_secs(3_600);
        assert!(wait <= hour && wait > hour / 2, "{wait:?}");
        assert_eq!(refused.to_string(), "rate limit exceeded");
        assert!(matches!(refused.decision().outcome, Outcome::Denied { .. }));
        assert!(login("grace").await.is_ok());
    })
    .await;
}

#[derive(Debug, PartialEq)]
enum Failure {
    Limited(String),
    Other,
}

impl From<RateLimited> for Failure {
    fn from(refused: RateLimited) -> Self {
        Self::Limited(refused.policy().to_owned())
    }
}

#[rate_limited(limit = 1, per = 60, name = "own")]
async fn with_an_error_of_its_own(fails: bool) -> Result<(), Failure> {
    if fails { Err(Failure::Other) } else { Ok(()) }
}

#[rate_limited(limit = 1, per = "1m")]
async fn with_any_error() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(())
}

#[rate_limited(limit = 1, per = "1m")]
async fn with_anyhow() -> anyhow::Result<()> {
    Ok(())
}

#[tokio::test]
async fn the_error_is_made_of_the_refusal() {
    alone(async {
        // an error of the body is charged as well
        let first = with_an_error_of_its_own(true).await;
        assert_eq!(first, Err(Failure::Other));
        let second = with_an_error_of_its_own(false).await;
        assert_eq!(second, Err(Failure::Limited("own".to_owned())));

        with_any_error().await.unwrap();
        let refused = with_any_error().await.unwrap_err();
        assert!(refused.is::<RateLimited>());

        with_anyhow().await.unwrap();
        assert!(with_anyhow().await.unwrap_err().is::<RateLimited>());
    })
    .await;
}

#[derive(Debug, PartialEq)]
enum Answer {
    Is(u64),
    Later(u64),
}

impl From<RateLimited> for Answer {
    fn from(refused: RateLimited) -> Self {
        Self::Later(refused.limit())
    }
}

#[rate_limited(limit = 1, per = "1m")]
fn what_is_returned_is_made_of_it(n: u64) -> Answer {
    Answer::Is(n)
}

#[rate_limited(limit = 1, per = "1m", on_limited = |refused| Some(refused.limit()))]
async fn with_a_closure() -> Option<u64> {
    None
}

fn instead(_: RateLimited) -> &'static str {
    "later"
}

#[rate_limited(limit = 1, per = "1m", on_limited = instead)]
fn with_a_function() -> &'static str {
    "now"
}

#[rate_limited(limit = 1, per = "1m", on_limited = |_| calls.push(0))]
fn that_sees_the_arguments(calls: &mut Vec<u64>) {
    calls.push(1);
}

#[rate_limited(limit = 1, per = "1m", on_limited = |refused| format!("{refused}"))]
async fn whose_type_has_no_name() -> impl AsRef<str> {
    "now".to_owned()
}

#[rate_limited(limit = 1, per = "1m")]
async fn whose_success_has_no_name() -> Result<impl Iterator<Item = u8>, Failure> {
    Ok([7].into_iter())
}

#[tokio::test]
async fn another_answer_may_be_given_instead() {
    alone(async {
        assert_eq!(what_is_returned_is_made_of_it(7), Answer::Is(7));
        assert_eq!(what_is_returned_is_made_of_it(7), Answer::Later(1));
        assert_eq!(with_a_closure().await, None);
        assert_eq!(with_a_closure().await, Some(1));
        assert_eq!([with_a_function(), with_a_function()], ["now", "later"]);
        let mut calls = Vec::new();
        that_sees_the_arguments(&mut calls);
        that_sees_the_arguments(&mut calls);
        assert_eq!(calls, [1, 0]);
        assert_eq!(whose_type_has_no_name().await.as_ref(), "now");
        assert_eq!(
            whose_type_has_no_name().await.as_ref(),
            "rate limit exceeded"
        );
        assert!(whose_success_has_no_name().await.is_ok());
        assert!(whose_success_has_no_name().await.is_err());
    })
    .await;
}
