//! Text that stands between separators.

use std::borrow::Cow;

/// Appends `text` with `%XX` in place of what is reserved: `%`, space, control characters, `{`, `}` and
/// the characters in `also`.
pub(super) fn escape(text: &[u8], also: &[u8], to: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for &byte in text {
        if reserved(byte) || also.contains(&byte) {
            let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or_default();
            to.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        } else {
            to.push(byte);
        }
    }
}

/// The text that was escaped; `None` when it was not written by [`escape`].
pub(super) fn unescape(escaped: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !escaped.contains(&b'%') {
        let plain = !escaped.iter().copied().any(reserved);
        return plain.then_some(Cow::Borrowed(escaped));
    }
    let mut text = Vec::with_capacity(escaped.len());
    let mut rest = escaped.iter().copied();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            text.push(digit(rest.next()?)? << 4 | digit(rest.next()?)?);
        } else if reserved(byte) {
            return None;
        } else {
            text.push(byte);
        }
    }
    Some(Cow::Owned(text))
}

#[cfg(test)]
pub(super) fn escaped(text: &[u8], also: &[u8]) -> Vec<u8> {
    let mut to = Vec::with_capacity(text.len());
    escape(text, also, &mut to);
    to
}

fn reserved(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'%' | b'{' | b'}' | 0x7f)
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_reserved_is_written_in_hexadecimal() {
        let text = "a b%{c}:\n\u{7f}é";
        assert_eq!(
            escaped(text.as_bytes(), b":"),
            "a%20b%25%7Bc%7D%3A%0A%7Fé".as_bytes()
        );
    }

    #[test]
    fn what_was_not_escaped_is_not_read() {
        for text in [&b"%"[..], b"%2", b"%2g", b"%2a", b"a b", b"{"] {
            assert_eq!(unescape(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn it_comes_back(text in vec(any::<u8>(), 0..40)) {
            let escaped = escaped(&text, b":=/");
            let clean = !escaped.iter().any(|byte| b" {}\n:=/".contains(byte));
            prop_assert!(clean);
            let back = unescape(&escaped);
            prop_assert_eq!(back.as_deref(), Some(&text[..]));
        }

        #[test]
        fn no_bytes_make_it_panic(text in vec(prop_oneof![Just(b'%'), any::<u8>()], 0..20)) {
            unescape(&text);
        }
    }
}
