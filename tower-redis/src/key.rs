//! Keys: what a value is filed under, as bytes that two different inputs never share.
//!
//! A key is written once into a buffer on the stack; the same bytes are hashed for the near tier and
//! will be sent to the far one. Everything that is a [`CacheKey`] writes itself so that, for one type,
//! different values write different bytes:
//!
//! | value | written |
//! |---|---|
//! | integers, `bool`, `char`, addresses | as they print |
//! | text | itself; a reserved character is written `%` and two hexadecimal digits |
//! | a tuple | its parts, joined by `:` |
//! | `None` | `~` |
//! | `Some(x)` | `x`; with one more `~` in front when `x` itself starts with `~` |
//! | a slice | `[`, each element followed by `,`, `]` |
//!
//! A character is reserved where it would be read as structure: `:` inside a tuple, `~` inside an
//! `Option`, `[ ] ,` inside a slice; and everywhere `{ }`, spaces, control characters and `%` itself.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use smallvec::SmallVec;

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

/// A set of ASCII characters.
///
/// Those that our own forms reserve come in classes, looked up in a table: text is scanned on every
/// hit. The rest, separators that a user chose, are bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reserved {
    classes: u8,
    others: u128,
}

const ALWAYS: u8 = 1;
const PERCENT: u8 = 2;
const COLON: u8 = 4;
const TILDE: u8 = 8;
const BRACKETS: u8 = 16;

/// The classes a byte is in.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut control = 0;
    while control < 32 {
        classes[control] = ALWAYS;
        control += 1;
    }
    classes[0x7f] = ALWAYS;
    classes[b' ' as usize] = ALWAYS;
    classes[b'{' as usize] = ALWAYS;
    classes[b'}' as usize] = ALWAYS;
    classes[b'%' as usize] = PERCENT;
    classes[b':' as usize] = COLON;
    classes[b'~' as usize] = TILDE;
    classes[b'[' as usize] = BRACKETS;
    classes[b']' as usize] = BRACKETS;
    classes[b',' as usize] = BRACKETS;
    classes
};

impl Reserved {
    /// What is reserved everywhere in a key of ours: what Redis Cluster reads as syntax, and what does
    /// not show on a terminal.
    const OURS: Reserved = Reserved {
        classes: ALWAYS | PERCENT,
        others: 0,
    };

    // an escape is only readable back when `%` itself is escaped
    const fn and_class(self, class: u8) -> Self {
        Self {
            classes: self.classes | class | PERCENT,
            others: self.others,
        }
    }

    fn of(characters: &[u8]) -> Self {
        let ascii = characters.iter().filter(|byte| byte.is_ascii());
        let others = ascii.fold(0, |set, byte| set | 1 << byte);
        let classes = if others == 0 { 0 } else { PERCENT };
        Self { classes, others }
    }

    fn has(self, byte: u8) -> bool {
        let other = self.others != 0 && byte < 128 && self.others >> byte & 1 == 1;
        CLASSES[usize::from(byte)] & self.classes != 0 || other
    }

    fn has_any(self, bytes: &[u8]) -> bool {
        if self.others == 0 {
            let classes = bytes
                .iter()
                .fold(0, |seen, byte| seen | CLASSES[usize::from(*byte)]);
            classes & self.classes != 0
        } else {
            bytes.iter().any(|byte| self.has(*byte))
        }
    }
}

/// Collects the bytes of a key; up to 96 of them without an allocation.
#[derive(Debug, Clone)]
pub struct KeyWriter {
    bytes: SmallVec<[u8; 96]>,
    reserved: Reserved,
}

impl Default for KeyWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyWriter {
    /// A writer for a key of our own form.
    #[must_use]
    #[inline]
    pub fn new() -> Self {
        Self {
            bytes: SmallVec::new(),
            reserved: Reserved::OURS,
        }
    }

    /// A writer for a key whose form the user spelled out: text is written as it is, except for
    /// `separators`, the characters that end one placeholder and start the next literal.
    #[must_use]
    pub fn exact(separators: &[u8]) -> Self {
        Self {
            bytes: SmallVec::new(),
            reserved: Reserved::of(separators),
        }
    }

    /// The key of `value`, in our own form.
    #[must_use]
    #[inline]
    pub fn of<Q: CacheKey + ?Sized>(value: &Q) -> Self {
        let mut key = Self::new();
        value.write(&mut key);
        key
    }

