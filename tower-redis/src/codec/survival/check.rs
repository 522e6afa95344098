//! Writes a value, reads it, and compares.

use std::fmt::Debug;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::codec::coding::Packed;
use crate::codec::compression::Compression;
use crate::codec::contract::Codec;
use crate::codec::format::Format;
#[cfg(feature = "msgpack")]
use crate::codec::message_pack;
use crate::codec::packing::Packing;
use crate::codec::value::CacheValue;

use super::debugged;
use super::mismatch::{Loss, Mismatch};
use super::path::{Path, Step};
use super::tree::Tree;

/// Whether `value` comes back from `format` equal to what it was.
///
/// It is written, compressed in every way this build can, read and compared. A value that is not equal to itself,
/// because a NaN is in it, is compared by what is written and what `Debug` shows.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tower_redis::codec::Format;
/// use tower_redis::testing::survives;
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// struct Quote {
///     cents: u64,
///     #[serde(skip)]
///     source: Option<String>,
/// }
///
/// let quote = Quote { cents: 4_200, source: Some("the exchange".into()) };
/// let mismatch = survives(Format::Json, &quote).unwrap_err();
/// assert_eq!(mismatch.path(), "source"); // from Redis it would be `None`
/// ```
///
/// # Errors
/// Where it differs.
pub fn survives<V>(format: Format, value: &V) -> Result<(), Mismatch>
where
    V: CacheValue + PartialEq + Debug,
{
    check(format, value, |back, written| {
        // a NaN equals nothing, and neither does what has one in it
        let is_itself = value == &value.clone();
        if is_itself && value == back {
            return None;
        }
        let path = written.or_else(|| debugged::difference(value, back));
        match (path, is_itself) {
            (None, false) => None,
            (path, _) => Some(path.unwrap_or_default()),
        }
    })
}

/// Whether `value` comes back from `format` as what would be written the same way.
///
/// For types without `PartialEq`. It does not see what is never written: a field with `#[serde(skip)]` differs
/// and is not found. Entries of maps and sets may come in another order.
///
/// ```
/// use std::collections::HashMap;
/// use tower_redis::codec::Format;
/// use tower_redis::testing::reads_back;
///
/// assert!(reads_back(Format::Json, &HashMap::from([(7, "seven".to_owned())])).is_ok());
/// let mismatch = reads_back(Format::Json, &vec![0.5, f64::NAN]).unwrap_err();
/// assert_eq!(mismatch.path(), "[1]"); // written as `null`, which is no number
/// ```
///
/// # Errors
/// Where it differs.
pub fn reads_back<V: CacheValue>(format: Format, value: &V) -> Result<(), Mismatch> {
    check(format, value, |_, written| written)
}

/// Holds in a test that `value` comes back from every form this build has, as [`survives`] says.
///
/// ```
/// use tower_redis::testing::assert_survives;
///
/// assert_survives(&("ACME".to_owned(), Some(4_200_u64)));
/// ```
///
/// # Panics
/// When it does not; the message says where it differs, and has no part of the value.
#[track_caller]
#[expect(clippy::panic, reason = "it is what a test calls")]
pub fn assert_survives<V>(value: &V)
where
    V: CacheValue + PartialEq + Debug,
{
    for format in Format::ALL {
        if format.missing_feature().is_none()
            && let Err(mismatch) = survives(format, value)
        {
            panic!("{mismatch}");
        }
    }
}

