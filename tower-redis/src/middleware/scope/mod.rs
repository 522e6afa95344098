//! A toolkit of its own for a service: what `#[cached]` functions use while they answer its requests.
//!
//! The scope covers the handler; a body that is streamed after the handler has answered is produced
//! outside of it.
//!
//! ```
//! # #[cfg(feature = "macros")] mod example {
//! use tower::{Service, ServiceBuilder, ServiceExt, service_fn};
//! use tower_redis::{Toolkit, cached};
//!
//! #[cached(ttl = 60)]
//! async fn length(word: String) -> usize {
//!     word.len()
//! }
//!
//! # pub async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let toolkit = Toolkit::in_memory();
//! let mut service = ServiceBuilder::new()
//!     .layer(toolkit.scope_layer())
//!     .service(service_fn(async |word: String| Ok::<_, std::io::Error>(length(word).await)));
//! assert_eq!(service.ready().await?.call("four".into()).await?, 4);
//! assert_eq!(toolkit.stats().caches.len(), 1, "the function's cache is this toolkit's");
//! # Ok(())
//! # }
//! # }
//! # #[cfg(feature = "macros")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> { example::run().await }
//! # #[cfg(not(feature = "macros"))]
//! # fn main() {}
//! ```

mod future;
mod layer;
mod service;

pub use future::ScopedFuture;
pub use layer::ScopeLayer;
pub use service::Scoped;
