//! How a toolkit is set up.

use crate::clock::Clock;
use crate::config::{Process, Settings};
use crate::error::Error;

use super::handle::Toolkit;

/// Sets up a [`Toolkit`] from code. What is not said keeps the default a missing variable has.
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ToolkitBuilder {
    settings: Settings,
    clock: Clock,
}

impl ToolkitBuilder {
    /// The settings, for instance read from a source of your own with `Settings::read`.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Whether anything is kept; `false` makes every cache a null cache, as `CACHE_ENABLED=false` does:
    /// loads run as if there were none. Call it after [`settings`](Self::settings).
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

    /// The toolkit.
    ///
    /// # Errors
    /// None yet. Settings that ask for what a build does not have will be refused here.
    pub fn build(self) -> Result<Toolkit, Error> {
        Ok(Toolkit::new(self.settings, self.clock))
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
