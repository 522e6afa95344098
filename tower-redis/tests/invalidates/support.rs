//! What several of these tests need.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tower_redis::{Toolkit, cached};

/// A name for each number, from wherever: what a writer makes wrong.
#[cached(tags("users", "org:{org}"))]
pub(crate) async fn user(org: &str, id: u64) -> String {
    format!("{org}/{id}")
}

/// Whether the name of a user is kept.
pub(crate) async fn kept(org: &str, id: u64) -> bool {
    user::peek(org, id).await.is_some()
}

/// Runs `test` with caches of its own, in which a user is kept.
pub(crate) async fn with_a_user<F: Future>(test: F) -> F::Output {
    let toolkit = Toolkit::in_memory();
    let test = async {
        user("acme", 7).await;
        assert!(kept("acme", 7).await);
        test.await
    };
    toolkit.scope(test).await
}

/// One step of `future`, which nobody wakes.
pub(crate) fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}
