//! Values as MessagePack, with the names of fields.
//!
//! Types that have two forms (`IpAddr`, most kinds of UUID) are written in the one for people, as in JSON: `serde`
//! reads what is flattened or untagged as if it were that, whatever the format says, and would not read
//! the compact one back.
//!
//! An error of `rmp_serde` may quote what it read, so none is passed on.

use std::any::type_name;

use bytes::Bytes;
use rmp_serde::config::{DefaultConfig, HumanReadableConfig};
use rmp_serde::decode::{Error as Refusal, ReadRefReader};
use rmp_serde::{Deserializer, Serializer};

use crate::error::{Error, ErrorKind};

use super::value::CacheValue;
use super::whole::{Flaw, is_whole};

type Reader<'a> = Deserializer<ReadRefReader<'a, [u8]>, HumanReadableConfig<DefaultConfig>>;

pub(super) fn encode<V: CacheValue>(value: &V) -> Result<Vec<u8>, Error> {
    let mut written = Vec::with_capacity(128);
    let mut writer = Serializer::new(&mut written)
        .with_struct_map()
        .with_human_readable();
    match value.serialize(&mut writer) {
        Ok(()) => Ok(written),
        Err(_) => Err(Error::new(
            ErrorKind::Encode,
            format!(
                "a value of type `{}` cannot be written as MessagePack; expected one whose \
                 `Serialize` succeeds",
                type_name::<V>()
            ),
        )),
    }
}

pub(super) fn decode<V: CacheValue>(payload: &Bytes) -> Result<V, Error> {
    let flaw = match is_whole(payload) {
        Ok(()) => match V::deserialize(&mut reader(payload)) {
            Ok(value) => return Ok(value),
            Err(Refusal::Utf8Error(_)) => "what is not MessagePack",
            Err(_) => "MessagePack of another shape",
        },
        Err(Flaw::TooEarly) => "MessagePack that ends too early",
        Err(Flaw::Behind) => "MessagePack with something behind it",
        Err(Flaw::TooDeep) => "MessagePack that is nested too deep",
        Err(Flaw::Foreign) => "what is not MessagePack",
    };
    Err(Error::new(
        ErrorKind::Corrupt,
        format!(
            "{} bytes do not decode as `{}`: found {flaw}",
            payload.len(),
            type_name::<V>(),
        ),
    ))
}

/// What reads `payload` as [`encode`] wrote it.
pub(super) fn reader(payload: &[u8]) -> Reader<'_> {
    Deserializer::from_read_ref(payload).with_human_readable()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error as _;
    use std::net::IpAddr;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Old {
        symbol: String,
        cents: u64,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct New {
        cents: u64,
        #[serde(default)]
        source: String,
        note: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    enum Tree {
        Leaf(u8),
        Branch(Vec<Tree>),
    }

    /// `depth` branches, one in the other.
    fn tree(depth: usize) -> Tree {
        (0..depth).fold(Tree::Leaf(7), |tree, _| Tree::Branch(vec![tree]))
    }

    fn old() -> Old {
        Old {
            symbol: "ACME".to_owned(),
            cents: 4_200,
        }
    }

    #[test]
    fn fields_have_their_names() {
        let bytes = encode(&old()).unwrap();
        assert_eq!(bytes, b"\x82\xa6symbol\xa4ACME\xa5cents\xcd\x10\x68");
        assert_eq!(decode::<Old>(&bytes.into()).unwrap(), old());
    }

    #[test]
    fn a_reader_that_knows_other_fields_reads_what_it_knows() {
        let read: New = decode(&encode(&old()).unwrap().into()).unwrap();
        assert_eq!(
            (read.cents, read.source, read.note),
            (4_200, String::new(), None)
        );
    }

    #[test]
    fn a_type_with_two_forms_is_written_in_the_one_for_people() {
        let address = IpAddr::from([127, 0, 0, 1]);
        assert_eq!(encode(&address).unwrap(), b"\xa9127.0.0.1");
    }

    #[test]
    fn what_is_found_is_told_without_the_value() {
        let canary = b"\xa6canary";
        for (found, what) in [
            (&canary[..], "another shape"),
            (&canary[..4], "too early"),
            (b"", "too early"),
            (b"\x07\xa6canary", "something behind it"),
            (b"\xcd\x10", "too early"),
            (b"\xc1", "not MessagePack"),
        ] {
            let error = decode::<u64>(&Bytes::from_static(found)).unwrap_err();
            assert!(error.is_corrupt());
            assert!(error.source().is_none());
            let text = format!("{error} {error:?}");
            assert!(text.contains(what) && text.contains("u64"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
        let error = decode::<String>(&Bytes::from_static(b"\xa1\xff")).unwrap_err();
        assert!(error.to_string().contains("not MessagePack"), "{error}");
        for variant in [&b"\xa6canary"[..], b"\x81\xa6canary\x07"] {
            let error = decode::<Tree>(&Bytes::from_static(variant)).unwrap_err();
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_overflows_no_stack() {
        #[derive(Debug, Clone, Serialize, Deserialize)]
        enum Chain {
            Link(Box<Chain>),
        }

        let value = tree(63);
        let bytes = encode(&value).unwrap();
        assert_eq!(decode::<Tree>(&bytes.into()).unwrap(), value);
        for open in [&b"\x91"[..], b"\x81\xa6Branch\x91", b"\x81\xa4Link"] {
            let deep = Bytes::from(open.repeat(100_000));
            for error in [
                decode::<Tree>(&deep).unwrap_err(),
                decode::<Chain>(&deep).unwrap_err(),
            ] {
                assert!(error.to_string().contains("too deep"), "{error}");
            }
        }
    }

    #[test]
    fn a_forged_length_allocates_nothing_large() {
        for forged in [
            &b"\xdd\xff\xff\xff\xff"[..],
            b"\xdb\xff\xff\xff\xff",
            b"\xc6\xff\xff\xff\xff",
        ] {
            let payload = Bytes::copy_from_slice(forged);
            let allocated = allocation_counter::measure(|| {
                decode::<Vec<String>>(&payload).unwrap_err();
                decode::<String>(&payload).unwrap_err();
                decode::<BTreeMap<String, u8>>(&payload).unwrap_err();
            });
            // `serde` believes in 1 MiB
            assert!(allocated.bytes_max < 2 << 20, "{allocated:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            bytes in vec(prop_oneof![Just(0x81_u8), Just(0x92), Just(0xa1), Just(0xc0), Just(0xdc), any::<u8>()], 0..60),
        ) {
            let bytes = Bytes::from(bytes);
            let _ = decode::<Vec<Option<New>>>(&bytes);
            let _ = decode::<Tree>(&bytes);
            let _ = decode::<serde_json::Value>(&bytes);
            let _ = decode::<BTreeMap<i64, (String, f64)>>(&bytes);
        }

        #[test]
        fn a_damaged_one_makes_nothing_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = encode(&(old(), tree(3))).unwrap();
            let cut = Bytes::copy_from_slice(&bytes[..at.index(bytes.len())]);
            prop_assert!(decode::<(Old, Tree)>(&cut).is_err());
            *at.get_mut(&mut bytes) = byte;
            let _ = decode::<(Old, Tree)>(&bytes.into());
        }
    }
}
