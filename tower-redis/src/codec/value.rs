//! What can be shared.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that can travel to Redis and back: `serde` can write and read it, and it owns what it
/// holds.
///
/// There is nothing to implement: every such type is one. Reading has to bring back what was written.
/// A field that `serde` skips comes back as its default, and JSON has no word for a NaN.
///
/// A value that cannot travel can still be cached in this process: `#[cached(near_only)]`, or
/// `toolkit.near_cache(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cached: a cached value travels to Redis, and this one cannot be written and read by serde",
    label = "this is not a `CacheValue`",
    note = "derive `Clone`, `serde::Serialize` and `serde::Deserialize` for `{Self}`, or for the type of yours that it holds; it has to own what it holds, and to be `Send + Sync`",
    note = "or keep it in this process: `#[cached(near_only)]`, `toolkit.near_cache(..)`",
    note = "an answer of a handler, such as `Json<T>`, is made of what a function that it calls has kept: `Json(find(id).await)`"
)]
pub trait CacheValue: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> CacheValue for T {}
