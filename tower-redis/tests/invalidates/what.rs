//! What becomes wrong, and how that is said.

use tower_redis::cache::{Reach, Status};
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, user, with_a_user};

mod shop {
    use tower_redis::cached;

    #[cached(key = "shop:list:{org}:{page}")]
    pub(crate) fn list(org: &str, page: Option<u32>) -> String {
        format!("{org} {page:?}")
    }
}

#[cached(companion = names)]
fn by_name(name: String) -> usize {
    name.len()
}

#[cached(skip(factor))]
fn scaled(value: u64, factor: u64) -> u64 {
    value * factor
}

#[cached(key = "shown:{value}")]
fn shown<T: std::fmt::Display>(value: T) -> String {
    value.to_string()
}

#[invalidates(user(org, id))]
async fn rename(org: &str, id: u64) {
    let _ = (org, id);
}

#[tokio::test]
async fn the_answer_of_one_call() {
    with_a_user(async {
        user("acme", 8).await;
        rename("acme", 7).await;
        assert!(!kept("acme", 7).await);
        assert!(kept("acme", 8).await);
    })
    .await;
}

#[invalidates(expire(user(org, id), shop::list(org, None)), names(org.to_owned()))]
async fn touch(org: &str, id: u64) {
    let _ = (org, id);
}

#[invalidates(expire(tags("org:{org}")))]
fn touch_all(org: &str) {
    let _ = org;
}

/// Whether something answers while it is loaded anew.
async fn stale(org: &str) -> bool {
    let found = rated::lookup(org).await;
    found.status == Status::Stale
}

#[cached(tags("org:{org}"), stale_while_revalidate = "1h")]
async fn rated(org: &str) -> usize {
    org.len()
}

#[invalidates(expire(rated(&org)))]
async fn rate(org: String) {
    drop(org);
}

#[tokio::test]
async fn what_becomes_stale_instead_of_being_removed() {
    with_a_user(async {
        rated("acme").await;
        rated("other").await;
        rate("acme".to_owned()).await;
        assert!(stale("acme").await);
        assert!(!stale("other").await);
        touch_all("other");
        assert!(stale("other").await);
        // without a window what is stale answers nobody
        touch("acme", 7).await;
        assert!(!kept("acme", 7).await);
    })
    .await;
}

#[invalidates(
    shop::list(&org, Some(page)),
    names(name),
    scaled(u64::from(page) + 1),
    shown::<u64>(7),
    shown(&org),
)]
fn move_all(org: String, page: u32, name: String) -> usize {
    // the arguments are the body's to use up
    drop(org);
    name.into_bytes().len()
}

#[test]
fn several_calls_by_any_expression_over_the_arguments() {
    Toolkit::in_memory().scope_sync(|| {
        let fill = || {
            shop::list("acme", Some(2));
            by_name("Ada".to_owned());
            scaled(3, 10);
            shown(7_u64);
            shown("acme");
        };
        fill();
        shop::list("acme", Some(3));
        move_all("acme".to_owned(), 2, "Ada".to_owned());
        assert_eq!(shop::list::peek("acme", Some(2)), None);
        assert!(shop::list::peek("acme", Some(3)).is_some());
        assert_eq!(names::peek("Ada".to_owned()), None);
        assert_eq!(scaled::peek(3), None);
        assert_eq!(shown::peek(7_u64), None);
        assert_eq!(shown::peek("acme"), None);
    });
}

struct Member {
    org: String,
}

#[invalidates(tags("org:{member.org}", "nothing"))]
async fn leave(member: Member) {
    drop(member);
}

#[tokio::test]
async fn what_carries_a_tag() {
    with_a_user(async {
        user("other", 7).await;
        let org = "acme".to_owned();
        leave(Member { org }).await;
        assert!(!kept("acme", 7).await);
        assert!(kept("other", 7).await);
    })
    .await;
}

#[invalidates(clear(user, shown))]
async fn reset() {}

