//! What can be a key.

use std::fmt;

use super::digits::Digits;
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

    /// What `write` appends to an empty key of our own form, where it takes no writer.
    #[doc(hidden)]
    fn ready(&self) -> Ready<'_> {
        Ready(Form::Written)
    }
}

/// A key that takes no writer, if it is one.
#[doc(hidden)]
pub struct Ready<'a>(pub(super) Form<'a>);

pub(super) enum Form<'a> {
    /// It lies there.
    Text(&'a [u8]),
    Number(Digits),
    /// It has to be written.
    Written,
}

impl fmt::Debug for Ready<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ready").finish_non_exhaustive()
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

    /// Lends the key of `value`, in our own form, to `f`. Text and numbers take no writer.
    #[inline]
    pub fn lend<Q: CacheKey + ?Sized, R>(value: &Q, f: impl FnOnce(&[u8]) -> R) -> R {
        let (digits, written);
        f(match value.ready().0 {
            Form::Text(text) => text,
            Form::Number(number) => {
                digits = number;
                digits.as_bytes()
            }
            Form::Written => {
                written = Self::of(value);
                written.as_bytes()
            }
        })
    }

    /// A key that has been written, to be kept.
    #[must_use]
    pub fn written(key: &[u8]) -> Self {
        let mut writer = Self::new();
        writer.literal_bytes(key);
        writer
    }
}
