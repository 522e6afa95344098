//! A value with what describes it, as bytes: one line of ASCII, then the payload.
//!
//! ```text
//! TR1 {id} {codec} {made} {fresh} {kept} {cost} {length} {generation} [{tag}={token} ...]\n{payload}
//! ```
//!
//! The script that stores it writes `made`, so what is written here comes in two pieces.

use std::io::Write as _;
use std::ops::Range;
use std::time::Duration;

use bytes::{Buf, Bytes};

use crate::codec::{Coding, Packed};

use super::carried::Carried;
use super::entry::{EntryId, Found, Held, New};
use super::token::{Token, hexadecimal, is_tag, leading_decimal, leading_hexadecimal};

const MAGIC: &[u8] = b"TR1";

/// The longest life there is: ten years, which Redis can add to any clock.
pub(crate) const LONGEST: Duration = Duration::from_secs(10 * 365 * 86_400);

/// What comes before `made` and what comes after it.
#[derive(Debug)]
pub(super) struct Pieces {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

/// Writes `new` as entry `id`.
pub(super) fn write(id: EntryId, new: &New) -> Pieces {
    let mut before = MAGIC.to_vec();
    before.push(b' ');
    push(&mut before, id);
    before.push(b' ');
    before.extend_from_slice(new.coding().name());
    before.push(b' ');

    let payload = &new.packed.payload;
    let mut after = Vec::with_capacity(payload.len() + 128);
    for number in [millis(new.fresh), millis(kept(new)), new.cost.as_micros()] {
        after.push(b' ');
        push(&mut after, number);
    }
    after.push(b' ');
    push(&mut after, payload.len());
    after.push(b' ');
    match &new.generation {
        Some((_, token)) => push(&mut after, token),
        None => after.push(b'-'),
    }
    for (key, token) in new.all_tags() {
        after.push(b' ');
        after.extend_from_slice(key.as_tag().unwrap_or_default());
        after.push(b'=');
        push(&mut after, token);
    }
    after.push(b'\n');
    after.extend_from_slice(payload);
    Pieces { before, after }
}

/// How long `new` is kept: what Redis can keep.
pub(super) fn kept(new: &New) -> Duration {
    new.kept
        .max(new.fresh)
        .clamp(Duration::from_millis(1), LONGEST)
}

/// How long the key of `new` lives unless somebody touches it.
pub(super) fn lies(new: &New) -> Duration {
    let idle = new.idle.unwrap_or(LONGEST);
    idle.clamp(Duration::from_millis(1), kept(new))
}

fn millis(duration: Duration) -> u128 {
    duration.min(LONGEST).as_millis()
}

fn push(to: &mut Vec<u8>, what: impl std::fmt::Display) {
    // writing to memory cannot fail
    let _ = write!(to, "{what}");
}

/// What a reader knows of the time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Time {
    /// The clock of the server.
    Now(Duration),
    /// How long the key is still kept; `None` when it has no expiry.
    Left(Option<Duration>),
}

/// Reads what lies under a key whose values are in envelopes.
pub(super) fn read(bytes: Bytes, time: Time) -> Found {
    match parse(&bytes) {
        Some(header) => header.found(bytes, time),
        None => Found::Unreadable(id(&bytes)),
    }
}

/// Reads what lies under a key as the user wrote it: a value that has tags is in an envelope there too,
/// since they have no other place.
pub(super) fn read_plain(bytes: Bytes, left: Option<Duration>) -> Found {
    if let Some(header) = parse(&bytes) {
        return header.found(bytes, Time::Left(left));
    }
    Found::Entry(Held {
        id: EntryId::of(&bytes),
        packed: Packed {
            coding: Coding::unsaid(),
            payload: bytes,
        },
        fresh: left,
        kept: left,
        cost: Duration::ZERO,
        generation: None,
        tags: Carried::default(),
    })
}

