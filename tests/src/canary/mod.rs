//! What belongs to a user or an operator has one word in it that nothing may say.
//!
//! The servers of all tests have a user and a password with it, and so have some of the values and keys.
//! Whoever starts a server listens from then on to all that its process logs, at every level, and to its
//! panics; what other processes print is read when they end. A test that says the word ends at once.

mod ears;
mod word;

pub use ears::{heard, keep, listen, with_sources};
pub use word::{NUMBER, WORD, assert_unheard, canary, percent_encoded};

pub(crate) use word::end_if_heard;
