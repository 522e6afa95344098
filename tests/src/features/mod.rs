//! Holds a page that says which test shows what against what the tests said.
//!
//! A page is Markdown: tables of three columns, under headings. The last cell of a line names tests, as in
//! `` `cached::flight::a_function_that_calls_itself_ends` ``, or says `left out: ` and why. What the tests said
//! is the output of `cargo test`, of one run or of several, one after the other.

mod check;
mod page;
mod rows;
mod said;

pub use check::check;
pub use page::{Line, Page, Shown};
pub use rows::{MOST_LEFT_OUT, ROWS};
pub use said::{Outcome, Said};
