//! What can happen in a run.

use serde::{Deserialize, Serialize};

use super::instant::Span;

/// Which process, from 0.
pub type Process = usize;

/// Which key, from 0.
pub type Key = u64;

/// What the source of truth says of a key. Each write says a greater one; before the first it is 0.
pub type Version = u64;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Which process did it, or had it done to it.
    pub process: Process,
    /// From when to when.
    pub span: Span,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// The source of truth says `version` from some point of the span on.
    Write {
        /// Of this key.
        key: Key,
        /// What it says.
        version: Version,
    },
    /// An invalidation, however it was asked for.
    Invalidate {
        /// How, in a word, for those who read about it.
        by: String,
        /// The keys that it concerns.
        keys: Vec<Key>,
        /// What it answered.
        reach: Reach,
    },
    /// A value was stored in place of what was there; nobody else wrote the key meanwhile.
    Put {
        /// Under this key.
        key: Key,
        /// The value.
        version: Version,
        /// Whether Redis was told.
        reach: Reach,
    },
    /// A load whatever was there, to take its place.
    Refresh {
        /// Of this key.
        key: Key,
        /// What was loaded; `None` if the load failed or was dropped.
        brought: Option<Version>,
        /// Whether it was dropped, and promised nothing.
        dropped: bool,
        /// Whether Redis was told.
        reach: Reach,
    },
    /// A lookup.
    Read {
        /// Of this key.
        key: Key,
        /// What it answered; `None` for the error of a load.
        found: Option<Version>,
        /// How.
        status: Status,
    },
    /// A load.
    Load {
        /// Of this key.
        key: Key,
        /// What it brought; `None` if it failed or was dropped.
        brought: Option<Version>,
        /// The lookup it was part of, with what came after the load.
        flight: Span,
        /// Whether that lookup was dropped.
        dropped: bool,
    },
    /// The process was cut off.
    Trouble(Trouble),
    /// Redis lost everything, or anything of it at any time; whoever listened was told nothing.
    Wiped,
}

/// How far an invalidation got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Redis knows.
    Everywhere,
    /// Redis will be told before this process reads there.
    Pending,
}

/// How a lookup was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// From this process.
    Near,
    /// From Redis.
    Far,
    /// From this process, while Redis did not answer.
    Suspect,
    /// By its own load.
    Loaded,
    /// By the load of another call.
    Coalesced,
}

/// From what a process was cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Trouble {
    /// From messages.
    Feed,
    /// From data.
    Data,
}

impl Event {
    /// Whether Redis was asked for a value and answered, unless there was a trouble.
    pub(super) fn goes_far(&self) -> bool {
        matches!(
            self.what,
            What::Read {
                status: Status::Far | Status::Loaded,
                ..
            }
        )
    }
}

impl What {
    /// The keys of which what was known before may not be served any more.
    #[must_use]
    pub(super) fn invalidated(&self) -> &[Key] {
        match self {
            Self::Invalidate { keys, .. } => keys,
            Self::Put { key, .. } | Self::Refresh { key, .. } => std::slice::from_ref(key),
            Self::Write { .. }
            | Self::Read { .. }
            | Self::Load { .. }
            | Self::Trouble(_)
            | Self::Wiped => &[],
        }
    }

    /// Whether it has to do with `key`, or with all of them.
    pub(super) fn concerns(&self, key: Key) -> bool {
        match self {
            Self::Write { key: of, .. }
            | Self::Put { key: of, .. }
            | Self::Refresh { key: of, .. }
            | Self::Read { key: of, .. }
            | Self::Load { key: of, .. } => *of == key,
            Self::Invalidate { keys, .. } => keys.contains(&key),
            Self::Trouble(_) | Self::Wiped => true,
        }
    }

    /// What was stored by it: the key, what it says, and from when to when it was brought, where `own` is the
    /// span of the event.
    pub(super) fn brought(&self, own: Span) -> Option<(Key, Version, Span)> {
        match *self {
            Self::Load {
                key,
                brought: Some(version),
                flight,
                ..
            } => Some((key, version, flight)),
            Self::Put { key, version, .. }
            | Self::Refresh {
                key,
                brought: Some(version),
                ..
            } => Some((key, version, own)),
            Self::Load { .. }
            | Self::Refresh { .. }
            | Self::Write { .. }
            | Self::Invalidate { .. }
            | Self::Read { .. }
            | Self::Trouble(_)
            | Self::Wiped => None,
        }
    }

    pub(super) fn reach(&self) -> Option<Reach> {
        match self {
            Self::Invalidate { reach, .. }
            | Self::Put { reach, .. }
            | Self::Refresh { reach, .. } => Some(*reach),
            Self::Write { .. }
            | Self::Read { .. }
            | Self::Load { .. }
            | Self::Trouble(_)
            | Self::Wiped => None,
        }
    }
}