    /// What has been written.
    #[must_use]
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Appends structure or a fixed part: nothing is escaped.
    #[inline]
    pub fn literal(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// Appends text from outside; reserved characters are escaped.
    #[inline]
    pub fn text(&mut self, text: &str) {
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        let bytes = text.as_bytes();
        if !self.reserved.has_any(bytes) {
            self.bytes.extend_from_slice(bytes);
            return;
        }
        let mut copied = 0;
        for (at, &byte) in bytes.iter().enumerate() {
            if self.reserved.has(byte) {
                self.bytes.extend_from_slice(&bytes[copied..at]);
                let digits = [
                    b'%',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ];
                self.bytes.extend_from_slice(&digits);
                copied = at + 1;
            }
        }
        self.bytes.extend_from_slice(&bytes[copied..]);
    }

    /// Appends what `value` prints, escaped like [`text`](Self::text). Two values that print alike
    /// share a key.
    pub fn display(&mut self, value: &(impl Display + ?Sized)) {
        // an error can only come from the value's own `Display`; what it printed before that stands
        let _ = write!(Text(self), "{value}");
    }

    /// Reserves a class of characters, besides what already is, while `write` runs.
    fn reserving(&mut self, class: u8, write: impl FnOnce(&mut Self)) {
        let before = self.reserved;
        self.reserved = before.and_class(class);
        write(self);
        self.reserved = before;
    }
}

struct Text<'a>(&'a mut KeyWriter);

impl fmt::Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.text(text);
        Ok(())
    }
}

/// The bytes of one key, kept. Found by the same bytes borrowed (`&[u8]`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(Arc<[u8]>);

impl Key {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&[u8]> for Key {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

// Hash and `Equivalent` have to agree with those of `[u8]`
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl CacheKey for $ty {
            fn write(&self, key: &mut KeyWriter) {
                key.literal(itoa::Buffer::new().format(*self));
            }
        }
        impl KeyFor<$ty> for $ty {}
        impl KeyFor<NonZero<$ty>> for NonZero<$ty> {}
        impl CacheKey for NonZero<$ty> {
            fn write(&self, key: &mut KeyWriter) {
                self.get().write(key);
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

macro_rules! printed {
    ($($ty:ty)*) => {$(
        impl CacheKey for $ty {
            fn write(&self, key: &mut KeyWriter) {
                key.display(self);
            }
        }
        impl KeyFor<$ty> for $ty {}
    )*};
}

printed!(IpAddr Ipv4Addr Ipv6Addr SocketAddr);

impl CacheKey for bool {
    fn write(&self, key: &mut KeyWriter) {
        key.literal(if *self { "true" } else { "false" });
    }
}

impl KeyFor<bool> for bool {}
impl KeyFor<char> for char {}
impl KeyFor<()> for () {}
impl KeyFor<String> for str {}
impl KeyFor<String> for String {}
impl<T: KeyFor<K> + ToOwned + ?Sized, K> KeyFor<K> for Cow<'_, T> {}
impl<T: KeyFor<K>, K> KeyFor<Option<K>> for Option<T> {}
impl<T: KeyFor<K>, K> KeyFor<Vec<K>> for [T] {}
impl<T: KeyFor<K>, K> KeyFor<Vec<K>> for Vec<T> {}
impl<T: KeyFor<K>, K, const N: usize> KeyFor<Vec<K>> for [T; N] {}
impl<T: KeyFor<K>, K, const N: usize> KeyFor<[K; N]> for [T; N] {}

impl CacheKey for char {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.encode_utf8(&mut [0; 4]));
    }
}

impl CacheKey for str {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self);
    }
}

impl CacheKey for String {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self);
    }
}

macro_rules! pointers {
    ($($ty:ty)*) => {$(
        impl<T: CacheKey + ?Sized> CacheKey for $ty {
            fn write(&self, key: &mut KeyWriter) {
                (**self).write(key);
            }
        }
        impl<T: KeyFor<K> + ?Sized, K> KeyFor<K> for $ty {}
    )*};
}

pointers!(&T Box<T> Rc<T> Arc<T>);

impl<T: CacheKey + ToOwned + ?Sized> CacheKey for Cow<'_, T> {
    fn write(&self, key: &mut KeyWriter) {
        (**self).write(key);
    }
}

impl<T: CacheKey> CacheKey for Option<T> {
    fn write(&self, key: &mut KeyWriter) {
        let Some(value) = self else {
            return key.literal("~");
        };
        let start = key.bytes.len();
        key.reserving(TILDE, |key| value.write(key));
        if key.bytes.get(start) == Some(&b'~') {
            key.bytes.insert(start, b'~');
        }
    }
}

impl<T: CacheKey> CacheKey for [T] {
    fn write(&self, key: &mut KeyWriter) {
        key.reserving(BRACKETS, |key| {
            key.literal("[");
            for element in self {
                element.write(key);
                key.literal(",");
            }
            key.literal("]");
        });
    }
}

