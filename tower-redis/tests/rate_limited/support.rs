//! What several of these tests need.

use std::future::Future;

use tower_redis::Toolkit;
use tower_redis::limit::RateLimited;

pub(crate) type Told<T = ()> = Result<T, RateLimited>;

/// Runs `test` with limits of its own.
pub(crate) async fn alone<F: Future>(test: F) -> F::Output {
    Toolkit::in_memory().scope(test).await
}

/// Which of these calls passed.
pub(crate) fn passed<T, E>(calls: impl IntoIterator<Item = Result<T, E>>) -> Vec<bool> {
    calls.into_iter().map(|call| call.is_ok()).collect()
}
