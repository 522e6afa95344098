//! How the types of the standard library write themselves.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::Arc;

use super::contract::{CacheKey, Form, KeyFor, Ready};
use super::reserved::{COLON, TILDE};
use super::several::elements;
use super::writer::KeyWriter;

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl CacheKey for $ty {
            #[inline]
            fn write(&self, key: &mut KeyWriter) {
                match u64::try_from(*self) {
                    Ok(number) => key.number(number),
                    // less than zero, or more than sixty-four bits
                    Err(_) => key.literal(itoa::Buffer::new().format(*self)),
                }
            }

            #[inline]
            fn ready(&self) -> Ready<'_> {
                Ready(u64::try_from(*self).map_or(Form::Written, Form::Number))
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

printed!(Ipv6Addr SocketAddr);

// as it prints, without the machinery of formatting: each request limited by its peer writes one
impl CacheKey for Ipv4Addr {
    fn write(&self, key: &mut KeyWriter) {
        let (mut print, mut end) = ([0; 16], 0);
        for octet in self.octets() {
            if octet >= 100 {
                print[end] = b'0' + octet / 100;
                end += 1;
            }
            if octet >= 10 {
                print[end] = b'0' + octet / 10 % 10;
                end += 1;
            }
            print[end] = b'0' + octet % 10;
            print[end + 1] = b'.';
            end += 2;
        }
        key.escaped(&print[..end - 1]);
    }
}

impl CacheKey for IpAddr {
    fn write(&self, key: &mut KeyWriter) {
        match self {
            IpAddr::V4(v4) => v4.write(key),
            IpAddr::V6(v6) => v6.write(key),
        }
    }
}

impl KeyFor<Ipv4Addr> for Ipv4Addr {}
impl KeyFor<IpAddr> for IpAddr {}

impl CacheKey for bool {
    fn write(&self, key: &mut KeyWriter) {
        key.literal(if *self { "true" } else { "false" });
    }
}

impl KeyFor<bool> for bool {}
impl KeyFor<char> for char {}
impl KeyFor<()> for () {}
impl KeyFor<String> for str {}
impl KeyFor<&str> for str {}
impl KeyFor<Box<str>> for str {}
impl KeyFor<Rc<str>> for str {}
impl KeyFor<Arc<str>> for str {}
impl KeyFor<Cow<'_, str>> for str {}
impl<K> KeyFor<K> for String where str: KeyFor<K> {}
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
    #[inline]
    fn write(&self, key: &mut KeyWriter) {
        key.text(self);
    }

    #[inline]
    fn ready(&self) -> Ready<'_> {
        Ready(Form::Text(self.as_bytes()))
    }
}

impl CacheKey for String {
    #[inline]
    fn write(&self, key: &mut KeyWriter) {
        key.text(self);
    }

    #[inline]
    fn ready(&self) -> Ready<'_> {
        self.as_str().ready()
    }
}

macro_rules! pointers {
    ($($ty:ty)*) => {$(
        impl<T: CacheKey + ?Sized> CacheKey for $ty {
            #[inline]
            fn write(&self, key: &mut KeyWriter) {
                (**self).write(key);
            }

            #[inline]
            fn ready(&self) -> Ready<'_> {
                (**self).ready()
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
        let start = key.as_bytes().len();
        key.reserving(TILDE, |key| value.write(key));
        if key.as_bytes().get(start) == Some(&b'~') {
            key.insert(start, b'~');
        }
    }
}

impl<T: CacheKey> CacheKey for [T] {
    fn write(&self, key: &mut KeyWriter) {
        elements(self, key);
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
    #[inline]
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
    }

    #[inline]
    fn ready(&self) -> Ready<'_> {
        self.0.ready()
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
        assert_eq!(written(&Ipv4Addr::BROADCAST), "255.255.255.255");
        assert_eq!(written(&IpAddr::from(Ipv6Addr::LOCALHOST)), "::1");
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

    #[test]
    fn text_of_any_owner_is_a_key() {
        fn reads<K, Q: KeyFor<K> + ?Sized>(_: &Q) {}
        reads::<&'static str, _>("x");
        reads::<&'static str, _>(&"x");
        reads::<Arc<str>, _>("x");
        reads::<Arc<str>, _>(&Arc::<str>::from("x"));
        reads::<Box<str>, _>(&String::from("x"));
        reads::<Rc<str>, _>("x");
        reads::<Cow<'static, str>, _>("x");
        reads::<Cow<'static, str>, _>(&Cow::Borrowed("x"));
        reads::<(Arc<str>, u64), _>(&("x", 7_u64));
        reads::<String, _>(&String::from("x"));
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
        fn an_address_is_written_as_it_prints(bits: u32) {
            let address = Ipv4Addr::from_bits(bits);
            prop_assert_eq!(written(&address), address.to_string());
            prop_assert_eq!(written(&IpAddr::V4(address)), address.to_string());
        }

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
