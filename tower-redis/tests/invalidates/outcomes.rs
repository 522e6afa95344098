//! When it is done: after success, before, when nobody knows.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, poll, user, with_a_user};

#[invalidates(user("acme", 7))]
async fn fallible(fails: bool) -> Result<(), String> {
    if fails {
        Err("no".to_owned())?;
    }
    Ok(())
}

#[invalidates(user("acme", 7))]
async fn optional(finds: bool) -> Option<u64> {
    finds.then_some(1)
}

#[tokio::test]
async fn an_ok_and_a_some_are_success() {
    with_a_user(async {
        fallible(true).await.unwrap_err();
        optional(false).await;
        assert!(kept("acme", 7).await, "what failed changed nothing");
        fallible(false).await.unwrap();
        assert!(!kept("acme", 7).await);
        user("acme", 7).await;
        optional(true).await;
        assert!(!kept("acme", 7).await);
    })
    .await;
}

#[invalidates(user("acme", 7))]
async fn sees() -> bool {
    kept("acme", 7).await
}

#[invalidates(user("acme", 7), before)]
async fn sees_before() -> bool {
    let kept = kept("acme", 7).await;
    user("acme", 7).await;
    kept
}

#[invalidates(user("acme", 7), before, after)]
async fn sees_both() -> Result<bool, String> {
    let kept = kept("acme", 7).await;
    user("acme", 7).await;
    Ok(kept)
}

#[tokio::test]
async fn it_is_done_after_the_body_or_before_it_or_both() {
    with_a_user(async {
        assert!(sees().await);
        assert!(!kept("acme", 7).await);
        user("acme", 7).await;
        assert!(!sees_before().await);
        assert!(kept("acme", 7).await);
        assert!(!sees_both().await.unwrap());
        assert!(!kept("acme", 7).await);
    })
    .await;
}

#[invalidates(user("acme", 7))]
async fn held(gate: &Notify) {
    gate.notified().await;
}

#[tokio::test]
async fn a_body_that_was_dropped_may_have_done_its_work() {
    with_a_user(async {
        let gate = Notify::new();
        drop(held(&gate));
        assert!(kept("acme", 7).await, "it had not begun");
        {
            let mut call = pin!(held(&gate));
            assert!(poll(call.as_mut()).is_pending());
            assert!(kept("acme", 7).await, "it is under way");
        }
        assert!(!kept("acme", 7).await);
    })
    .await;
}

#[invalidates(user("acme", 7), before)]
async fn held_before(gate: &Notify) {
    gate.notified().await;
}

#[tokio::test]
async fn what_is_done_only_before_is_not_done_when_the_body_is_dropped() {
    with_a_user(async {
        let gate = Notify::new();
        let mut call = Box::pin(held_before(&gate));
        assert!(poll(call.as_mut()).is_pending());
        assert!(!kept("acme", 7).await);
        user("acme", 7).await;
        drop(call);
        assert!(kept("acme", 7).await);
    })
    .await;
}

#[invalidates(user("acme", 7))]
async fn panics() -> Result<(), String> {
    panic!("half-way")
}

#[cached]
fn plain(id: u64) -> u64 {
    id
}

#[invalidates(plain(1))]
fn panics_on_its_thread() {
    panic!("half-way")
}

#[tokio::test]
async fn a_body_that_panicked_may_have_done_its_work() {
    with_a_user(async {
        AssertUnwindSafe(panics()).catch_unwind().await.unwrap_err();
        assert!(!kept("acme", 7).await);
    })
    .await;
    Toolkit::in_memory().scope_sync(|| {
        plain(1);
        catch_unwind(panics_on_its_thread).unwrap_err();
        assert_eq!(plain::peek(1), None);
    });
}
