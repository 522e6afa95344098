//! Tokens: what an entry and its cache, or its tags, have to have in common.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use super::escape;

/// A number that every invalidation by tag raises; one for a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Stamp(pub(crate) u64);

impl Stamp {
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        decimal(text).map(Self)
    }
}

/// What is written under a [`TokenKey`] and in every entry that carries it. An entry is good while they
/// are equal. It is opaque but for its stamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    stamp: Stamp,
    hard: u64,
    soft: u64,
}

impl Token {
    /// A token that never was before, made when the stamp of the namespace was `stamp`.
    pub(super) fn draw(stamp: Stamp) -> Self {
        Self {
            stamp,
            hard: crate::rng::draw(),
            soft: crate::rng::draw(),
        }
    }

    #[cfg(any(test, feature = "testing"))]
    pub(super) fn of_parts(stamp: Stamp, hard: u64, soft: u64) -> Self {
        Self { stamp, hard, soft }
    }

    /// When it was made, measured by stamps.
    pub(crate) fn stamp(self) -> Stamp {
        self.stamp
    }

    /// Whether what carries one of them may be used as stale where the other one is present: no more than
    /// the soft part is another one.
    pub(crate) fn same_hard(self, other: Self) -> bool {
        self.hard == other.hard
    }

    /// This one, but for the soft part and the stamp, which are those of `new`.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn softened(self, new: Self) -> Self {
        Self {
            hard: self.hard,
            ..new
        }
    }

    /// As it is written: `{stamp}.{hard}.{soft}`.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        whole(Self::leading(text))
    }

    /// The one at the beginning of `text`, and what follows.
    #[inline]
    pub(super) fn leading(text: &[u8]) -> Option<(Self, &[u8])> {
        let (stamp, rest) = leading_decimal(text)?;
        let (hard, rest) = leading_hexadecimal(rest.strip_prefix(b".")?)?;
        let (soft, rest) = leading_hexadecimal(rest.strip_prefix(b".")?)?;
        let stamp = Stamp(stamp);
        Some((Self { stamp, hard, soft }, rest))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:016x}.{:016x}", self.stamp.0, self.hard, self.soft)
    }
}

/// Which part of a token an invalidation replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// The one that all depends on: nothing that carries an older one is used any more.
    Hard,
    /// The other one: what carries an older one is stale.
    Soft,
}

/// A token, for who asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) token: Token,
    /// There was none, and this one was made: it is the first one, or the one before it was lost.
    pub(crate) made: bool,
}

impl Given {
    /// One that was there.
    pub(super) fn there(token: Token) -> Self {
        let made = false;
        Self { token, made }
    }
}

/// Digits without a sign or leading zeros: one way to write each number.
pub(super) fn decimal(text: &[u8]) -> Option<u64> {
    whole(leading_decimal(text))
}

/// The same at the beginning of `text`, and what follows.
#[inline]
pub(super) fn leading_decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    if let Some((first, rest)) = text.split_first_chunk() {
        let (number, count) = eight_decimals(*first);
        if count < 8 {
            let is_one_way = count == 1 || (count > 1 && text[0] != b'0');
            return is_one_way.then_some((number, text.get(count..)?));
        }
        if text[0] != b'0'
            && let Some(second) = rest.first_chunk()
        {
            let (digits, count) = eight_decimals(*second);
            let rest = &rest[count..];
            if !rest.first().is_some_and(u8::is_ascii_digit) {
                return Some((number * TENS[count] + digits, rest));
            }
        }
    }
    leading_decimals(text)
}

/// The same for more than 16 digits, and where fewer bytes are left than are read at once.
#[inline(never)]
fn leading_decimals(text: &[u8]) -> Option<(u64, &[u8])> {
    let (mut number, mut rest) = (0_u64, text);
    while let Some(chunk) = rest.first_chunk() {
        let (digits, count) = eight_decimals(*chunk);
        number = number.checked_mul(TENS[count])?.checked_add(digits)?;
        rest = &rest[count..];
        if count < 8 {
            break;
        }
    }
    // too few for eight at once; where those have ended there is none
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        number = number
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
        rest = after;
    }
    let is_one_way = match text {
        [b'0', ..] => text.len() - rest.len() == 1,
        _ => text.len() > rest.len(),
    };
    is_one_way.then_some((number, rest))
}

