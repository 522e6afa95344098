//! What two processes may see of one source of truth, checked against what happened.
//!
//! A run writes down a [`History`]: what was written to the source, what was invalidated and when that
//! returned, what was loaded and read, and when a process was cut off. [`check`] knows nothing of
//! caches. It holds the history against what `docs/protocol.md` promises:
//!
//! 1. *own*: a read that began after an invalidation of the same process had returned sees what was written
//!    before that invalidation, whatever it answered; after a refresh it sees what that loaded, or newer;
//! 2. *others*: so does a read of another process that began later by more than the [`Bounds`];
//! 3. *hangs*: every read ends, and every refresh;
//! 4. *loads*: a process loads a key again only when something explains it;
//! 5. *truth*: what is read was true, and was brought within its lifetime.
//!
//! Each rule is a file, with histories beside it that it accepts and histories that it does not.

mod bounds;
mod check;
mod event;
mod hangs;
mod history;
mod instant;
mod loads;
mod others;
mod own;
mod reads;
#[cfg(test)]
mod samples;
mod truth;
mod violation;

pub use bounds::{Bounds, Outage};
pub use check::check;
pub use event::{Event, Key, Process, Reach, Status, Trouble, Version, What};
pub use history::History;
pub use instant::{Instant, Span};
pub use others::largest_lag;
pub use violation::{Rule, Violation};