/// How scripts call what lies there: the id in its header, if it has one.
fn id(bytes: &[u8]) -> EntryId {
    let after_magic = bytes
        .strip_prefix(MAGIC)
        .and_then(|rest| rest.strip_prefix(b" "));
    let drawn = after_magic
        .and_then(|rest| rest.get(..17))
        .and_then(|field| field.strip_suffix(b" "))
        .and_then(hexadecimal);
    drawn.map_or_else(|| EntryId::of(bytes), EntryId::Drawn)
}

/// What describes a payload.
struct Header {
    id: u64,
    coding: Coding,
    made: Duration,
    fresh: Duration,
    kept: Duration,
    cost: Duration,
    generation: Option<Token>,
    /// Where each tag stands, and its token.
    tags: Vec<(Range<usize>, Token)>,
    /// Where the payload begins.
    payload: usize,
}

/// The fields of the first line, one after the other.
struct Fields<'a> {
    rest: &'a [u8],
    is_over: bool,
}

impl<'a> Fields<'a> {
    fn text(&mut self) -> Option<&'a [u8]> {
        self.read(|rest| {
            let end = rest.iter().position(|byte| matches!(byte, b' ' | b'\n'))?;
            rest.split_at_checked(end)
        })
    }

    #[inline]
    fn number(&mut self) -> Option<u64> {
        self.read(leading_decimal)
    }

    /// What `read` finds, which is a whole field.
    #[inline]
    fn read<T>(&mut self, read: impl FnOnce(&'a [u8]) -> Option<(T, &'a [u8])>) -> Option<T> {
        if self.is_over {
            return None;
        }
        let (field, rest) = read(self.rest)?;
        let (end, rest) = rest.split_first()?;
        self.is_over = match end {
            b' ' => false,
            b'\n' => true,
            _ => return None,
        };
        self.rest = rest;
        Some(field)
    }
}

fn parse(bytes: &[u8]) -> Option<Header> {
    let mut fields = Fields {
        rest: bytes.strip_prefix(MAGIC)?.strip_prefix(b" ")?,
        is_over: false,
    };
    let id = fields.read(leading_hexadecimal)?;
    let coding = fields.text().filter(|name| !name.is_empty())?;
    let made = Duration::from_millis(fields.number()?);
    let fresh = Duration::from_millis(fields.number()?);
    let kept = Duration::from_millis(fields.number()?);
    let cost = Duration::from_micros(fields.number()?);
    let length = fields.number()?;
    let generation = fields.read(|rest| match rest.strip_prefix(b"-") {
        Some(rest) => Some((None, rest)),
        None => Token::leading(rest).map(|(token, rest)| (Some(token), rest)),
    })?;
    let mut tags = Vec::new();
    while !fields.is_over {
        let at = bytes.len() - fields.rest.len();
        let (length, token) = fields.read(tag)?;
        tags.push((at..at + length, token));
    }
    let payload = bytes.len() - fields.rest.len();
    (u64::try_from(fields.rest.len()).ok()? == length).then(|| Header {
        id,
        coding: Coding::found(coding),
        made,
        fresh,
        kept,
        cost,
        generation,
        tags,
        payload,
    })
}

/// How long a tag is, and its token, and what follows.
fn tag(rest: &[u8]) -> Option<((usize, Token), &[u8])> {
    let length = rest
        .iter()
        .position(|byte| matches!(byte, b'=' | b' ' | b'\n'))?;
    let (tag, rest) = rest.split_at_checked(length)?;
    let (token, rest) = Token::leading(rest.strip_prefix(b"=")?)?;
    is_tag(tag).then_some(((length, token), rest))
}

