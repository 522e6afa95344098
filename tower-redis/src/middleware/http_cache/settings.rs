//! How the cache is set up.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::assembly::{EngineBuilder, Surroundings};
use crate::cache::engine::Engine;
use crate::cache::far::Serial;
use crate::cache::near::Bound;
use crate::cache::terms::{Ttl, Weigh};

use super::allowance::Allowance;
use super::cache_status::Name;
use super::empty::EmptyBodies;
use super::form::{FORM, codec};
use super::kept::Kept;
use super::rules::Rules;
use super::shared::Shared;
use super::variants::Variants;

const DEFAULT_NAME: &str = "tower-redis";
const DEFAULT_CAPACITY: u64 = 64 * 1024 * 1024;
const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// Bodies on their way may hold this part of the capacity besides.
const ON_THE_WAY: u64 = 4;

/// How long what was purged softly is kept.
const KEPT_PURGED: Duration = Duration::from_secs(60 * 60);

/// What a user has said about a cache.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) name: Arc<str>,
    pub(crate) capacity: u64,
    pub(crate) max_body: usize,
    pub(crate) rules: Rules,
    pub(crate) empty: EmptyBodies,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: DEFAULT_NAME.into(),
            capacity: DEFAULT_CAPACITY,
            max_body: DEFAULT_MAX_BODY,
            rules: Rules::default(),
            empty: EmptyBodies::default(),
        }
    }
}

impl Settings {
    /// A cache like this.
    pub(crate) fn shared(&self, surroundings: &Surroundings) -> Shared {
        let engine = self.engine(surroundings);
        // the longest has to fit
        let most = (self.capacity / ON_THE_WAY).max(engine.near().heaviest());
        Shared {
            engine,
            allowance: Allowance::of(most),
            name: Name::new(&self.name),
            rules: self.rules.clone(),
            max_body: self.max_body,
            empty: self.empty.clone(),
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "the builder refuses a capacity of zero, which is made one here, and a fixed TTL of zero"
    )]
    fn engine(&self, surroundings: &Surroundings) -> Engine<Kept> {
        // room for the fields of the longest
        const FIELDS: usize = 64 * 1024;
        let mut builder = EngineBuilder::new(&self.name, surroundings);
        // no entry weighs as little as one byte
        builder.bound = Bound::Bytes(self.capacity.max(1));
        builder.weigh = Weigh::Bytes(Arc::new(|variants: &Arc<Variants>| variants.weight()));
        builder.heaviest = u64::try_from(self.max_body.saturating_add(FIELDS)).unwrap_or(u64::MAX);
        // each response brings its own
        builder.ttl = Ttl::Fixed(Duration::MAX);
        builder.freshness.windows.to_revalidate = KEPT_PURGED;
        builder.tags_of = Some(Arc::new(|variants: &Arc<Variants>| variants.tags()));
        builder.merge = Some(Variants::merge);
        builder.serial = Some(Serial::by(codec, FORM));
        builder
            .build(surroundings.clone())
            .expect("a bound and a TTL above zero")
    }
}
