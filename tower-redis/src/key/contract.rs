//! What can be a key.

use std::fmt;

use super::digits::Digits;
use super::reserved::Reserved;
use super::sought::Sought;
use super::writer::KeyWriter;

/// A value that can be the key of a cache.
///
/// With the feature `macros` it is derived for structs and enums, by their fields:
#[cfg_attr(
    feature = "macros",
    doc = "[`#[derive(CacheKey)]`](derive@crate::key::CacheKey)."
)]
#[cfg_attr(not(feature = "macros"), doc = "`#[derive(CacheKey)]`.")]
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
    note = "write `#[derive(tower_redis::key::CacheKey)]` on `{Self}`, if it is a type of yours, or on the one that it holds; or implement it (`KeyWriter::display` writes what prints)",
    note = "in `#[cached]`, leave an argument out of the key with `skip(name)`, or say what counts with `key = \"..{{name}}..\"`"
)]
pub trait CacheKey {
    /// Writes the bytes of this key. Different values must write different bytes.
    fn write(&self, key: &mut KeyWriter);

    /// What `write` appends to an empty key of our own form, where that can be told without a writer.
    #[doc(hidden)]
    fn ready(&self) -> Ready<'_> {
        Ready(Form::Written)
    }
}

/// A key that may take no writer.
#[doc(hidden)]
pub struct Ready<'a>(pub(super) Form<'a>);

impl<'a> Ready<'a> {
    /// The key, if it is a text as it stands.
    #[inline]
    pub(crate) fn text(self) -> Option<&'a [u8]> {
        match self.0 {
            Form::Text(text) if !Reserved::OURS.has_any(text) => Some(text),
            Form::Text(_) | Form::Number(_) | Form::Written => None,
        }
    }
}

pub(super) enum Form<'a> {
    /// It lies there, unless something in it has to be escaped.
    Text(&'a [u8]),
    Number(u64),
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
pub trait KeyFor<K: ?Sized>: CacheKey {}

impl KeyWriter {
    /// The key of `value`, in our own form.
    #[must_use]
    #[inline]
    pub fn of<Q: CacheKey + ?Sized>(value: &Q) -> Self {
        let mut key = Self::new();
        value.write(&mut key);
        key
    }

    /// Lends the key of `value`, in our own form, to `f`. Numbers take no writer, nor text of which nothing is escaped.
    #[inline]
    pub fn lend<Q: CacheKey + ?Sized, R>(value: &Q, f: impl FnOnce(&[u8]) -> R) -> R {
        match value.ready().0 {
            Form::Number(number) => f(Digits::of(number).as_bytes()),
            Form::Text(text) if !Reserved::OURS.has_any(text) => f(text),
            Form::Text(_) | Form::Written => f(Self::of(value).as_bytes()),
        }
    }

    /// Lends the key of `value` to `f`, to be looked for.
    #[doc(hidden)]
    #[inline(always)]
    pub fn seek<Q: CacheKey + ?Sized, R>(value: &Q, f: impl FnOnce(Sought<'_>) -> R) -> R {
        match value.ready().0 {
            Form::Number(number) => f(Sought::number(number)),
            Form::Text(text) => f(Sought::text(text)),
            Form::Written => Self::of(value).sought(f),
        }
    }

    /// Lends what has been written to `f`, to be looked for.
    #[doc(hidden)]
    #[inline(never)]
    pub fn sought<R>(&self, f: impl FnOnce(Sought<'_>) -> R) -> R {
        f(Sought::of(self.as_bytes()))
    }

    /// A key that was looked for, to be kept.
    #[doc(hidden)]
    #[must_use]
    pub fn written(key: Sought<'_>) -> Self {
        let mut writer = Self::new();
        key.write(&mut writer);
        writer
    }
}