#[tokio::test]
async fn everything_that_a_function_keeps() {
    with_a_user(async {
        user("other", 7).await;
        shown(1);
        reset().await;
        assert!(!kept("acme", 7).await);
        assert!(!kept("other", 7).await);
        assert_eq!(shown::peek(1), None);
    })
    .await;
}

#[invalidates(prefix("shop:list:{org}:"))]
fn by_prefix(org: &str) {
    let _ = org;
}

#[invalidates(pattern("shop:*:{org}:[0-4]"))]
fn by_pattern(org: &str) {
    let _ = org;
}

#[test]
fn keys_that_begin_alike_and_keys_that_match() {
    for by in [by_prefix, by_pattern] {
        Toolkit::in_memory().scope_sync(|| {
            shop::list("a*", Some(1));
            shop::list("acme", Some(1));
            by("a*");
            assert_eq!(shop::list::peek("a*", Some(1)), None);
            // what an argument brings along stands for itself
            assert!(shop::list::peek("acme", Some(1)).is_some());
            by("acme");
            assert_eq!(shop::list::peek("acme", Some(1)), None);
        });
    }
}

#[tokio::test]
async fn a_toolkit_finds_keys_by_pattern_and_by_prefix_without_redis() {
    let toolkit = Toolkit::in_memory();
    let cache = toolkit.near_cache::<u64, u64>("exact").build().unwrap();
    let ttl = std::time::Duration::from_secs(60);
    cache.put(&1, 1, ttl).await;
    let fill = || {
        for page in 1..=3 {
            shop::list("acme", Some(page));
        }
    };
    let all = async {
        fill();
        let done = toolkit
            .invalidate_pattern("shop:list:*:[12]")
            .await
            .unwrap();
        assert_eq!((done.dropped, done.reach), (2, Reach::Everywhere));
        assert!(shop::list::peek("acme", Some(3)).is_some());
        fill();
        let done = toolkit.invalidate_prefix("shop:list:ac").await.unwrap();
        assert_eq!(done.dropped, 3);
        // without Redis only keys that were spelled out are known outside
        assert_eq!(cache.get(&1).await, Some(1));
        assert_eq!(toolkit.invalidate_prefix("1").await.unwrap().dropped, 0);
    };
    toolkit.scope(all).await;
}

#[tokio::test]
async fn what_would_mean_every_key_is_refused() {
    let toolkit = Toolkit::in_memory();
    for wild in ["", "*", "?*", "[a-z]*"] {
        let error = toolkit.invalidate_pattern(wild).await.unwrap_err();
        assert!(
            error.is_config() && error.to_string().contains("every key"),
            "{error}"
        );
    }
    assert!(toolkit.invalidate_prefix("").await.unwrap_err().is_config());
}

#[tokio::test]
async fn many_keys_of_a_cache_at_once() {
    let toolkit = Toolkit::in_memory();
    let cache = toolkit.cache::<String, u64>("many").build().unwrap();
    for key in ["a", "b", "c"] {
        cache.put(key, 1, std::time::Duration::from_secs(60)).await;
    }
    let done = cache.invalidate_many(&["a", "c", "d"]).await;
    assert_eq!((done.dropped, done.reach), (2, Reach::Everywhere));
    assert_eq!(cache.get("a").await, None);
    assert_eq!(cache.get("b").await, Some(1));
}

#[invalidates(user(org, 7), toolkit = elsewhere)]
async fn in_another(org: &str, elsewhere: &Toolkit) {
    let _ = org;
}

#[tokio::test]
async fn in_another_toolkit_than_the_current_one() {
    let elsewhere = Toolkit::in_memory();
    elsewhere.scope(user("acme", 7)).await;
    with_a_user(async {
        in_another("acme", &elsewhere).await;
        assert!(kept("acme", 7).await);
    })
    .await;
    assert!(!elsewhere.scope(kept("acme", 7)).await);
}
