//! What an engine does about the invalidations of others.

use crate::store::{Heard, Hears, Token, TokenKey};

use crate::cache::engine::Inner;
use crate::cache::known::Learnt;

use super::tier::Far;

impl<V: Send + Sync + 'static> Hears for Inner<V> {
    fn hear(&self, what: Heard<'_>) {
        let Some(far) = self.far() else { return };
        match what {
            Heard::Key(key) => {
                if let Some(key) = far.key_at(key) {
                    self.drop_near(key);
                }
            }
            Heard::Matching(pattern) => {
                self.drop_matching(|key| pattern.matches_joined(far.prefix(), key));
            }
            Heard::Token(key, token) => self.replaced(far, key, token),
            // the epoch of the feed says so to every hit
            Heard::Everything => {}
        }
    }
}

impl<V: Send + Sync + 'static> Inner<V> {
    fn replaced(&self, far: &Far<V>, key: &TokenKey, token: Option<Token>) {
        let Some(generation) = far.generation().filter(|own| own.key == *key) else {
            return;
        };
        self.drop_all();
        let Some(token) = token else { return };
        let learnt = Learnt {
            version: self.epoch().0,
            epoch: far.epoch(),
            at: self.now(),
        };
        generation.known.learn(learnt, token);
    }
}
