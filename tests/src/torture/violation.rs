//! What was promised and not kept.

use std::fmt;

use super::event::Event;

/// Which promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A process sees its own invalidations.
    Own,
    /// A process sees those of others, within the bounds.
    Others,
    /// A read ends.
    Hangs,
    /// Nothing is loaded without need.
    Loads,
    /// What is read was true, and is not over.
    Truth,
}

/// A promise that was not kept, with the events that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub rule: Rule,
    /// What was found and what was expected.
    pub what: String,
    /// The events, in the order in which they began.
    pub events: Vec<Event>,
}

impl Violation {
    pub(super) fn new<'a>(
        rule: Rule,
        what: String,
        events: impl IntoIterator<Item = &'a Event>,
    ) -> Self {
        let mut events: Vec<_> = events.into_iter().cloned().collect();
        events.sort_by_key(|event| event.span.begin);
        Self { rule, what, events }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)?;
        for event in &self.events {
            write!(f, "\n    {event}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, from {} to ", self.process, self.span.begin)?;
        match self.span.end {
            Some(end) => write!(f, "{end}")?,
            None => f.write_str("never")?,
        }
        write!(f, ": {:?}", self.what)
    }
}
