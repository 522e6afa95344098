//! What an engine does about the invalidations of others.

use crate::store::{Heard, Hears, Part, TokenKey};

use crate::cache::core::Core;
use crate::cache::hold::Hold;

use super::tier::Far;

impl<V: Hold> Hears for Core<V> {
    fn hear(&self, what: Heard<'_>) {
        let Some(far) = self.far() else { return };
        match what {
            Heard::Expired(key) if self.keeps_stale() => {
                if let Some(key) = far.key_at(key) {
                    self.expire_near(key);
                }
            }
            Heard::Key(key) | Heard::Expired(key) => {
                if let Some(key) = far.key_at(key) {
                    self.drop_near(key);
                }
            }
            Heard::Matching(pattern) => {
                self.drop_matching(|key| pattern.matches_joined(far.prefix(), key));
            }
            Heard::Token(key, Part::Hard | Part::Soft) => self.replaced(far, key),
            // the epoch of the feed says so to every hit
            Heard::Everything => {}
        }
    }
}

impl<V: Hold> Core<V> {
    // the token itself may be older than one of our own; see `Ear`
    fn replaced(&self, far: &Far<V>, key: &TokenKey) {
        if far.generation().is_some_and(|own| own.key == *key) {
            self.drop_all();
        }
    }
}
