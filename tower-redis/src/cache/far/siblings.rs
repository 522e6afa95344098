//! The other caches of this process that may have the same keys.
//!
//! A process does not act on its own messages, which would undo the `put` they tell of. Keys of our own
//! belong to one cache; those that the user wrote may belong to several (`user:{id}` and `user:{id}:posts`),
//! so what one of these does the others are told here.

use crate::cache::core::Core;
use crate::cache::hold::Hold;
use crate::store::{Heard, Pattern};

use super::tier::{Far, Form};

impl<V: Hold> Core<V> {
    /// Removes `key` from all caches of this process that may have it; loads of it that are under way will
    /// not be stored. Answers how many entries went from this one.
    pub(super) fn drop_here(&self, far: &Far<V>, key: &[u8]) -> usize {
        let gone = self.drop_near(key);
        self.tell_siblings(far, key);
        gone
    }

    /// [`drop_here`](Self::drop_here), with what there is made stale.
    pub(super) fn expire_here(&self, far: &Far<V>, key: &[u8]) -> usize {
        let stale = self.expire_near(key);
        self.tell_siblings(far, key);
        stale
    }

    /// [`drop_here`](Self::drop_here) for what starts with `prefix`.
    pub(super) fn drop_here_after(&self, far: &Far<V>, prefix: &[u8]) -> usize {
        let gone = self.drop_matching(|key| key.starts_with(prefix));
        self.tell_of(far, || far.starting_with(prefix));
        gone
    }

    /// [`drop_here`](Self::drop_here) for everything.
    pub(super) fn drop_all_here(&self, far: &Far<V>) -> usize {
        let gone = self.drop_all();
        self.tell_of(far, || far.form.pattern());
        gone
    }

    /// What lies under `key` is another one now.
    pub(super) fn tell_siblings(&self, far: &Far<V>, key: &[u8]) {
        if let Form::Exact { .. } = far.form {
            let key = far.full(key).into();
            far.watch.tell_others(Heard::Key(&key), self);
        }
    }

    fn tell_of(&self, far: &Far<V>, pattern: impl FnOnce() -> Pattern) {
        if let Form::Exact { .. } = far.form {
            far.watch.tell_others(Heard::Matching(&pattern()), self);
        }
    }
}
