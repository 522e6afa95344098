//! What can be a key.

use super::writer::KeyWriter;

/// A value that can be the key of a cache.
///
/// Write your own for a newtype by delegating, or with [`KeyWriter::display`] when it prints
/// different values differently:
///
/// ```
/// use tower_redis::key::{CacheKey, KeyWriter};
///
/// struct Isbn(String);
///
/// impl CacheKey for Isbn {
///     fn write(&self, key: &mut KeyWriter) {
///         self.0.write(key);
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a cache key",
    label = "this does not implement `CacheKey`",
    note = "implement `tower_redis::key::CacheKey` for `{Self}` (delegate to a field, or use `KeyWriter::display`)",
    note = "in `#[cached]`, leave an argument out of the key with `skip(name)`, or say what counts with `key = \"..{{name}}..\"`"
)]
pub trait CacheKey {
    /// Writes the bytes of this key. Different values must write different bytes.
    fn write(&self, key: &mut KeyWriter);

    /// What `write` appends to an empty key of our own form, where it lies ready.
    #[doc(hidden)]
    fn ready(&self) -> Option<&[u8]> {
        None
    }
}

/// A value that can be used where the key is a `K`: a `K` itself, or a view of one that writes the same
/// bytes. So a cache by `(String, u64)` is read with `&("a", 7)`, without allocating.
///
/// A newtype that is the key of a [`Cache`](crate::cache::Cache) says so for itself:
/// `impl KeyFor<Isbn> for Isbn {}`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a key for a cache by `{K}`",
    label = "expected a `{K}` or a view of one",
    note = "if `{K}` is a type of yours, add `impl tower_redis::key::KeyFor<{K}> for {K}` beside its `CacheKey`"
)]
pub trait KeyFor<K>: CacheKey {}

impl KeyWriter {
    /// The key of `value`, in our own form.
    #[must_use]
    #[inline]
    pub fn of<Q: CacheKey + ?Sized>(value: &Q) -> Self {
        let mut key = Self::new();
        value.write(&mut key);
        key
    }

    /// Lends the key of `value`, in our own form, to `f`; it is written only where it does not lie
    /// ready.
    #[inline]
    pub(crate) fn lend<Q: CacheKey + ?Sized, R>(value: &Q, f: impl FnOnce(&[u8]) -> R) -> R {
        match value.ready() {
            Some(bytes) => f(bytes),
            None => f(Self::of(value).as_bytes()),
        }
    }
}
