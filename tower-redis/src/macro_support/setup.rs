//! How the cache of a function is set up: what its attribute says, one method an option.

use std::fmt;

use crate::cache::assembly::EngineBuilder;
use crate::cache::engine::Engine;
use crate::cache::far::{Naming, Serial};
use crate::cache::hold::Hold;
use crate::cache::near::Bound;
use crate::cache::terms::Ttl;
use crate::codec::{CacheValue, Compression};
use crate::toolkit::Toolkit;

use super::called::{Code, Place};

/// The settings of a function's cache.
pub struct Setup<H: Hold> {
    pub(super) builder: EngineBuilder<H>,
    exact: bool,
    place: Option<Place>,
    /// How all values are compressed, and from how many bytes on.
    usual: (Compression, usize),
}

impl<H: Hold> Setup<H> {
    pub(super) fn new(toolkit: &Toolkit) -> Self {
        // settings made in code may hold no default at all; then nothing is kept long enough to be found
        const LEAST: std::time::Duration = std::time::Duration::from_nanos(1);
        let surroundings = toolkit.surroundings();
        let mut builder = EngineBuilder::new("", &surroundings);
        builder.ttl = Ttl::Fixed(surroundings.default_ttl.max(LEAST));
        let packing = surroundings.packing;
        Self {
            builder,
            exact: false,
            place: None,
            usual: (packing.compression, packing.compress_from),
        }
    }

    /// Called `name` in stats and metrics.
    #[must_use]
    pub fn name(mut self, name: &str) -> Self {
        self.builder.name = name.into();
        self
    }

    /// Called after `function` and where it stands, unless it has a name; `own` parts of the path of its code are not
    /// of that. `program` is what Cargo says of it.
    #[must_use]
    pub fn function(
        self,
        function: &'static str,
        own: usize,
        program: Option<&'static str>,
    ) -> Self {
        self.at(Place {
            function,
            own,
            is_method: false,
            program,
        })
    }

    /// The same of a method, which has a cache for each type.
    #[must_use]
    pub fn method(self, function: &'static str, own: usize, program: Option<&'static str>) -> Self {
        self.at(Place {
            function,
            own,
            is_method: true,
            program,
        })
    }

    fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// Holds at most `entries` in this process; zero was refused by [`capacity`](super::checks::capacity).
    #[must_use]
    pub fn capacity(mut self, entries: u64) -> Self {
        self.builder.bound = Bound::Entries(entries);
        self
    }

    /// Its keys lie in Redis as they are written; all of them match `pattern`.
    #[must_use]
    pub fn exact(mut self, pattern: &'static str) -> Self {
        self.builder.naming = Naming::exact_matching(pattern);
        self.exact = true;
        self
    }

    /// How values are compressed, and from how many bytes on.
    pub(super) fn compressed(&self) -> (Compression, usize) {
        self.builder.chosen.compression.unwrap_or(self.usual)
    }

    #[expect(
        clippy::expect_used,
        reason = "what could be wrong was refused by the compiler"
    )]
    pub(super) fn build(mut self, code: Code, toolkit: &Toolkit) -> Engine<H> {
        self.call(code);
        if self.builder.freshness.windows.longest().is_zero() {
            // settings made in code may say so; then nothing stale ever answers
            self.builder.loads.soft_timeout = None;
        }
        self.builder
            .build(toolkit.surroundings())
            .expect("the settings of a cached function are checked when it is compiled")
    }

    /// Settles what the cache is called, and where its keys lie.
    fn call(&mut self, code: Code) {
        let given = Some(&*self.builder.name).filter(|name| !name.is_empty());
        let Some(place) = self.place else {
            return;
        };
        let parts = match given {
            Some(name) if !place.is_method => vec![name.to_owned()],
            name => place.parts(code.path(), name.unwrap_or(place.function)),
        };
        if given.is_none() {
            self.builder.name = place.shown(code.path()).into();
        }
        if !self.exact {
            self.builder.naming = Naming::Function(parts);
        }
    }
}

/// `setup`, with values that travel to Redis where there is one.
#[must_use]
pub fn shared<H: Hold<Value: CacheValue>>(mut setup: Setup<H>) -> Setup<H> {
    setup.builder.serial = Some(Serial::by_serde());
    setup
}

impl<H: Hold> fmt::Debug for Setup<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Setup").finish_non_exhaustive()
    }
}
