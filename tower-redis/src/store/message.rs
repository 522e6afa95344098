//! What processes tell each other.
//!
//! `1 {epoch} {sequence} {instance} {letter} {arguments}`, separated by single spaces. The script that
//! publishes it writes what comes before the instance.

use std::borrow::Cow;
use std::fmt;
use std::io::Write as _;

use bytes::Bytes;

use super::escape::{escape, unescape};
use super::pattern::Pattern;
use super::token::{Token, TokenKey, decimal, hexadecimal};

/// The format of what is published.
pub(super) const FORMAT: &str = "1";

/// A toolkit in a process, by a number it has drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Instance(u64);

impl Instance {
    pub(crate) fn draw() -> Self {
        Self(crate::rng::draw())
    }
}

impl fmt::Display for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    /// These keys were removed, or overwritten by a `put`.
    Keys(Vec<Bytes>),
    /// These keys are stale.
    Expired(Vec<Bytes>),
    /// Who loaded these keys for all has done so, or does not any more.
    Settled(Vec<Bytes>),
    /// These tokens were replaced, by those.
    Tokens(Vec<(TokenKey, Token)>),
    /// The soft parts of these tokens were replaced.
    Softened(Vec<TokenKey>),
    /// What matches is being removed, or was.
    Matching(Pattern),
    /// Somebody starts to remove what a foreign message named.
    Started(Bytes),
    /// Somebody has removed what a foreign message named.
    Done(Bytes),
}

impl Told {
    /// The instance that tells it, the letter and the arguments.
    pub(super) fn text(&self, from: Instance) -> Vec<u8> {
        let mut text = Vec::new();
        // writing to memory cannot fail
        let _ = write!(text, "{from} {}", self.letter());
        let mut argument = |bytes: &[u8]| {
            text.push(b' ');
            escape(bytes, &[], &mut text);
        };
        match self {
            Self::Keys(keys) | Self::Expired(keys) | Self::Settled(keys) => {
                keys.iter().for_each(|key| argument(key));
            }
            Self::Tokens(tokens) => tokens.iter().for_each(|(key, token)| {
                argument(&[key.as_bytes(), format!("={token}").as_bytes()].concat());
            }),
            Self::Softened(tokens) => tokens.iter().for_each(|key| argument(key.as_bytes())),
            Self::Matching(pattern) => argument(pattern.as_bytes()),
            Self::Started(prefix) | Self::Done(prefix) => argument(prefix),
        }
        text
    }

    fn letter(&self) -> char {
        match self {
            Self::Keys(_) => 'k',
            Self::Expired(_) => 'e',
            Self::Settled(_) => 'f',
            Self::Tokens(_) => 't',
            Self::Softened(_) => 'u',
            Self::Matching(_) => 'p',
            Self::Started(_) => 's',
            Self::Done(_) => 'd',
        }
    }
}

/// A message of ours, as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) epoch: u64,
    pub(super) sequence: u64,
    pub(super) from: Instance,
    pub(super) told: Told,
}

impl Message {
    /// `None` for what is of another format or shape.
    pub(super) fn parse(payload: &[u8]) -> Option<Self> {
        let mut fields = payload.split(|byte| *byte == b' ');
        if fields.next()? != FORMAT.as_bytes() {
            return None;
        }
        let epoch = hexadecimal(fields.next()?)?;
        let sequence = decimal(fields.next()?)?;
        let from = Instance(hexadecimal(fields.next()?)?);
        let letter = fields.next()?;
        let arguments = fields.map(|field| unescape(field).map(Cow::into_owned));
        let arguments: Vec<Vec<u8>> = arguments.collect::<Option<_>>()?;
        Some(Self {
            epoch,
            sequence,
            from,
            told: told(letter, arguments)?,
        })
    }
}

fn told(letter: &[u8], arguments: Vec<Vec<u8>>) -> Option<Told> {
    if arguments.is_empty() {
        return None;
    }
    match letter {
        b"k" => Some(Told::Keys(keys(arguments))),
        b"e" => Some(Told::Expired(keys(arguments))),
        b"f" => Some(Told::Settled(keys(arguments))),
        b"t" => {
            let tokens = arguments.iter().map(|argument| token(argument));
            tokens.collect::<Option<_>>().map(Told::Tokens)
        }
        b"u" => {
            let keys = arguments.iter().map(|argument| TokenKey::parse(argument));
            keys.collect::<Option<_>>().map(Told::Softened)
        }
        b"p" => only(arguments).map(|glob| Told::Matching(Pattern::glob(glob))),
        b"s" => only(arguments).map(|prefix| Told::Started(prefix.into())),
        b"d" => only(arguments).map(|prefix| Told::Done(prefix.into())),
        _ => None,
    }
}

fn keys(arguments: Vec<Vec<u8>>) -> Vec<Bytes> {
    arguments.into_iter().map(Into::into).collect()
}

