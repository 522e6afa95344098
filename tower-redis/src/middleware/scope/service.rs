//! The service that runs its inner one within a scope.

use std::task::{Context, Poll};

use tower_service::Service;

use crate::scope::Scope;

use super::future::ScopedFuture;

/// A service whose requests run within a scope. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct Scoped<S> {
    inner: S,
    scope: Scope,
}

impl<S> Scoped<S> {
    pub(crate) fn new(inner: S, scope: Scope) -> Self {
        Self { inner, scope }
    }
}

impl<S: Service<R>, R> Service<R> for Scoped<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = ScopedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let future = self.scope.clone().enter(|| self.inner.call(request));
        ScopedFuture::new(self.scope.clone().around(future))
    }
}
