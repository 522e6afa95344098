//! Whether bytes are one value of MessagePack, and how deep it is nested.
//!
//! What reads them calls itself for every list, map and variant, and `rmp_serde` counts no variants: a
//! payload that somebody forged could overflow the stack of the thread, which ends the process. So they
//! are gone through before, in a loop.

use smallvec::SmallVec;

/// How deep lists, maps and variants may lie in one another: as deep as in JSON.
pub(super) const DEEPEST: usize = 127;

/// What is wrong with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    TooEarly,
    Behind,
    TooDeep,
    Foreign,
}

/// What a value begins with says of the rest of it.
enum Rest {
    Bytes(usize),
    /// So many values.
    Values(u64),
}

/// Holds that `bytes` are one value and no more.
pub(super) fn is_whole(mut bytes: &[u8]) -> Result<(), Flaw> {
    // how many values are left in each list and map that is open
    let mut open = SmallVec::<[u64; 16]>::new();
    loop {
        match rest(&mut bytes)? {
            Rest::Bytes(count) => bytes = bytes.get(count..).ok_or(Flaw::TooEarly)?,
            Rest::Values(_) if open.len() == DEEPEST => return Err(Flaw::TooDeep),
            Rest::Values(count) => open.push(count),
        }
        while open.last() == Some(&0) {
            open.pop();
        }
        match open.last_mut() {
            Some(left) => *left -= 1,
            None if bytes.is_empty() => return Ok(()),
            None => return Err(Flaw::Behind),
        }
    }
}

/// Takes away what a value begins with.
fn rest(bytes: &mut &[u8]) -> Result<Rest, Flaw> {
    let [marker] = take(bytes)?;
    let low = |bits: u8| marker & bits;
    Ok(match marker {
        0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0.. => Rest::Bytes(0),
        0x80..=0x8f => Rest::Values(2 * u64::from(low(0x0f))),
        0x90..=0x9f => Rest::Values(low(0x0f).into()),
        0xa0..=0xbf => Rest::Bytes(low(0x1f).into()),
        0xc1 => return Err(Flaw::Foreign),
        // bytes, extensions with the byte of their type, text
        0xc4 | 0xd9 => Rest::Bytes(short(bytes)?),
        0xc5 | 0xda => Rest::Bytes(middle(bytes)?),
        0xc6 | 0xdb => Rest::Bytes(long(bytes)?),
        0xc7 => Rest::Bytes(short(bytes)?.saturating_add(1)),
        0xc8 => Rest::Bytes(middle(bytes)?.saturating_add(1)),
        0xc9 => Rest::Bytes(long(bytes)?.saturating_add(1)),
        // numbers
        0xcc | 0xd0 => Rest::Bytes(1),
        0xcd | 0xd1 => Rest::Bytes(2),
        0xca | 0xce | 0xd2 => Rest::Bytes(4),
        0xcb | 0xcf | 0xd3 => Rest::Bytes(8),
        // extensions of 1, 2, 4, 8 and 16 bytes
        0xd4..=0xd8 => Rest::Bytes((1 << (marker - 0xd4)) + 1),
        0xdc => Rest::Values(middle(bytes)? as u64),
        0xdd => Rest::Values(long(bytes)? as u64),
        0xde => Rest::Values(2 * middle(bytes)? as u64),
        0xdf => Rest::Values(2 * long(bytes)? as u64),
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Flaw> {
    let (taken, rest) = bytes.split_first_chunk().ok_or(Flaw::TooEarly)?;
    *bytes = rest;
    Ok(*taken)
}

fn short(bytes: &mut &[u8]) -> Result<usize, Flaw> {
    take(bytes).map(|[byte]| byte.into())
}

fn middle(bytes: &mut &[u8]) -> Result<usize, Flaw> {
    take(bytes).map(|bytes| u16::from_be_bytes(bytes).into())
}

fn long(bytes: &mut &[u8]) -> Result<usize, Flaw> {
    // where a `usize` is shorter, nothing of this length can be there
    take(bytes).map(|bytes| u32::from_be_bytes(bytes).try_into().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    #[test]
    fn every_kind_of_value_has_its_length() {
        for bytes in [
            &b"\x07"[..],
            b"\xff",
            b"\xc0",
            b"\x82\x01\x02\x03\x90",
            b"\x93\x80\x90\xa0",
            b"\xa3abc",
            b"\xc4\x01a",
            b"\xc5\x00\x01a",
            b"\xc6\x00\x00\x00\x01a",
            b"\xc7\x01\x00a",
            b"\xc8\x00\x01\x00a",
            b"\xc9\x00\x00\x00\x01\x00a",
            b"\xcaabcd",
            b"\xcbabcdefgh",
            b"\xcc\x00",
            b"\xcd\x00\x00",
            b"\xceabcd",
            b"\xcfabcdefgh",
            b"\xd0\x00",
            b"\xd1\x00\x00",
            b"\xd2abcd",
            b"\xd3abcdefgh",
            b"\xd4\x00a",
            b"\xd5\x00ab",
            b"\xd6\x00abcd",
            b"\xd7\x00abcdefgh",
            b"\xd8\x00abcdefghabcdefgh",
            b"\xd9\x01a",
            b"\xda\x00\x01a",
            b"\xdb\x00\x00\x00\x01a",
            b"\xdc\x00\x02\x01\x02",
            b"\xdd\x00\x00\x00\x01\x01",
            b"\xde\x00\x01\x01\x02",
            b"\xdf\x00\x00\x00\x01\x01\x02",
        ] {
            assert_eq!(is_whole(bytes), Ok(()), "{bytes:?}");
            assert_eq!(
                is_whole(&[bytes, b"\xc0"].concat()),
                Err(Flaw::Behind),
                "{bytes:?}"
            );
            for end in 0..bytes.len() {
                assert_eq!(is_whole(&bytes[..end]), Err(Flaw::TooEarly), "{bytes:?}");
            }
        }
        assert_eq!(is_whole(b"\x91\xc1"), Err(Flaw::Foreign));
    }

    #[test]
    fn what_is_nested_too_deep_is_told_from_what_is_not() {
        for open in [
            &b"\x91"[..],
            b"\x81\x00",
            b"\xdc\x00\x01",
            b"\xdf\x00\x00\x00\x01\x00",
        ] {
            let nested = |depth| [&open.repeat(depth)[..], b"\x00"].concat();
            assert_eq!(is_whole(&nested(DEEPEST)), Ok(()));
            assert_eq!(is_whole(&nested(DEEPEST + 1)), Err(Flaw::TooDeep));
        }
        // one after the other
        assert_eq!(
            is_whole(&[b"\xdc\x03\xe8", &b"\x91\x90".repeat(1_000)[..]].concat()),
            Ok(())
        );
    }

    proptest! {
        #[test]
        fn it_says_what_a_reader_says(
            bytes in vec(prop_oneof![Just(0x81_u8), Just(0x92), Just(0xa1), Just(0xd9), Just(0xdc), 0..0xc1_u8, 0xc2..=0xff_u8], 0..40),
        ) {
            let mut rest = &bytes[..];
            let read: Result<IgnoredAny, _> = rmp_serde::from_read(&mut rest);
            match is_whole(&bytes) {
                Ok(()) => prop_assert!(rest.is_empty()),
                Err(Flaw::Behind) => prop_assert!(!rest.is_empty()),
                // a text that is none is found later
                Err(flaw) => prop_assert!(read.is_err(), "{:?}", flaw),
            }
        }
    }
}
