//! How a toolkit is set up.

#[cfg(any(test, feature = "testing"))]
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::{Process, Settings};
use crate::error::Error;

#[cfg(any(test, feature = "testing"))]
use crate::store::{FarProcess, FarTier};

use super::connections::Connections;
use super::handle::Toolkit;
#[cfg(feature = "redis")]
use super::redis;

/// Sets up a [`Toolkit`] from code. What is not said keeps the default a missing variable has.
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ToolkitBuilder {
    settings: Settings,
    clock: Clock,
    #[cfg(any(test, feature = "testing"))]
    far: Option<FarProcess>,
}

impl ToolkitBuilder {
    /// The settings, for instance read from a source of your own with `Settings::read`.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Whether anything is kept; `false` makes every cache a null cache, as `CACHE_ENABLED=false` does:
    /// loads run as if there were none, and invalidations still reach other processes. Call it after [`settings`](Self::settings).
    pub fn caching(mut self, enabled: bool) -> Self {
        self.settings.cache.enabled = enabled;
        self
    }

    /// Where the toolkit's caches and limits get the time from; `ManualClock` (feature `testing`) makes
    /// one that a test turns.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Shares caches through a Redis in memory, as one of its processes: for tests of what happens
    /// between processes, and when Redis is away. Give both the same clock.
    #[cfg(any(test, feature = "testing"))]
    pub fn far(mut self, process: &FarProcess) -> Self {
        self.far = Some(process.clone());
        self
    }

    /// The toolkit.
    ///
    /// It connects to nothing yet: what leads to Redis is connected when it is needed first, so a Redis
    /// that is away holds up no start.
    ///
    /// # Errors
    /// When the settings ask for what cannot be had: a form or compression of values whose feature is off.
    pub fn build(self) -> Result<Toolkit, Error> {
        self.settings.cache.packing().checked()?;
        let connections = self.connections()?;
        Ok(Toolkit::new(self.settings, self.clock, connections))
    }

    fn connections(&self) -> Result<Connections, Error> {
        #[cfg(any(test, feature = "testing"))]
        if let Some(process) = &self.far {
            let mut connections = Connections::none();
            let tier = FarTier {
                store: process.store(),
                watch: Arc::clone(process.watch()),
                names: process.names().clone(),
            };
            connections.share_caches(tier, &self.settings.cache);
            return Ok(connections);
        }
        #[cfg(feature = "redis")]
        return Ok(redis::connections(&self.settings, &self.clock));
        #[cfg(not(feature = "redis"))]
        Ok(Connections::none())
    }
}

impl Toolkit {
    /// A toolkit set up by the environment; with no variable set, one in memory. The
    /// [table of variables](crate::config) tells them all.
    ///
    /// # Errors
    /// When a variable has a value that cannot be used. The error names every mistake at once: the
    /// variable, what was found and what is expected.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().settings(Settings::read(&Process)?).build()
    }

    /// A toolkit set up from code.
    pub fn builder() -> ToolkitBuilder {
        ToolkitBuilder::default()
    }
}