impl<T: CacheKey> CacheKey for Vec<T> {
    fn write(&self, key: &mut KeyWriter) {
        self.as_slice().write(key);
    }
}

impl<T: CacheKey, const N: usize> CacheKey for [T; N] {
    fn write(&self, key: &mut KeyWriter) {
        self.as_slice().write(key);
    }
}

impl CacheKey for () {
    fn write(&self, _: &mut KeyWriter) {}
}

impl<A: CacheKey> CacheKey for (A,) {
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
    }
}

impl<A: KeyFor<K>, K> KeyFor<(K,)> for (A,) {}

macro_rules! tuples {
    ($(($first:ident $zero:tt $one:ident $(, $part:ident $at:tt $whole:ident)*))*) => {$(
        impl<$first, $one, $($part, $whole),*> KeyFor<($one, $($whole,)*)> for ($first, $($part,)*)
        where
            $first: KeyFor<$one>,
            $($part: KeyFor<$whole>,)*
        {}

        impl<$first: CacheKey $(, $part: CacheKey)*> CacheKey for ($first, $($part,)*) {
            fn write(&self, key: &mut KeyWriter) {
                key.reserving(COLON, |key| {
                    self.$zero.write(key);
                    $(
                        key.literal(":");
                        self.$at.write(key);
                    )*
                });
            }
        }
    )*};
}

tuples! {
    (A 0 K0, B 1 K1)
    (A 0 K0, B 1 K1, C 2 K2)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6, H 7 K7)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6, H 7 K7, I 8 K8)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6, H 7 K7, I 8 K8, J 9 K9)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6, H 7 K7, I 8 K8, J 9 K9, K 10 K10)
    (A 0 K0, B 1 K1, C 2 K2, D 3 K3, E 4 K4, F 5 K5, G 6 K6, H 7 K7, I 8 K8, J 9 K9, K 10 K10, L 11 K11)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(value: &(impl CacheKey + ?Sized)) -> String {
        String::from_utf8(KeyWriter::of(value).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn reads_as_the_table_says() {
        assert_eq!(written(&42_u64), "42");
        assert_eq!(written("a b:c%"), "a%20b:c%25");
        assert_eq!(written(&("a:b", 1)), "a%3Ab:1");
        assert_eq!(written(&("a", 7, true)), "a:7:true");
        assert_eq!(written(&None::<&str>), "~");
        assert_eq!(written(&Some("~")), "%7E");
        assert_eq!(written(&Some(None::<u8>)), "~~");
        assert_eq!(written(&["a", ""][..]), "[a,,]");
        assert_eq!(written(&()), "");
        assert_eq!(written(&IpAddr::from([127, 0, 0, 1])), "127.0.0.1");
    }

    #[test]
    fn an_exact_key_is_written_as_it_is() {
        let mut key = KeyWriter::exact(b"");
        key.literal("user:{");
        key.text("a:b %{}~");
        assert_eq!(key.as_bytes(), b"user:{a:b %{}~");
        let mut key = KeyWriter::exact(b":");
        key.text("a:b%");
        assert_eq!(key.as_bytes(), b"a%3Ab%25");
    }

    #[test]
    fn a_view_and_its_owner_write_the_same() {
        assert_eq!(written("x"), written(&String::from("x")));
        assert_eq!(written(&("x", 1)), written(&(String::from("x"), &1)));
        assert_eq!(written(&[1, 2][..]), written(&vec![1, 2]));
    }

    type Nested = (
        Option<Option<(String, Option<String>)>>,
        Vec<String>,
        String,
    );

    fn nested() -> impl Strategy<Value = Nested> {
        let text = || "[a~:%,\\[\\]]{0,3}";
        let pair = (text(), proptest::option::of(text()));
        (
            proptest::option::of(proptest::option::of(pair)),
            proptest::collection::vec(text(), 0..3),
            text(),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn different_values_never_share_a_key(a in nested(), b in nested()) {
            prop_assert_eq!(a == b, written(&a) == written(&b), "{} {}", written(&a), written(&b));
        }

        #[test]
        fn different_pairs_of_text_never_share_an_exact_key(
            a in ("[ab:%]{0,4}", "[ab:%]{0,4}"),
            b in ("[ab:%]{0,4}", "[ab:%]{0,4}"),
        ) {
            let exact = |(x, y): &(String, String)| {
                let mut key = KeyWriter::exact(b":");
                key.text(x);
                key.literal(":");
                key.text(y);
                key
            };
            let (left, right) = (exact(&a), exact(&b));
            prop_assert_eq!(a == b, left.as_bytes() == right.as_bytes());
        }
    }
}