/// `differs` is told what came back, and where it would be written in another way; it answers where it
/// differs.
fn check<V: CacheValue>(
    format: Format,
    value: &V,
    differs: impl Fn(&V, Option<Path>) -> Option<Path>,
) -> Result<(), Mismatch> {
    if let Some(feature) = format.missing_feature() {
        let loss = Loss::Off(feature);
        return Err(Mismatch::of::<V>(format, loss, &Path::default()));
    }
    for compression in [Compression::None, Compression::Lz4, Compression::ZSTD] {
        if compression.missing_feature().is_some() {
            continue;
        }
        let packing = Packing {
            format,
            compression,
            compress_from: 0,
        };
        let fail = |loss, path: &Path| Err(Mismatch::of::<V>(format, loss, path));
        let Ok(codec) = Codec::<V>::packing(packing) else {
            return fail(Loss::Unwritable, &Path::default());
        };
        let Ok(packed) = codec.pack(value) else {
            return fail(Loss::Unwritable, &Path::default());
        };
        let plain = codec.pack_plain(value);
        let Ok(back) = codec.unpack(&packed) else {
            let path = plain.map(|plain| unread::<V>(format, &plain.payload));
            return fail(Loss::Unreadable, &path.unwrap_or_default());
        };
        let again = codec.pack_plain(&back);
        let written = match (plain, again) {
            (Ok(plain), Ok(again)) => rewritten(format, &plain, &again),
            _ => Some(Path::default()),
        };
        if let Some(path) = differs(&back, written) {
            return fail(Loss::Different, &path);
        }
    }
    Ok(())
}

/// Where two payloads say something else.
fn rewritten(format: Format, one: &Packed, other: &Packed) -> Option<Path> {
    if one.payload == other.payload {
        return None;
    }
    let [one, other] = [one, other].map(|packed| read::<Tree>(format, &packed.payload).ok());
    match (one, other) {
        (Some(one), Some(other)) => one.difference(&other),
        _ => Some(Path::default()),
    }
}

/// Where reading ends.
fn unread<V: DeserializeOwned>(format: Format, payload: &Bytes) -> Path {
    read::<V>(format, payload).err().unwrap_or_default()
}

fn read<T: DeserializeOwned>(format: Format, payload: &Bytes) -> Result<T, Path> {
    match format {
        Format::Json => located(&mut serde_json::Deserializer::from_slice(payload)),
        #[cfg(feature = "msgpack")]
        Format::MessagePack => located(&mut message_pack::reader(payload)),
        #[cfg(not(feature = "msgpack"))]
        Format::MessagePack => Err(Path::default()),
    }
}

