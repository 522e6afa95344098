//! Tags of one toolkit, in both tiers.

use std::sync::Arc;

use crate::store::{Heard, Hears, Part, Store};

use super::tags::{Severity, Tags};

/// Invalidates tags here and, where there is a far tier, everywhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tagging {
    pub(crate) cells: Arc<Tags>,
    pub(crate) far: Option<Arc<dyn Store>>,
    /// Hears of tags that others invalidate. It is known weakly where they come from, and held by whatever has tags:
    /// a cache may outlive its toolkit.
    #[expect(dead_code, reason = "held as long as anything has tags")]
    pub(crate) ear: Option<Arc<Ear>>,
}

/// What tags do about the invalidations of others.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) cells: Arc<Tags>,
}

impl Hears for Ear {
    // a message may come after a later invalidation was done over another connection, so the token in it
    // need not be the present one: whoever needs it asks
    fn hear(&self, what: Heard<'_>) {
        if let Heard::Token(key, part) = what
            && let Some(tag) = key.name()
        {
            let severity = match part {
                Part::Hard => Severity::Remove,
                Part::Soft => Severity::Expire,
            };
            self.cells.invalidate(&[tag], severity);
        }
    }
}
