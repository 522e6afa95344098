//! From what was asked for to 32 bits.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use super::fnv::Fnv;
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
