//! What a function makes wrong that has `#[invalidates]`.

use std::fmt;
use std::sync::Arc;

use crate::cache::caches::Caches;
use crate::cache::far::Wrong;
use crate::cache::removes::Removes;
use crate::cache::tagging::Tagging;
use crate::cache::tags::Severity;
use crate::key::KeyWriter;
use crate::store::Pattern;
use crate::toolkit::Toolkit;

use super::found::Found;
use super::returns::Plan;
use super::site::Cached;

/// The toolkit in which something is wrong.
#[derive(Debug)]
pub struct Within(Option<Toolkit>);

impl Within {
    /// That which each function uses where it is called.
    #[must_use]
    pub const fn current() -> Self {
        Self(None)
    }

    /// This one.
    #[must_use]
    pub fn of(toolkit: &Toolkit) -> Self {
        Self(Some(toolkit.clone()))
    }

    /// What carries the tag that `write` writes.
    pub fn tag(&self, write: impl FnOnce(&mut KeyWriter)) -> Stale {
        let mut tag = KeyWriter::exact(b"");
        write(&mut tag);
        let tag = String::from_utf8_lossy(tag.as_bytes()).into();
        let tagging = self.toolkit().tagging().clone();
        Stale(Kind::Tag(tagging, tag, Severity::Remove))
    }

    /// The keys that begin with what `write` writes.
    pub fn prefix(&self, write: impl FnOnce(&mut KeyWriter)) -> Stale {
        let mut prefix = KeyWriter::exact(b"");
        write(&mut prefix);
        self.matching(Pattern::prefix(prefix.as_bytes()))
    }

    /// The keys that are meant by the pattern that `write` writes.
    pub fn pattern(&self, write: impl FnOnce(&mut Glob)) -> Stale {
        let mut glob = Glob(Vec::new());
        write(&mut glob);
        self.matching(Pattern::glob(glob.0))
    }

    fn matching(&self, pattern: Pattern) -> Stale {
        let toolkit = self.toolkit();
        let (caches, tagging) = (Arc::clone(toolkit.caches()), toolkit.tagging().clone());
        Stale(Kind::Matching(caches, tagging, pattern))
    }

    fn toolkit(&self) -> Toolkit {
        self.0.clone().unwrap_or_else(Toolkit::current)
    }

    fn cache<P: Plan>(&self, cached: &Cached<P>) -> Arc<dyn Removes> {
        match &self.0 {
            Some(toolkit) => cached.engine_in(toolkit).removes(),
            None => cached.engine().removes(),
        }
    }
}

/// A pattern that is being written.
#[derive(Debug)]
pub struct Glob(Vec<u8>);

impl Glob {
    /// Appends a part as it stands.
    pub fn glob(&mut self, glob: &str) {
        self.0.extend_from_slice(glob.as_bytes());
    }

    /// Appends what `write` writes; it stands for itself.
    pub fn value(&mut self, write: impl FnOnce(&mut KeyWriter)) {
        let mut value = KeyWriter::exact(b"");
        write(&mut value);
        Pattern::quote(value.as_bytes(), &mut self.0);
    }
}

/// One thing that is wrong once the function has done its work.
pub struct Stale(Kind);

enum Kind {
    Key(Arc<dyn Removes>, KeyWriter, Severity),
    Whole(Arc<dyn Removes>),
    Tag(Tagging, Box<str>, Severity),
    Matching(Arc<Caches>, Tagging, Pattern),
}

impl Stale {
    /// It is kept as something stale, and not removed: a call, or what carries a tag.
    #[must_use]
    pub fn expiring(mut self) -> Self {
        match &mut self.0 {
            Kind::Key(.., severity) | Kind::Tag(.., severity) => *severity = Severity::Expire,
            Kind::Whole(_) | Kind::Matching(..) => {}
        }
        self
    }

    pub(super) fn wrong(&self) -> Wrong<'_> {
        match &self.0 {
            Kind::Key(cache, key, Severity::Remove) => Wrong::Key(&**cache, key.as_bytes()),
            Kind::Key(cache, key, Severity::Expire) => Wrong::Stale(&**cache, key.as_bytes()),
            Kind::Whole(cache) => Wrong::Whole(&**cache),
            Kind::Tag(tagging, tag, severity) => Wrong::Tag(tagging, tag, *severity),
            Kind::Matching(caches, tagging, pattern) => Wrong::Matching(caches, tagging, pattern),
        }
    }
}

impl fmt::Debug for Stale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stale")
    }
}

impl<P: Plan> Found<P> {
    /// The answer of this call.
    #[must_use]
    pub fn stale(self, within: &Within) -> Stale {
        let cache = within.cache(&self.cached);
        Stale(Kind::Key(cache, self.key, Severity::Remove))
    }
}

impl<P: Plan> Cached<P> {
    /// Every answer.
    #[must_use]
    pub fn stale(self, within: &Within) -> Stale {
        Stale(Kind::Whole(within.cache(&self)))
    }
}
