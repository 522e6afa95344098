//! What is told by a value, where there may be none: `negative_ttl` beside functions of the value.

use std::time::Duration;

use crate::cache::hold::Hold;

use super::absent::MaybeAbsent;
use super::setup::Setup;
use super::time::Time;

impl<H: Hold> Setup<H> {
    /// [`ttl_with`](Self::ttl_with); that there is nothing is kept for `negative_ttl`.
    #[must_use]
    pub fn ttl_with_present<T: Time>(
        self,
        ttl: impl Fn(&<H::Value as MaybeAbsent>::Present) -> T + Send + Sync + 'static,
    ) -> Self
    where
        H::Value: MaybeAbsent,
    {
        self.ttl_with(move |value| {
            let present = value.present();
            present.map_or(Duration::MAX, |value| ttl(value).time())
        })
    }

    /// [`tags_with`](Self::tags_with); that there is nothing has none of these.
    #[must_use]
    pub fn tags_with_present(
        self,
        tags: impl Fn(&<H::Value as MaybeAbsent>::Present) -> Vec<String> + Send + Sync + 'static,
    ) -> Self
    where
        H::Value: MaybeAbsent,
    {
        self.tags_with(move |value| value.present().map(&tags).unwrap_or_default())
    }

    /// [`cache_if`](Self::cache_if); that there is nothing is kept.
    #[must_use]
    pub fn cache_if_present(
        self,
        keeps: impl Fn(&<H::Value as MaybeAbsent>::Present) -> bool + Send + Sync + 'static,
    ) -> Self
    where
        H::Value: MaybeAbsent,
    {
        self.cache_if(move |value| value.present().is_none_or(&keeps))
    }

    /// [`capacity_bytes`](Self::capacity_bytes); that there is nothing weighs as much as its key and its upkeep.
    #[must_use]
    pub fn capacity_bytes_present(
        self,
        bytes: u64,
        weigh: impl Fn(&<H::Value as MaybeAbsent>::Present) -> usize + Send + Sync + 'static,
    ) -> Self
    where
        H::Value: MaybeAbsent,
    {
        self.capacity_bytes(bytes, move |value| value.present().map_or(0, &weigh))
    }
}
