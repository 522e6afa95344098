//! Whose quota a call uses.

use tower_redis::limit::{Limiter, Policy, Quota};
use tower_redis::{Toolkit, rate_limited};

use crate::support::{Told, alone};

#[rate_limited(limit = 2, per = "1m")]
async fn for_all(user: &str) -> Told {
    let _ = user;
    Ok(())
}

struct Tenant {
    id: u64,
    of: (u8, &'static str),
}

#[rate_limited(limit = 1, per = "1m", key = "{tenant.id}:{tenant.of.1}-{type}")]
async fn by_fields(tenant: &Tenant, r#type: Option<&str>) -> Told {
    let _ = (tenant, r#type);
    Ok(())
}

#[rate_limited(limit = 1, per = "1m", key = "{a}:{b}")]
async fn by_two(a: &str, b: &str) -> Told {
    let _ = (a, b);
    Ok(())
}

#[rate_limited(limit = 1, per = "1m", key = (tenant.id, name))]
async fn by_a_value(tenant: &Tenant, name: &str) -> Told {
    let _ = (tenant, name);
    Ok(())
}

#[tokio::test]
async fn without_a_key_all_calls_share_one_quota() {
    alone(async {
        assert!(for_all("ada").await.is_ok());
        assert!(for_all("grace").await.is_ok());
        assert!(for_all("alan").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_key_tells_callers_apart() {
    alone(async {
        let of = (0, "x");
        let [one, two] = [1, 2].map(|id| Tenant { id, of });
        assert!(by_fields(&one, Some("a")).await.is_ok());
        assert!(by_fields(&one, Some("a")).await.is_err());
        assert!(by_fields(&one, None).await.is_ok());
        assert!(by_fields(&two, Some("a")).await.is_ok());
        // no value runs into the next one
        assert!(by_two("a:b", "c").await.is_ok());
        assert!(by_two("a", "b:c").await.is_ok());
        assert!(by_two("a", "b:c").await.is_err());
        assert!(by_a_value(&one, "a").await.is_ok());
        assert!(by_a_value(&one, "a").await.is_err());
        assert!(by_a_value(&two, "a").await.is_ok());
    })
    .await;
}

#[rate_limited(limiter = limiter, key = "login:{user}")]
async fn by_a_text(limiter: &Limiter, user: &str) -> Told {
    let _ = (limiter, user);
    Ok(())
}

#[tokio::test]
async fn a_text_is_the_key_that_the_same_text_is_elsewhere() {
    let policy = Policy::new("logins", Quota::per_minute(1));
    let limiter = Toolkit::in_memory().limiter(&policy).unwrap();
    assert!(by_a_text(&limiter, "ada").await.is_ok());
    assert!(by_a_text(&limiter, "ada").await.is_err());
    assert_eq!(limiter.peek("login:ada").await.remaining, 0);
    assert!(limiter.reset("login:ada").await);
    assert!(by_a_text(&limiter, "ada").await.is_ok());
}
