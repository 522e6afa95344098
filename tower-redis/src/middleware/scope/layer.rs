//! The layer that makes something current around a service.

use tower_layer::Layer;

use crate::scope::Scope;

use super::service::Scoped;

/// Makes a toolkit current for the requests of a service: `#[cached]` functions called by its handlers
/// use that toolkit's caches. Made by `Toolkit::scope_layer`. See the [module docs](super).
#[derive(Debug, Clone)]
pub struct ScopeLayer(Scope);

impl ScopeLayer {
    pub(crate) fn new(scope: Scope) -> Self {
        Self(scope)
    }
}

impl<S> Layer<S> for ScopeLayer {
    type Service = Scoped<S>;

    fn layer(&self, inner: S) -> Scoped<S> {
        Scoped::new(inner, self.0.clone())
    }
}
