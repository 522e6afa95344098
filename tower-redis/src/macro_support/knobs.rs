//! What the engine of a function's cache is told, one method an option.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::freshness::Early;
use crate::cache::hold::Hold;
use crate::cache::terms::{Ttl, absent_at_most};
use crate::codec::Format;

use super::setup::Setup;

/// Settings made in code may be zero: then nothing is kept long enough to be found.
const LEAST: Duration = Duration::from_nanos(1);

impl<H: Hold> Setup<H> {
    /// A copy in this process lives for `ttl` at most.
    #[must_use]
    pub fn near_ttl(mut self, ttl: Duration) -> Self {
        self.builder.freshness.near = Some(ttl.max(LEAST));
        self
    }

    /// What is not used for `idle` is gone.
    #[must_use]
    pub fn time_to_idle(mut self, idle: Duration) -> Self {
        self.builder.freshness.idle = Some(idle.max(LEAST));
        self
    }

    /// Lives are shorter by up to this part; checked by [`fraction`].
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.builder.freshness.jitter = part;
        self
    }

    /// Loaded anew after this part of its life; checked by [`fraction`].
    #[must_use]
    pub fn refresh_after(mut self, part: f64) -> Self {
        self.builder.freshness.early = Early::After(part);
        self
    }

    /// Loaded anew by chance; checked by [`beta`].
    #[must_use]
    pub fn refresh_by_chance(mut self, beta: f64) -> Self {
        self.builder.freshness.early = Early::XFetch(beta);
        self
    }

    /// Stale, it answers for so long while it is loaded anew.
    #[must_use]
    pub fn stale_while_revalidate(mut self, window: Duration) -> Self {
        self.builder.freshness.windows.while_revalidate = window;
        self
    }

    /// Stale, it answers for so long when a load fails.
    #[must_use]
    pub fn stale_if_error(mut self, window: Duration) -> Self {
        self.builder.freshness.windows.if_error = window;
        self
    }

    /// Nobody waits longer who could have something stale.
    #[must_use]
    pub fn soft_timeout(mut self, timeout: Duration) -> Self {
        self.builder.loads.soft_timeout = Some(timeout);
        self
    }

    /// What failed is not tried again for so long.
    #[must_use]
    pub fn throttle(mut self, rest: Duration) -> Self {
        self.builder.loads.throttle = Some(rest);
        self
    }

    /// One load in all processes.
    #[must_use]
    pub fn fleet_flight(mut self) -> Self {
        self.builder.loads.fleet_flight = true;
        self
    }

    /// How long a value lives, from the value.
    #[must_use]
    pub fn ttl_with(mut self, ttl: impl Fn(&H::Value) -> Duration + Send + Sync + 'static) -> Self {
        self.builder.ttl = Ttl::Of(Arc::new(ttl));
        self
    }

    /// The tags of a value, from the value.
    #[must_use]
    pub fn tags_with(
        mut self,
        tags: impl Fn(&H::Value) -> Vec<String> + Send + Sync + 'static,
    ) -> Self {
        self.builder.tags_of = Some(Arc::new(tags));
        self
    }

    /// Which values are kept.
    #[must_use]
    pub fn cache_if(mut self, keeps: impl Fn(&H::Value) -> bool + Send + Sync + 'static) -> Self {
        self.builder.keeps = Some(Arc::new(keeps));
        self
    }

    /// Values travel as JSON.
    #[must_use]
    pub fn json(mut self) -> Self {
        self.builder.chosen.format = Some(Format::Json);
        self
    }

    /// Values travel as MessagePack.
    #[must_use]
    pub fn msgpack(mut self) -> Self {
        self.builder.chosen.format = Some(Format::MessagePack);
        self
    }
}

impl<H: Hold<Value = Option<T>>, T: 'static> Setup<H> {
    /// That there is nothing is remembered for so long.
    #[must_use]
    pub fn negative_ttl(mut self, negative: Duration) -> Self {
        self.builder.most = Some(absent_at_most(negative));
        self
    }
}

/// A part of a life as an option gives it.
///
/// # Panics
/// When it is not between 0 and 1; in the compiler, since it is evaluated there.
#[must_use]
pub const fn fraction(part: f64) -> f64 {
    assert!(
        part >= 0.0 && part <= 1.0,
        "`jitter` and `refresh_after` of a cached function are parts; expected a number from 0 to 1"
    );
    part
}

/// The factor of XFetch as an option gives it.
///
/// # Panics
/// When it is not positive; in the compiler, since it is evaluated there.
#[must_use]
pub const fn beta(beta: f64) -> f64 {
    assert!(
        beta > 0.0 && beta < f64::INFINITY,
        "`refresh_by_chance` of a cached function is not positive; expected a number greater than zero"
    );
    beta
}
