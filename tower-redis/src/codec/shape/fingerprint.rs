//! From what was asked for to 32 bits.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use super::recorder::{self, Notes};
use super::walker::Walker;

/// What `serde` sees of a type: 8 hexadecimal digits that are others for another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Shape(u32);

impl Shape {
    /// The shape of `T`. Its `Deserialize` runs, on no data; a panic in it ends the recording.
    pub(crate) fn of<T: DeserializeOwned>() -> Self {
        let read = || catch_unwind(AssertUnwindSafe(|| T::deserialize(Walker::WHOLE).is_ok())).ok();
        Self(digest(&recorder::record(read)))
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

fn digest(notes: &Notes) -> u32 {
    let mut hash = Fnv::default();
    for (path, what) in notes {
        for step in path {
            hash.number(step.answer as u64);
            hash.number(step.part as u64);
            hash.number(step.kind);
        }
        hash.number(what.len() as u64);
        hash.bytes(what.as_bytes());
    }
    let [high, low] = [hash.0 >> 32, hash.0 & u64::from(u32::MAX)];
    u32::try_from(high ^ low).unwrap_or_default()
}

/// Of one text.
pub(super) fn hash(text: &[u8]) -> u64 {
    let mut hash = Fnv::default();
    hash.bytes(text);
    hash.0
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits: the same in every process and every build.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }
}