fn only(arguments: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    <[_; 1]>::try_from(arguments).ok().map(|[only]| only)
}

fn token(argument: &[u8]) -> Option<(TokenKey, Token)> {
    let at = argument.iter().rposition(|byte| *byte == b'=')?;
    let (key, token) = argument.split_at(at);
    Some((TokenKey::parse(key)?, Token::parse(token.get(1..)?)?))
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::names::CacheName;
    use super::super::token::Stamp;
    use super::*;

    fn bytes() -> impl Strategy<Value = Bytes> {
        vec(
            prop_oneof![Just(b' '), Just(b'%'), Just(b'a'), any::<u8>()],
            0..12,
        )
        .prop_map(Into::into)
    }

    fn tokens() -> impl Strategy<Value = (TokenKey, Token)> {
        let key = prop_oneof![
            ".{0,6}".prop_map(|tag| TokenKey::tag(&tag)),
            ".{0,6}".prop_map(|name| CacheName::new(&[&name], "0123abcd").generation()),
        ];
        (key, any::<u64>()).prop_map(|(key, stamp)| (key, Token::draw(Stamp(stamp))))
    }

    fn anything() -> impl Strategy<Value = Told> {
        prop_oneof![
            vec(bytes(), 1..4).prop_map(Told::Keys),
            vec(bytes(), 1..4).prop_map(Told::Expired),
            vec(bytes(), 1..4).prop_map(Told::Settled),
            vec(tokens(), 1..4).prop_map(Told::Tokens),
            vec(tokens().prop_map(|(key, _)| key), 1..4).prop_map(Told::Softened),
            bytes().prop_map(|glob| Told::Matching(Pattern::glob(glob))),
            bytes().prop_map(Told::Started),
            bytes().prop_map(Told::Done),
        ]
    }

    /// As the script publishes it.
    pub(crate) fn published(epoch: u64, sequence: u64, text: &[u8]) -> Vec<u8> {
        [
            format!("{FORMAT} {epoch:016x} {sequence} ").as_bytes(),
            text,
        ]
        .concat()
    }

    #[test]
    fn it_is_as_the_protocol_says() {
        let from = Instance(0xa);
        let keys = Told::Keys(vec![Bytes::from_static(b"tr:c:a.0:b c"), Bytes::new()]);
        assert_eq!(keys.text(from), b"000000000000000a k tr:c:a.0:b%20c ");
        let expired = Told::Expired(vec![Bytes::from_static(b"a b")]);
        assert_eq!(expired.text(from), b"000000000000000a e a%20b");
        let settled = Told::Settled(vec![Bytes::from_static(b"a")]);
        assert_eq!(settled.text(from), b"000000000000000a f a");
        let softened = Told::Softened(vec![TokenKey::tag("a%b")]);
        assert_eq!(softened.text(from), b"000000000000000a u t:a%2525b");
        let pattern = Told::Matching(Pattern::prefix(b"us"));
        assert_eq!(pattern.text(from), b"000000000000000a p us*");
        let token = Token::parse(b"7.0000000000000001.0000000000000002").unwrap();
        let tokens = Told::Tokens(vec![(TokenKey::tag("a%b"), token)]);
        assert_eq!(
            tokens.text(from),
            b"000000000000000a t t:a%2525b=7.0000000000000001.0000000000000002"
        );
    }

    #[test]
    fn what_is_of_another_form_is_not_read() {
        let good = "1 0000000000000001 7 000000000000000a k key";
        assert!(Message::parse(good.as_bytes()).is_some());
        for other in [
            "",
            "2 0000000000000001 7 000000000000000a k key",
            "1 1 7 000000000000000a k key",
            "1 0000000000000001 x 000000000000000a k key",
            "1 0000000000000001 7 a k key",
            "1 0000000000000001 7 000000000000000a",
            "1 0000000000000001 7 000000000000000a k",
            "1 0000000000000001 7 000000000000000a z key",
            "1 0000000000000001 7 000000000000000a p a b",
            "1 0000000000000001 7 000000000000000a k k%2",
            "1 0000000000000001 7 000000000000000a t t:a",
            "1 0000000000000001 7 000000000000000a t t:a=1",
            "1 0000000000000001 7 000000000000000a u a",
            "tr:c:users",
        ] {
            assert_eq!(Message::parse(other.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_told_is_heard(told in anything(), epoch in any::<u64>(), sequence in any::<u64>()) {
            let from = Instance::draw();
            let heard = Message::parse(&published(epoch, sequence, &told.text(from)));
            prop_assert_eq!(heard, Some(Message { epoch, sequence, from, told }));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in bytes()) {
            Message::parse(&bytes);
            Message::parse(&published(1, 2, &bytes));
            Message::parse(&published(1, 2, &[b"000000000000000a t ", &bytes[..]].concat()));
        }
    }
}
