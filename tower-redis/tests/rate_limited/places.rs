//! Which limit a function has.

use std::sync::Arc;

use tower_redis::limit::{Algorithm, Limiter, LimiterSet, Policy, Quota};
use tower_redis::{Toolkit, rate_limited};

use crate::support::Told;

#[rate_limited(limit = 1, per = "1m")]
async fn current() -> Told {
    Ok(())
}

mod deeper {
    use super::*;

    #[rate_limited(limit = 1, per = "1m")]
    pub(super) async fn current() -> Told {
        Ok(())
    }
}

fn names(toolkit: &Toolkit) -> Vec<String> {
    let limiters = toolkit.stats().limiters;
    limiters.into_iter().map(|limiter| limiter.name).collect()
}

#[tokio::test]
async fn each_toolkit_counts_for_itself_and_knows_its_functions_by_where_they_stand() {
    let [one, two] = [(); 2].map(|()| Toolkit::in_memory());
    assert!(one.scope(current()).await.is_ok());
    assert!(one.scope(current()).await.is_err());
    assert!(two.scope(current()).await.is_ok());
    assert!(one.scope(deeper::current()).await.is_ok());
    assert_eq!(
        names(&one),
        [
            "rate_limited::places::current",
            "rate_limited::places::deeper::current"
        ]
    );
    let stats = &one.stats().limiters[0];
    assert_eq!((stats.allowed, stats.denied), (1, 1));
}

#[tokio::test]
async fn threads_that_come_at_once_make_one_limit() {
    let toolkit = Toolkit::in_memory();
    let passed = std::thread::scope(|scope| {
        let call = || toolkit.scope_sync(|| pollster::block_on(current()).is_ok());
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(call)).collect();
        let passed = threads.into_iter().map(|thread| thread.join().unwrap());
        passed.filter(|passed| *passed).count()
    });
    assert_eq!((passed, names(&toolkit).len()), (1, 1));
}

struct Service {
    toolkit: Toolkit,
    logins: Limiter,
    both: Arc<LimiterSet>,
    at_once: LimiterSet,
}

impl Service {
    fn new() -> Self {
        let toolkit = Toolkit::in_memory();
        let limiter = |name, quota| toolkit.limiter(&Policy::new(name, quota)).unwrap();
        let set = [
            limiter("second", Quota::per_second(1_000)),
            limiter("day", Quota::per_day(2)),
        ];
        let held = Policy::new("held", Quota::per_minute(1)).algorithm(Algorithm::Concurrency);
        let held = [
            toolkit.limiter(&held).unwrap(),
            limiter("three", Quota::per_day(3)),
        ];
        Self {
            at_once: LimiterSet::new(held).unwrap(),
            logins: limiter("logins", Quota::per_day(1)),
            both: Arc::new(LimiterSet::new(set).unwrap()),
            toolkit,
        }
    }

    #[rate_limited(limit = 1, per = "1m", skip(self), toolkit = self.toolkit)]
    async fn in_its_toolkit(&self) -> Told {
        Ok(())
    }

    #[rate_limited(limiter = self.logins, key = "{user}")]
    async fn login(&self, user: &str) -> Told {
        let _ = user;
        Ok(())
    }

    #[rate_limited(limiter = self.logins, key = user)]
    fn login_on_a_thread(&self, user: &str) -> Told {
        let _ = user;
        Ok(())
    }

    #[rate_limited(limiter = self.both, key = user)]
    async fn by_both(&self, user: &str) -> Told {
        let _ = user;
        Ok(())
    }

    #[rate_limited(limiter = &self.at_once, skip(self, depth))]
    async fn one_at_once(&self, depth: u8) -> Told<bool> {
        Ok(depth == 0 || Box::pin(self.one_at_once(depth - 1)).await.is_ok())
    }

    #[rate_limited(limiter = self.both, key = user)]
    fn by_both_on_a_thread(&self, user: &str) -> Told {
        let _ = user;
        Ok(())
    }
}

#[tokio::test]
async fn a_toolkit_or_a_limiter_may_be_given() {
    let [one, two] = [(); 2].map(|()| Service::new());
    assert!(one.in_its_toolkit().await.is_ok());
    assert!(one.in_its_toolkit().await.is_err());
    assert!(two.in_its_toolkit().await.is_ok());
    let before = names(&one.toolkit);
    assert!(one.login("ada").await.is_ok());
    let refused = one.login_on_a_thread("ada").unwrap_err();
    assert_eq!(refused.policy(), "logins");
    assert!(two.login_on_a_thread("ada").is_ok());
    assert_eq!(names(&one.toolkit), before);
}

#[tokio::test]
async fn several_limits_may_decide_together() {
    let service = Service::new();
    assert!(service.by_both("ada").await.is_ok());
    assert!(service.by_both_on_a_thread("ada").is_ok());
    let refused = service.by_both_on_a_thread("ada").unwrap_err();
    assert_eq!(refused.policy(), "day");
    assert_eq!(service.by_both("ada").await.unwrap_err().policy(), "day");
    assert!(service.by_both("grace").await.is_ok());
    // what was refused is not charged
    let [second, _] = service.both.limiters() else {
        panic!("two limiters");
    };
    assert_eq!(second.stats().allowed, 3);
}

#[tokio::test]
async fn what_a_set_holds_is_held_for_as_long_as_the_function_runs() {
    let service = Service::new();
    // it is not let into itself, and what refuses that charges nothing
    assert!(!service.one_at_once(1).await.unwrap());
    for _ in 0..2 {
        assert!(service.one_at_once(0).await.unwrap());
    }
    assert_eq!(service.one_at_once(0).await.unwrap_err().policy(), "three");
}