const TENS: [u64; 9] = {
    let mut tens = [1; 9];
    let mut at = 1;
    while at < 9 {
        tens[at] = tens[at - 1] * 10;
        at += 1;
    }
    tens
};

/// The number that the decimal digits at the beginning of `text` are, and how many they are.
#[inline]
fn eight_decimals(text: [u8; 8]) -> (u64, usize) {
    let text = u64::from_le_bytes(text) ^ (EACH * u64::from(b'0'));
    // a byte that is more than 9 has its highest bit now
    let others = (text | ((text & (0x7f * EACH)) + 0x76 * EACH)) & (0x80 * EACH);
    let count = others.trailing_zeros() / 8;
    // they become the last of eight, behind zeros
    let digits = text.checked_shl(64 - 8 * count).unwrap_or(0);
    let pairs = (digits * 10 + (digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs * 100 + (pairs >> 16)) & 0x0000_ffff_0000_ffff;
    let all = (fours * 10_000 + (fours >> 32)) & 0xffff_ffff;
    (all, count as usize)
}

/// Exactly 16 digits.
pub(super) fn hexadecimal(text: &[u8]) -> Option<u64> {
    whole(leading_hexadecimal(text))
}

/// The same at the beginning of `text`, and what follows.
#[inline]
pub(super) fn leading_hexadecimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let (high, rest) = text.split_first_chunk()?;
    let (low, rest) = rest.split_first_chunk()?;
    let number = u64::from(eight_digits(*high)?) << 32 | u64::from(eight_digits(*low)?);
    Some((number, rest))
}

const EACH: u64 = u64::MAX / 255;

/// All at once: which digits they are depends on chance, and a branch for each would be taken wrongly half of the time.
#[inline]
fn eight_digits(text: [u8; 8]) -> Option<u32> {
    let text = u64::from_be_bytes(text);
    // letters have a bit that decimal digits have not
    let digits = (text & (0xf * EACH)) + (text >> 6 & EACH) * 9;
    let letters = (digits + 6 * EACH) >> 4 & EACH;
    let written = digits + u64::from(b'0') * EACH + letters * u64::from(b'a' - b'0' - 10);
    if written != text || digits & (0xf0 * EACH) != 0 {
        return None;
    }
    let pairs = (digits | digits >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()
}

/// What nothing follows.
fn whole<T>(read: Option<(T, &[u8])>) -> Option<T> {
    let (read, rest) = read?;
    rest.is_empty().then_some(read)
}

/// Where a token lies, without the namespace: `g:{cache}` for the generation of a cache, `t:{tag}` for
/// a tag.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey(Bytes);

const GENERATION: &[u8] = b"g:";
const TAG: &[u8] = b"t:";

impl TokenKey {
    /// The generation of the cache that is written `cache` in keys.
    pub(super) fn generation(cache: &[u8]) -> Self {
        Self([GENERATION, cache].concat().into())
    }

    /// The token of a tag.
    pub(crate) fn tag(tag: &str) -> Self {
        let mut key = Vec::with_capacity(TAG.len() + tag.len());
        key.extend_from_slice(TAG);
        escape::escape(tag.as_bytes(), b"=", &mut key);
        Self(key.into())
    }

    /// The tag as it stands in an envelope; `None` for a generation.
    pub(super) fn as_tag(&self) -> Option<&[u8]> {
        self.0.strip_prefix(TAG)
    }

    /// The tag; `None` for a generation.
    pub(crate) fn name(&self) -> Option<Cow<'_, str>> {
        name(self.as_tag()?)
    }

    /// As it is written behind the namespace.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn parse(key: &[u8]) -> Option<Self> {
        let clean = match key.strip_prefix(TAG) {
            Some(tag) => is_tag(tag),
            None => escape::unescape(key.strip_prefix(GENERATION)?).is_some(),
        };
        clean.then(|| Self(Bytes::copy_from_slice(key)))
    }
}

