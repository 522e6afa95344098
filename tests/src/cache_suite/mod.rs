//! Judges a run of the public suite `http-cache-tests` by a list of what is known to fail, and why.
//!
//! A question is *required* (RFCs demand it), *optimal* (a good cache does it) or a *check* (neither good nor
//! bad). One that rests on another counts as failed when that one does, as on the pages of the suite. Whatever
//! fails and is not listed is wrong, and so is what is listed and passes: the list says what is, exactly.

mod judge;
mod list;
mod question;
mod verdict;

pub use judge::{Judgement, judge};
pub use list::{Group, LeftOut, List, Most};
pub use question::{Kind, Question};
pub use verdict::{Verdict, Verdicts};
