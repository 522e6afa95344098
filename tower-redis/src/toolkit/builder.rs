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

    /// Where the toolkit's caches and limits get the time from; `ManualClock` (feature `testing`) makes
    /// one that a test turns.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The toolkit.
    ///
    /// # Errors
    /// When the settings ask for what this build does not have.
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
