//! What is cached in a history, and what a load says that fails.

use std::cell::Cell;

use serde::{Deserialize, Serialize};

use super::plan::{KEYS, Key};

/// Which load brought it: every one brings another.
pub(super) type Id = usize;

/// What is special about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Plain,
    /// It says that there is nothing, and lives shorter.
    Nothing,
    /// It is not one to keep.
    Unkept,
}

/// A value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Value {
    pub(super) id: Id,
    pub(super) key: Key,
    pub(super) version: u64,
    pub(super) kind: Kind,
    /// It is held somewhere in this process.
    #[serde(skip)]
    _held: Held,
}

/// An error.
#[derive(Debug)]
pub(super) struct Failure {
    /// Of each key: one failure may be that of many.
    pub(super) versions: [u64; KEYS],
    _held: Held,
}

thread_local! {
    static HELD: Cell<usize> = const { Cell::new(0) };
}

/// How many values and errors there are.
pub(super) fn held() -> usize {
    HELD.get()
}

#[derive(Debug)]
struct Held;

impl Held {
    fn new() -> Self {
        HELD.set(HELD.get() + 1);
        Self
    }
}

impl Default for Held {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.set(HELD.get() - 1);
    }
}

impl Value {
    pub(super) fn new(id: Id, key: Key, version: u64, kind: Kind) -> Self {
        Self {
            id,
            key,
            version,
            kind,
            _held: Held::new(),
        }
    }
}

impl Failure {
    pub(super) fn new(versions: [u64; KEYS]) -> Self {
        Self {
            versions,
            _held: Held::new(),
        }
    }

    /// What stands for a panic.
    pub(super) fn of_panic() -> Self {
        Self::new([u64::MAX; KEYS])
    }

    pub(super) fn is_panic(&self) -> bool {
        self.versions == [u64::MAX; KEYS]
    }
}
