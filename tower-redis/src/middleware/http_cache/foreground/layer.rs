//! The layer.

use tower_layer::Layer;

use crate::middleware::http_cache::layer::CacheLayer;

use super::service::ForegroundService;

/// A [`CacheLayer`] for services that are not `Clone` or not `Send`; made by [`CacheLayer::foreground`], which says what
/// is different.
#[derive(Debug, Clone)]
pub struct ForegroundLayer {
    layer: CacheLayer,
}

impl CacheLayer {
    /// The same cache around services that are not `Clone` or not `Send`, as those of a `LocalSet` are.
    ///
    /// Such a service cannot be called once more from a task. So what is stale is validated before it answers, by one
    /// request, while others that come meanwhile get what is stale; and a client that leaves before the head has come
    /// ends its request: of those who wait for it one asks then. All else is as it is, and what is stored is shared
    /// with the services of this layer and its other clones.
    ///
    /// The service is always ready: requests that need the inner service wait for it to be, one after the other, in
    /// their own futures. Its response bodies have to be `Send`, since what is kept is read by a task.
    ///
    /// ```
    /// use std::convert::Infallible;
    /// use std::rc::Rc;
    ///
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use tower::{Layer, Service, ServiceExt, service_fn};
    /// use tower_redis::Toolkit;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let text = Rc::new("local");
    /// let local = service_fn(move |_: Request<String>| {
    ///     let text = Rc::clone(&text);
    ///     async move {
    ///         let response = Response::builder().header("cache-control", "max-age=10");
    ///         Ok::<_, Infallible>(response.body(Full::<Bytes>::from(*text)).unwrap())
    ///     }
    /// });
    /// let mut service = Toolkit::in_memory().cache_layer().foreground().layer(local);
    ///
    /// let ask = || Request::get("http://example.com/").body(String::new());
    /// service.ready().await?.call(ask()?).await?;
    /// let second = service.ready().await?.call(ask()?).await?;
    /// assert_eq!(second.headers()["age"], "0");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn foreground(self) -> ForegroundLayer {
        ForegroundLayer { layer: self }
    }
}

impl<S> Layer<S> for ForegroundLayer {
    type Service = ForegroundService<S>;

    fn layer(&self, inner: S) -> ForegroundService<S> {
        ForegroundService::new(inner, self.layer.handle())
    }
}
