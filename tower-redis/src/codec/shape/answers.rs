//! What is answered where there is no value.

/// Texts of forms that types are often read from.
pub(super) const TEXTS: &[&str] = &[
    "a",
    "1",
    "2001-02-03T04:05:06Z",
    "2001-02-03T04:05:06",
    "2001-02-03 04:05:06",
    "2001-02-03",
    "04:05:06",
    "2001-02-03T04:05:06+00:00[UTC]",
    "Sat, 03 Feb 2001 04:05:06 GMT",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "10.0.0.0/8",
    "http://a.test/",
    "a@a.test",
    "1.2.3",
    "1.5",
    "PT1S",
    "1s",
    "UTC",
    "en",
    "EUR",
    "00",
    "0x00",
    "#000000",
    "/a",
    "[]",
    "{}",
    "true",
    "",
];

pub(super) const WHOLE: &[u8] = &[1, 0, 2, 100];

pub(super) const FRACTIONS: &[f32] = &[0.5, 1.0, 0.0];

/// Lengths of byte strings: none, one, and those of what is often written so.
pub(super) const LENGTHS: &[usize] = &[0, 1, 4, 8, 12, 16, 20, 24, 32, 64];

/// Of what is asked for without saying as what.
#[derive(Debug, Clone, Copy)]
pub(super) enum Any {
    Map,
    Text,
    Whole,
    Negative,
    Fraction,
    Flag,
    List,
    Nothing,
}

pub(super) const ANY: &[Any] = &[
    Any::Map,
    Any::Text,
    Any::Whole,
    Any::Negative,
    Any::Fraction,
    Any::Flag,
    Any::List,
    Any::Nothing,
];
