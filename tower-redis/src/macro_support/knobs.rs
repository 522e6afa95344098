//! What the engine of a function's cache is told, one method an option.

use std::sync::Arc;
use std::time::Duration;

use crate::cache::freshness::Early;
use crate::cache::hold::Hold;
use crate::cache::near::Bound;
use crate::cache::terms::{Ttl, Weigh};
use crate::codec::{Compression, Format};

use super::absent::MaybeAbsent;
use super::setup::Setup;
use super::time::Time;

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

    /// Lives are shorter by up to this part; checked by [`fraction`](super::checks::fraction).
    #[must_use]
    pub fn jitter(mut self, part: f64) -> Self {
        self.builder.freshness.jitter = part;
        self
    }

    /// Loaded anew after this part of its life; checked by [`fraction`](super::checks::fraction).
    #[must_use]
    pub fn refresh_after(mut self, part: f64) -> Self {
        self.builder.freshness.early = Early::After(part);
        self
    }

    /// Loaded anew by chance; checked by [`beta`](super::checks::beta).
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

    /// Stale, it is shown for so long to the load that replaces it.
    #[must_use]
    pub fn keep_for_revalidation(mut self, window: Duration) -> Self {
        self.builder.freshness.windows.to_revalidate = window;
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
    pub fn ttl_with<T: Time>(
        mut self,
        ttl: impl Fn(&H::Value) -> T + Send + Sync + 'static,
    ) -> Self {
        self.builder.ttl = Ttl::Of(Arc::new(move |value| ttl(value).time()));
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

    /// Holds at most `bytes` in this process, as `weigh` tells those of a value; zero was refused by [`bytes`](super::checks::bytes).
    #[must_use]
    pub fn capacity_bytes(
        mut self,
        bytes: u64,
        weigh: impl Fn(&H::Value) -> usize + Send + Sync + 'static,
    ) -> Self {
        self.builder.bound = Bound::Bytes(bytes);
        self.builder.weigh = Weigh::Bytes(Arc::new(weigh));
        self
    }

    /// How values travel.
    #[must_use]
    pub fn codec(mut self, format: Format) -> Self {
        self.builder.chosen.format = Some(format);
        self
    }

    /// How values are compressed; checked by [`compression`](super::checks::compression).
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        let (_, from) = self.compressed();
        self.builder.chosen.compression = Some((compression, from));
        self
    }

    /// From how many bytes on they are.
    #[must_use]
    pub fn compress_from(mut self, bytes: usize) -> Self {
        let (compression, _) = self.compressed();
        self.builder.chosen.compression = Some((compression, bytes));
        self
    }

    /// That there is nothing is remembered for so long.
    #[must_use]
    pub fn negative_ttl(mut self, negative: Duration) -> Self
    where
        H::Value: MaybeAbsent,
    {
        self.builder.most = Some(Arc::new(move |value| match value.present() {
            None => negative,
            Some(_) => Duration::MAX,
        }));
        self
    }
}
