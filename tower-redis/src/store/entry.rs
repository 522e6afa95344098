//! What lies under a key, and what is to lie there.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::codec::{Coding, Packed};

use super::carried::Carried;
use super::token::{Stamp, Token, TokenKey};

/// A key, and how the value under it is written.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) key: Bytes,
    pub(crate) format: Format,
}

/// What surrounds a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    /// Our own envelope: an id, times and tokens.
    Envelope,
    /// Nothing: other programs read and write it. The key's expiry is the life of the value.
    Plain,
}

impl Place {
    pub(crate) fn new(key: impl Into<Bytes>, format: Format) -> Self {
        Self {
            key: key.into(),
            format,
        }
    }
}

// what is in a key may be a secret
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// Which entry it is: two fills never make the same in an envelope. Of what is not in one it is the
/// SHA-1 of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum EntryId {
    Drawn(u64),
    Sha1([u8; 20]),
}

impl EntryId {
    pub(super) fn draw() -> Self {
        Self::Drawn(crate::rng::draw())
    }

    /// The id of bytes that are in no envelope.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self::Sha1(sha1_smol::Sha1::from(bytes).digest().bytes())
    }
}

/// As scripts compare it: 16 hexadecimal digits, or `=` and 40.
impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(id) => write!(f, "{id:016x}"),
            Self::Sha1(digest) => {
                f.write_str("=")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    }
}

/// An entry that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) id: EntryId,
    pub(crate) packed: Packed,
    /// How long it is still fresh: zero when it no longer is, `None` when nothing says so, as for a plain
    /// key without expiry.
    pub(crate) fresh: Option<Duration>,
    /// How long it is still there; `None` as for `fresh`. Not less than that.
    pub(crate) kept: Option<Duration>,
    /// How long its load took; zero when nothing says so.
    pub(crate) cost: Duration,
    /// The generation of its cache when its load began; `None` under an exact key.
    pub(crate) generation: Option<Token>,
    /// Its tags.
    pub(crate) tags: Carried,
}

impl Held {
    /// Whether it carries the token of `key`, which is a tag, or its own cache.
    pub(crate) fn carries(&self, key: &TokenKey) -> bool {
        match key.as_tag() {
            Some(_) => self.tags.each().any(|tag| tag.is(key)),
            None => self.generation.is_some(),
        }
    }
}

/// What lies under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    Entry(Held),
    /// Bytes that this program cannot read: it may say so when it asks for the lease. A payload that does
    /// not decode is told by who decodes it.
    Unreadable(EntryId),
    /// Something that is not a string. It is never read, written or removed by a fill or a `put`.
    Foreign,
}

/// The right to fill a key, until it is invalidated.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    text: Bytes,
    anew: bool,
    /// Who has it, where nobody else is to load meanwhile.
    holder: Option<Holder>,
}

/// Who loads for all, by a number that was drawn for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Holder(u64);

impl Holder {
    pub(super) fn draw() -> Self {
        Self(crate::rng::draw())
    }
}

/// As it stands behind a lease: 16 hexadecimal digits.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Lease {
    pub(super) fn draw() -> Self {
        Self::from_bytes(format!("{:016x}", crate::rng::draw()).into())
    }

    pub(super) fn from_bytes(text: Bytes) -> Self {
        Self {
            text,
            anew: false,
            holder: None,
        }
    }

    /// The same, for the one who loads for all.
    pub(super) fn held_by(self, holder: Holder) -> Self {
        let holder = Some(holder);
        Self { holder, ..self }
    }

    pub(super) fn holder(&self) -> Option<Holder> {
        self.holder
    }

    /// The same, granted although there may be an entry that others have copies of.
    pub(super) fn anew(self) -> Self {
        let anew = true;
        Self { anew, ..self }
    }

    /// Whether others have to be told of what it fills.
    pub(super) fn is_anew(&self) -> bool {
        self.anew
    }

    pub(super) fn as_bytes(&self) -> &Bytes {
        &self.text
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease").finish_non_exhaustive()
    }
}

/// The answer to who asks for the right to fill a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Leased {
    /// It is granted. It may be shared: the first fill wins.
    Granted(Lease),
    /// There is something else than what was rejected.
    There(Found),
    /// The key is not one to be filled.
    Foreign,
    /// Somebody else loads for all, and may do so for `rest` without being heard of again. Only who asks for
    /// the same is told.
    Held { rest: Duration },
    /// Who loaded for all has failed, and for `rest` nobody does: whoever needs the value loads it, and may fill
    /// it under this shared lease.
    Failed { rest: Duration, lease: Lease },
}

/// An entry that is to be.
#[derive(Debug, Clone)]
pub(crate) struct New {
    pub(crate) packed: Packed,
    /// How long it is fresh.
    pub(crate) fresh: Duration,
    /// How long it is kept; not less than `fresh`. Under a plain key this is the expiry.
    pub(crate) kept: Duration,
    /// How long it lies there unless it is [touched](super::contract::Store::touch), where that is less than `kept`.
    pub(crate) idle: Option<Duration>,
    /// How long its load took.
    pub(crate) cost: Duration,
    /// The generation of its cache, as it was before its load began.
    pub(crate) generation: Option<(TokenKey, Token)>,
    /// Tags that were known before its load, as they were then.
    pub(crate) tags: Vec<(TokenKey, Token)>,
    /// Tags that were computed from the value.
    pub(crate) late: Option<Late>,
}

/// Tags that could only be read after the load.
#[derive(Debug, Clone)]
pub(crate) struct Late {
    /// The stamp before the load.
    pub(crate) stamp: Stamp,
    /// The tags, as they were after it.
    pub(crate) tags: Vec<(TokenKey, Token)>,
}

impl New {
    /// A tag was invalidated between the stamp and the reading of its token.
    pub(super) fn is_late(&self) -> bool {
        let later = |late: &Late| {
            let mut tokens = late.tags.iter().map(|(_, token)| token.stamp());
            tokens.any(|stamp| stamp > late.stamp)
        };
        self.late.as_ref().is_some_and(later)
    }

    /// All its tags.
    pub(super) fn all_tags(&self) -> impl Iterator<Item = &(TokenKey, Token)> {
        let late = self.late.iter().flat_map(|late| &late.tags);
        self.tags.iter().chain(late)
    }

    /// Where all its tokens lie.
    pub(super) fn token_keys(&self) -> impl Iterator<Item = &TokenKey> {
        let generation = self.generation.iter().map(|(key, _)| key);
        generation.chain(self.all_tags().map(|(key, _)| key))
    }

    /// How it was made, as it stands beside it.
    pub(super) fn coding(&self) -> &Coding {
        &self.packed.coding
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_written_as_scripts_compare_it() {
        assert_eq!(EntryId::Drawn(0xab).to_string(), "00000000000000ab");
        assert_eq!(
            EntryId::of(b"abc").to_string(),
            "=a9993e364706816aba3e25717850c26c9cd0d89d"
        );
    }
}