/// A value; or where there was none.
fn located<'de, T, D>(reader: D) -> Result<T, Path>
where
    T: DeserializeOwned,
    D: serde::Deserializer<'de>,
{
    use serde_path_to_error::Segment;

    serde_path_to_error::deserialize(reader).map_err(|error| {
        let steps = error.path().iter().map(|segment| match segment {
            Segment::Seq { index } => Step::Item(*index),
            Segment::Map { key } => Step::to(key),
            Segment::Enum { variant } => Step::to(variant),
            Segment::Unknown => Step::Entry,
        });
        Path(steps.collect())
    })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
    use std::net::IpAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    use super::*;

    fn built() -> impl Iterator<Item = Format> {
        let all = Format::ALL.into_iter();
        all.filter(|format| format.missing_feature().is_none())
    }

    /// Where `value` differs that comes back from `format`.
    #[track_caller]
    fn lost<V: CacheValue + PartialEq + Debug>(format: Format, value: &V) -> Option<String> {
        let mismatch = survives(format, value).err()?;
        let told = format!("{mismatch} {mismatch:?}");
        assert!(!told.contains("canary"), "{told}");
        assert_eq!(mismatch.format(), format);
        Some(mismatch.path().to_owned())
    }

    fn lost_by_all<V: CacheValue + PartialEq + Debug>(value: &V, path: &str) {
        for format in built() {
            assert_eq!(lost(format, value).as_deref(), Some(path), "{format}");
        }
    }

    /// Only where numbers have no place in JSON.
    fn lost_by_json<V: CacheValue + PartialEq + Debug>(value: &V, path: &str) {
        for format in built() {
            let expected = (format == Format::Json).then_some(path);
            assert_eq!(lost(format, value).as_deref(), expected, "{format}");
        }
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Whole {
        small: i8,
        large: (u64, i64, u128, i128),
        fractions: [f64; 4],
        single: f32,
        text: String,
        shared: Arc<str>,
        letter: char,
        bytes: Vec<u8>,
        nothing: (),
        some: Option<Box<Whole>>,
        lists: BTreeMap<i32, BTreeSet<bool>>,
        hashed: HashMap<String, HashSet<u8>>,
        life: Duration,
        address: IpAddr,
        variants: Vec<Variant>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Variant {
        Unit,
        One(u8),
        Two(u8, String),
        Named { at: Option<u8> },
    }

    fn whole() -> Whole {
        Whole {
            small: -7,
            large: (u64::MAX, i64::MIN, u128::MAX, i128::MIN),
            fractions: [0.1, -0.0, 1e300, 5e-324],
            single: 0.1,
            text: "a\n\"\u{1f980}".to_owned(),
            shared: "b".into(),
            letter: 'z',
            bytes: (0..=255).collect(),
            nothing: (),
            some: None,
            lists: BTreeMap::from([(-1, BTreeSet::from([true, false]))]),
            hashed: (0..20)
                .map(|at| (at.to_string(), (0..at).collect()))
                .collect(),
            life: Duration::new(7, 8),
            address: IpAddr::from([127, 0, 0, 1]),
            variants: vec![
                Variant::Unit,
                Variant::One(1),
                Variant::Two(2, "c".to_owned()),
                Variant::Named { at: Some(4) },
            ],
        }
    }

    #[test]
    fn what_serde_can_say_survives() {
        let value = Whole {
            some: Some(Box::new(whole())),
            ..whole()
        };
        assert_survives(&value);
        for format in built() {
            reads_back(format, &value).unwrap();
        }
    }

    #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
    struct Skips {
        kept: String,
        #[serde(skip)]
        skipped: Option<String>,
    }

    #[test]
    fn a_skipped_field_is_found_by_what_debug_shows() {
        let value = vec![
            Skips::default(),
            Skips {
                kept: "canary".to_owned(),
                skipped: Some("canary".to_owned()),
            },
        ];
        lost_by_all(&value, "[1].skipped");
        lost_by_all(
            &BTreeMap::from([("canary@x".to_owned(), value[1].clone())]),
            "[entry].skipped",
        );
        // and by nothing else
        reads_back(Format::Json, &value).unwrap();
        // what is the default anyway is no loss
        assert_survives(&value[0]);
    }

    #[test]
    fn what_is_left_out_needs_a_default() {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        struct Leaves {
            #[serde(skip_serializing_if = "Option::is_none")]
            note: Option<String>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            list: Vec<String>,
        }
        let of = |list| Leaves { note: None, list };
        assert_survives(&of(vec!["a".to_owned()]));
        lost_by_all(&of(Vec::new()), "");
        for format in built() {
            let mismatch = survives(format, &(1, of(Vec::new()))).unwrap_err();
            assert_eq!(mismatch.path(), "[1]");
            assert!(
                mismatch.to_string().contains("`[1]` is not read"),
                "{mismatch}"
            );
        }
    }

    #[test]
    fn an_option_in_an_option_is_one() {
        lost_by_all(&(1, Some(None::<u8>)), "1");
        lost_by_all(
            &BTreeMap::from([("a", Some(()))])
                .into_values()
                .collect::<Vec<_>>(),
            "[0]",
        );
        assert_survives(&Some(Some(7)));
    }

    #[test]
    fn a_number_that_is_none_is_not_read_from_json() {
        for number in [f64::NAN, f64::INFINITY] {
            lost_by_json(&BTreeMap::from([("rate".to_owned(), number)]), "rate");
            // what is worse: it is read
            lost_by_json(&(0, Some(number)), "1");
        }
    }

    #[test]
    fn keys_that_are_no_text_have_no_place_in_json() {
        lost_by_json(&BTreeMap::from([((1, 2), "canary".to_owned())]), "");
        let mismatch = survives(Format::Json, &BTreeMap::from([((1, 2), 3)])).unwrap_err();
        assert!(
            mismatch.to_string().contains("cannot be written"),
            "{mismatch}"
        );
        assert_survives(&BTreeMap::from([('a', 1)]));
        assert_survives(&BTreeMap::from([(true, 1)]));
        assert_survives(&BTreeMap::from([(u64::MAX, 1)]));
        assert_survives(&BTreeMap::from([(Some("a".to_owned()), 1)]));
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Around<T> {
        #[serde(flatten)]
        inner: T,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Inner<T> {
        part: T,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged<T> {
        Part { part: T },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged<T> {
        Part { part: T },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind", content = "content")]
    enum Beside<T> {
        Part(T),
    }

    /// Inside what `serde` reads twice.
    fn inside<T>(part: &T, check: impl Fn(Format, bool))
    where
        T: CacheValue + PartialEq + Debug,
    {
        for format in built() {
            let inner = Inner { part: part.clone() };
            check(format, survives(format, &Around { inner }).is_ok());
            let part = || part.clone();
            check(
                format,
                survives(format, &Untagged::Part { part: part() }).is_ok(),
            );
            check(
                format,
                survives(format, &Tagged::Part { part: part() }).is_ok(),
            );
            survives(format, &Beside::Part(part())).unwrap();
        }
    }

    #[test]
    fn what_is_read_twice_loses_large_numbers_and_keys_that_are_numbers() {
        let always = |_, survives: bool| assert!(survives);
        inside(&"a".to_owned(), always);
        inside(&Some(IpAddr::from([127, 0, 0, 1])), always);
        inside(&Duration::new(7, 8), always);
        inside(
            &vec![Variant::Unit, Variant::Two(1, "a".to_owned())],
            always,
        );
        inside(&BTreeMap::from([("a".to_owned(), 0.1)]), always);
        inside(&i128::MIN, |_, survives| assert!(!survives));
        inside(&BTreeMap::from([(7_u32, 8)]), |format, survives| {
            assert_eq!(survives, format != Format::Json, "{format}");
        });
    }

    #[test]
    fn variants_that_look_alike_are_one() {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(untagged)]
        enum Alike {
            Small(u64),
            Large(u64),
        }
        assert_survives(&Alike::Small(1));
        // they are written alike, so only `PartialEq` knows, and `Debug` where
        lost_by_all(&(0, Alike::Large(1)), "1");
        reads_back(Format::Json, &Alike::Large(1)).unwrap();
    }

    #[test]
    fn nothing_is_nested_deeper_than_127() {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        struct Nested(Vec<Nested>);

        let nested = |depth| (1..depth).fold(Nested(Vec::new()), |inner, _| Nested(vec![inner]));
        assert_survives(&nested(127));
        for format in built() {
            let mismatch = survives(format, &nested(128)).unwrap_err();
            assert!(mismatch.to_string().contains("is not read"), "{mismatch}");
        }
    }

    #[test]
    fn a_value_that_is_not_itself_is_compared_by_what_is_seen_of_it() {
        let skips = |skipped: Option<&str>| Skips {
            kept: String::new(),
            skipped: skipped.map(str::to_owned),
        };
        for format in built() {
            let nan = (format != Format::Json).then_some(f64::NAN);
            let value = (nan, skips(None));
            survives(format, &value).unwrap();
            let value = (nan, skips(Some("canary")));
            assert_eq!(lost(format, &value).as_deref(), Some("1.skipped"));
        }
    }

    #[test]
    #[should_panic(expected = "does not survive JSON: `1` comes back as another value")]
    fn a_test_that_asserts_it_fails() {
        assert_survives(&(0, Some(None::<u8>)));
    }

    #[cfg(not(feature = "msgpack"))]
    #[test]
    fn a_form_whose_feature_is_off_is_not_tried() {
        let mismatch = survives(Format::MessagePack, &1).unwrap_err();
        assert!(
            mismatch.to_string().contains("the feature `msgpack`"),
            "{mismatch}"
        );
    }
}