/// The tag that is written so.
pub(super) fn name(escaped: &[u8]) -> Option<Cow<'_, str>> {
    match escape::unescape(escaped)? {
        Cow::Borrowed(name) => std::str::from_utf8(name).ok().map(Cow::Borrowed),
        Cow::Owned(name) => String::from_utf8(name).ok().map(Cow::Owned),
    }
}

/// Whether a tag may be written so.
pub(super) fn is_tag(escaped: &[u8]) -> bool {
    !escaped.contains(&b'=') && name(escaped).is_some()
}

// a tag may name a user
impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_written_in_one_way_only() {
        let token = Token::of_parts(Stamp(7), 0xab, 1);
        let text = "7.00000000000000ab.0000000000000001";
        assert_eq!(token.to_string(), text);
        assert_eq!(Token::parse(text.as_bytes()), Some(token));
        for other in [
            "",
            "7",
            "07.00000000000000ab.0000000000000001",
            "+7.00000000000000ab.0000000000000001",
            "7.00000000000000AB.0000000000000001",
            "7.ab.1",
            "7.00000000000000ab.0000000000000001.",
            ".00000000000000ab.0000000000000001",
            "18446744073709551616.00000000000000ab.0000000000000001",
        ] {
            assert_eq!(Token::parse(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn digits_are_what_they_are_at_every_place_and_nothing_else_is_one() {
        for (place, byte) in (0..16).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte)))
        {
            let mut text = *b"0123456789abcdef";
            text[place] = byte;
            let expected = match byte {
                b'0'..=b'9' | b'a'..=b'f' => {
                    u64::from_str_radix(std::str::from_utf8(&text).unwrap(), 16).ok()
                }
                _ => None,
            };
            assert_eq!(hexadecimal(&text), expected, "{byte} at {place}");
        }
    }

    #[test]
    fn what_is_softened_has_the_hard_part_and_nothing_else_in_common() {
        let (before, new) = (Token::draw(Stamp(1)), Token::draw(Stamp(2)));
        let after = before.softened(new);
        assert!(after.same_hard(before) && !after.same_hard(new));
        assert_eq!((after.stamp, after.soft), (new.stamp, new.soft));
    }

    #[test]
    fn no_token_is_drawn_twice() {
        assert_ne!(Token::draw(Stamp(1)), Token::draw(Stamp(1)));
    }

    #[test]
    fn a_tag_and_a_cache_of_one_name_are_two_keys() {
        let (tag, cache) = (TokenKey::tag("a b=c:d"), TokenKey::generation(b"a"));
        assert_eq!(tag.as_bytes(), b"t:a%20b%3Dc:d");
        assert_eq!(cache.as_bytes(), b"g:a");
        assert_eq!(
            (cache.as_tag(), tag.as_tag()),
            (None, Some(&b"a%20b%3Dc:d"[..]))
        );
        assert_eq!(TokenKey::parse(tag.as_bytes()), Some(tag));
        for other in [&b"x:a"[..], b"t:a b", b"t:a=b", b"t:%4", b""] {
            assert_eq!(TokenKey::parse(other), None, "{other:?}");
        }
    }

    /// A digit after the other.
    fn plainly(text: &str) -> Option<(u64, &str)> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        let is_one_way = digits == "0" || !digits.starts_with('0');
        Some((digits.parse().ok().filter(|_| is_one_way)?, rest))
    }

    proptest! {
        #[test]
        fn a_number_is_read_as_it_is_a_digit_after_the_other(
            text in "[0-9]{0,24}[ -~]{0,3}",
            more in "[0-9/:.a]{0,20}",
        ) {
            for text in [text, more] {
                let read = leading_decimal(text.as_bytes());
                let expected = plainly(&text).map(|(number, rest)| (number, rest.as_bytes()));
                prop_assert_eq!(read, expected);
            }
        }

        #[test]
        fn every_tag_has_a_key_of_its_own(tags in (".*", ".*")) {
            let (one, other) = (TokenKey::tag(&tags.0), TokenKey::tag(&tags.1));
            prop_assert_eq!(one == other, tags.0 == tags.1);
            prop_assert!(one.as_tag().is_some_and(is_tag));
            prop_assert_eq!(TokenKey::parse(one.as_bytes()), Some(one));
        }
    }
}
