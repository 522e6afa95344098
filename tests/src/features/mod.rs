//! Holds the pages that say which test shows what against what the tests said.
//!
//! A page is Markdown: tables under headings. The first cell of a line is what is shown, the last one names tests, as in
//! `` `cached::flight::a_function_that_calls_itself_ends` ``, or says `left out: ` and why. What the tests said
//! is the output of `cargo test`, of one run or of several, one after the other.

mod caching;
mod check;
mod contents;
mod limits;
mod page;
mod said;

pub use check::check;
pub use contents::{Contents, PAGES};
pub use page::{Line, Page, Shown};
pub use said::{Outcome, Said};
