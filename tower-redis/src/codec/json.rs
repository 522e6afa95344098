//! Values as JSON, without white space.
//!
//! An error of `serde_json` may quote what it read, so none is passed on: what is told is where it
//! stopped and why in general.

use std::any::type_name;

use bytes::Bytes;
use serde_json::error::Category;

use crate::error::{Error, ErrorKind};

use super::value::CacheValue;

pub(super) fn encode<V: CacheValue>(value: &V) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| {
        Error::new(
            ErrorKind::Encode,
            format!(
                "a value of type `{}` cannot be written as JSON; expected one whose `Serialize` \
                 succeeds and whose maps have keys that are text or numbers",
                type_name::<V>()
            ),
        )
    })
}

pub(super) fn decode<V: CacheValue>(payload: &Bytes) -> Result<V, Error> {
    // looked at once as a whole, rather than text by text; what is no UTF-8 is an error that tells where
    let decoded = match std::str::from_utf8(payload) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(payload),
    };
    decoded.map_err(|error| {
        let found = match error.classify() {
            Category::Data => "JSON of another shape",
            Category::Eof => "JSON that ends too early",
            Category::Io | Category::Syntax => "what is not JSON",
        };
        Error::new(
            ErrorKind::Corrupt,
            format!(
                "{} bytes do not decode as `{}`: found {found} at line {}, column {}",
                payload.len(),
                type_name::<V>(),
                error.line(),
                error.column(),
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::error::Error as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_compact() {
        let value = BTreeMap::from([("a".to_owned(), vec![Some(1), None])]);
        let bytes = encode(&value).unwrap();
        assert_eq!(bytes, br#"{"a":[1,null]}"#);
        assert_eq!(
            decode::<BTreeMap<String, Vec<Option<u8>>>>(&bytes.into()).unwrap(),
            value
        );
    }

    #[test]
    fn what_is_found_is_told_without_the_value() {
        for (found, what) in [
            (&br#""canary""#[..], "another shape"),
            (br#""canary"#, "too early"),
            (b"canary", "not JSON"),
            (b"1 canary", "not JSON"),
            (b"", "too early"),
        ] {
            let error = decode::<u64>(&Bytes::from_static(found)).unwrap_err();
            assert!(error.is_corrupt());
            assert!(error.source().is_none());
            let text = format!("{error} {error:?}");
            assert!(text.contains(what) && text.contains("u64"), "{text}");
            assert!(!text.contains("canary"), "{text}");
        }
    }

    #[test]
    fn what_has_no_form_in_json_is_refused() {
        let error = encode(&BTreeMap::from([((1, 2), "canary".to_owned())])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(!format!("{error:?}").contains("canary"));
    }

    #[test]
    fn a_fraction_comes_back_to_its_last_bit() {
        // read as ..31 by whoever does not look at all digits
        let value = 1.292_333_333_333_333_3_f64;
        let bytes = encode(&value).unwrap();
        assert_eq!(
            decode::<f64>(&bytes.into()).unwrap().to_bits(),
            value.to_bits()
        );
    }

    proptest! {
        #[test]
        fn every_number_comes_back(value: (f64, f32, u64, i64, i128)) {
            let bytes = encode(&value).unwrap();
            prop_assert_eq!(decode::<(f64, f32, u64, i64, i128)>(&bytes.into()).unwrap(), value);
        }

        #[test]
        fn no_bytes_make_it_panic(text in "[\\[\\]{}:,\"a0-9.eE+-]{0,40}") {
            let _ = decode::<serde_json::Value>(&text.clone().into());
            let _ = decode::<BTreeMap<String, Vec<Option<f64>>>>(&text.into());
        }
    }
}