impl Header {
    /// What lies there, of which this is the beginning.
    fn found(self, mut bytes: Bytes, time: Time) -> Found {
        let tags = Carried::of(&bytes, self.tags);
        bytes.advance(self.payload);
        let left = match time {
            // a clock that went back revives nothing: no more is left than there was
            Time::Now(now) => {
                let age = now.saturating_sub(self.made);
                [self.fresh, self.kept].map(|life| life.saturating_sub(age))
            }
            Time::Left(Some(left)) => {
                let kept = left.min(self.kept);
                [self.fresh.saturating_sub(self.kept - kept), kept]
            }
            // somebody took the expiry away: how old it is cannot be told
            Time::Left(None) => [Duration::ZERO; 2],
        };
        let [fresh, kept] = left;
        Found::Entry(Held {
            id: EntryId::Drawn(self.id),
            packed: Packed {
                coding: self.coding,
                payload: bytes,
            },
            fresh: Some(fresh.min(kept)),
            kept: Some(kept),
            cost: self.cost,
            generation: self.generation,
            tags,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::super::names::CacheName;
    use super::super::token::{Stamp, TokenKey};
    use super::*;
    use crate::codec::Codec;

    const MADE: Duration = Duration::from_millis(1_767_225_600_000);

    fn token() -> impl Strategy<Value = Token> {
        any::<u64>().prop_map(|stamp| Token::draw(Stamp(stamp)))
    }

    fn tags() -> impl Strategy<Value = Vec<(TokenKey, Token)>> {
        vec(
            (".{0,6}".prop_map(|tag| TokenKey::tag(&tag)), token()),
            0..4,
        )
    }

    fn life() -> impl Strategy<Value = Duration> {
        (0..=u64::MAX).prop_map(Duration::from_millis)
    }

    fn new() -> impl Strategy<Value = New> {
        let payload = vec(any::<u8>(), 0..40).prop_map(Bytes::from);
        let cost = any::<u64>().prop_map(Duration::from_micros);
        let times = (life(), life(), cost);
        (payload, times, option::of(token()), tags()).prop_map(
            |(payload, (fresh, kept, cost), generation, tags)| New {
                packed: Packed {
                    coding: Coding::found(b"json+lz4"),
                    payload,
                },
                fresh,
                kept,
                cost,
                generation: generation
                    .map(|token| (CacheName::new(&["a"], "00000000").generation(), token)),
                tags,
                late: None,
                idle: None,
            },
        )
    }

    /// As the script stores it.
    fn stored(pieces: &Pieces, made: Duration) -> Bytes {
        let made = made.as_millis().to_string();
        [&pieces.before, made.as_bytes(), &pieces.after]
            .concat()
            .into()
    }

    fn entry(found: Found) -> Held {
        match found {
            Found::Entry(held) => held,
            other => panic!("{other:?}"),
        }
    }

    fn hour() -> New {
        New {
            packed: Codec::<u8>::json().pack(&7).unwrap(),
            fresh: Duration::from_secs(3_600),
            kept: Duration::from_secs(7_200),
            cost: Duration::from_micros(1_500),
            generation: None,
            tags: Vec::new(),
            late: None,
            idle: None,
        }
    }

    #[test]
    fn it_is_as_the_protocol_says() {
        let token = Token::of_parts(Stamp(7), 1, 2);
        let new = New {
            generation: Some((CacheName::new(&["a"], "00000000").generation(), token)),
            tags: vec![(TokenKey::tag("org 7"), token)],
            ..hour()
        };
        let bytes = stored(&write(EntryId::Drawn(0xab), &new), MADE);
        let token = "7.0000000000000001.0000000000000002";
        assert_eq!(
            String::from_utf8(bytes.to_vec()).unwrap(),
            format!(
                "TR1 00000000000000ab json 1767225600000 3600000 7200000 1500 1 {token} \
                 org%207={token}\n7"
            )
        );
    }

    #[test]
    fn what_is_left_comes_from_the_servers_clock_or_from_the_keys_expiry() {
        let bytes = stored(&write(EntryId::draw(), &hour()), MADE);
        let left = |time| {
            let held = entry(read(bytes.clone(), time));
            [held.fresh, held.kept].map(|left| left.unwrap().as_secs())
        };
        let now = |secs| Time::Now(MADE + Duration::from_secs(secs));
        assert_eq!(left(now(0)), [3_600, 7_200]);
        assert_eq!(left(now(600)), [3_000, 6_600]);
        assert_eq!(left(now(4_000)), [0, 3_200]);
        assert_eq!(left(now(7_200)), [0, 0]);
        // a clock that went back
        assert_eq!(left(Time::Now(Duration::ZERO)), [3_600, 7_200]);
        let expiry = |secs| Time::Left(Some(Duration::from_secs(secs)));
        assert_eq!(left(expiry(7_200)), [3_600, 7_200]);
        assert_eq!(left(expiry(6_600)), [3_000, 6_600]);
        assert_eq!(left(expiry(100)), [0, 100]);
        // an expiry that was raised, or taken away
        assert_eq!(left(expiry(90_000)), [3_600, 7_200]);
        assert_eq!(left(Time::Left(None)), [0, 0]);
    }

    #[test]
    fn a_life_is_what_redis_can_keep() {
        let new = |fresh, kept| New {
            fresh,
            kept,
            ..hour()
        };
        assert_eq!(kept(&new(Duration::ZERO, Duration::ZERO)).as_millis(), 1);
        assert_eq!(kept(&new(Duration::MAX, Duration::MAX)), LONGEST);
        let hour = Duration::from_secs(3_600);
        assert_eq!(kept(&new(hour, Duration::ZERO)), hour);
        for (idle, life) in [
            (None, hour),
            (Some(hour / 2), hour / 2),
            (Some(hour * 2), hour),
            (Some(Duration::ZERO), Duration::from_millis(1)),
        ] {
            let new = New {
                idle,
                ..new(hour, hour)
            };
            assert_eq!(lies(&new), life, "{idle:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_called_as_scripts_call_it() {
        for (text, id) in [
            ("TR1 00000000000000ab ", "00000000000000ab"),
            ("TR1 00000000000000ab json", "00000000000000ab"),
            ("abc", "=a9993e364706816aba3e25717850c26c9cd0d89d"),
        ] {
            let found = read(Bytes::from_static(text.as_bytes()), Time::Now(MADE));
            let Found::Unreadable(found) = found else {
                panic!("{found:?}");
            };
            assert_eq!(found.to_string(), id, "{text}");
        }
        let other = Bytes::from_static(b"TR1 00000000000000AB json");
        let found = read(other.clone(), Time::Now(MADE));
        assert_eq!(found, Found::Unreadable(EntryId::of(&other)));
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(new in new(), id in any::<u64>()) {
            let bytes = stored(&write(EntryId::Drawn(id), &new), MADE);
            let held = entry(read(bytes, Time::Now(MADE)));
            prop_assert_eq!(held.id, EntryId::Drawn(id));
            prop_assert_eq!(&held.packed, &new.packed);
            prop_assert_eq!(held.fresh, Some(new.fresh.min(LONGEST)));
            prop_assert_eq!(held.kept, Some(kept(&new)));
            prop_assert_eq!(held.cost, new.cost);
            prop_assert_eq!(held.generation, new.generation.map(|(_, token)| token));
            prop_assert!(held.tags.are(&new.tags));
        }

        #[test]
        fn a_damaged_one_is_not_read_as_another(new in new(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let bytes = stored(&write(EntryId::Drawn(1), &new), MADE);
            for cut in [at.index(bytes.len()), bytes.len() - 1] {
                let cut = bytes.slice(..cut);
                prop_assert!(!matches!(read(cut.clone(), Time::Now(MADE)), Found::Entry(_)));
            }
            let mut damaged = bytes.to_vec();
            *at.get_mut(&mut damaged) = byte;
            // a number may be another one; the payload is still as long as the header says
            if let Found::Entry(held) = read(damaged.into(), Time::Now(MADE)) {
                prop_assert_eq!(held.packed.payload.len(), new.packed.payload.len());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
            head in prop_oneof![Just("TR1 00000000000000ab json "), Just("TR1 "), Just("")],
            bytes in vec(prop_oneof![Just(b' '), Just(b'\n'), Just(b'0'), Just(b'='), any::<u8>()], 0..60),
            left in option::of(life()),
            now in life(),
        ) {
            let bytes = Bytes::from([head.as_bytes(), &bytes].concat());
            read(bytes.clone(), Time::Left(left));
            read(bytes, Time::Now(now));
        }
    }
}
