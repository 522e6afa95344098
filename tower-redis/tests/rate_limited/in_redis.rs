//! What a real server counts.

use tests::RedisServer;
use tower_redis::config::{Settings, Variables};
use tower_redis::limit::{Basis, Limiter, Policy, Quota};
use tower_redis::{Toolkit, rate_limited};

use crate::support::Told;

#[rate_limited(limit = 3, per = "1h", key = "{user}")]
async fn login(user: &str) -> Told {
    let _ = user;
    Ok(())
}

#[rate_limited(limit = 3, per = "1h", key = "{user}")]
fn on_a_thread(user: &str) -> Told {
    let _ = user;
    Ok(())
}

#[rate_limited(limit = 1, per = "1h", algorithm = "concurrency")]
fn one_inside_of_itself(depth: u8) -> Told<bool> {
    Ok(depth == 0 || one_inside_of_itself(depth - 1).is_ok())
}

/// One process that uses the server.
fn process(server: &RedisServer) -> Toolkit {
    // a busy machine is not what is tested here
    let variables = Variables::from([("REDIS_URL", &*server.url()), ("REDIS_TIMEOUT", "10s")]);
    let settings = Settings::read(&variables).unwrap();
    Toolkit::builder().settings(settings).build().unwrap()
}

#[tokio::test]
async fn processes_count_together_whether_they_wait_on_a_thread_or_not() {
    let server = RedisServer::start();
    let [one, two] = [(); 2].map(|()| process(&server));
    let mut passed = [0, 0];
    for n in 0..5 {
        let toolkit = if n % 2 == 0 { &one } else { &two };
        let [by_future, by_thread] = [
            toolkit.scope(login("ada")).await,
            // this is the thread of the runtime itself
            toolkit.scope_sync(|| on_a_thread("ada")),
        ];
        for (passed, told) in passed.iter_mut().zip([by_future, by_thread]) {
            match told {
                Ok(()) => *passed += 1,
                Err(refused) => assert_eq!(refused.decision().basis, Basis::Shared),
            }
        }
    }
    assert_eq!(passed, [3, 3]);
}

#[rate_limited(limiter = limiter, key = "{user}")]
async fn by(limiter: &Limiter, user: &str) -> Told {
    let _ = (limiter, user);
    Ok(())
}

#[rate_limited(limiter = limiter, key = "{user}")]
fn by_on_a_thread(limiter: &Limiter, user: &str) -> Told {
    let _ = (limiter, user);
    Ok(())
}

#[tokio::test]
async fn a_thread_does_not_wait_for_calls_that_need_it_to_go_on() {
    let server = RedisServer::start();
    let policy = Policy::new("p", Quota::per_hour(2));
    let limiter = process(&server).limiter(&policy).unwrap();
    let mut under_way = Box::pin(by(&limiter, "ada"));
    assert!(futures_util::poll!(under_way.as_mut()).is_pending());
    assert!(by_on_a_thread(&limiter, "ada").is_ok());
    assert!(under_way.await.is_ok());
    assert!(by(&limiter, "ada").await.is_err());
}

#[tokio::test]
async fn a_held_permit_is_given_back_by_a_thread_as_well() {
    let server = RedisServer::start();
    let toolkit = process(&server);
    let call = |depth| toolkit.scope_sync(|| one_inside_of_itself(depth));
    assert!(!call(1).unwrap(), "it is held while the body runs");
    tests::eventually("what is dropped is given back", || call(0).is_ok());
}
