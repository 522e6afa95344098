//! What each page has to tell.

use super::{caching, limits};

/// The lines that a page has to have.
#[derive(Debug, Clone, Copy)]
pub struct Contents {
    /// Where it is, from the root of the repository.
    pub path: &'static str,
    /// By heading.
    pub rows: &'static [(&'static str, &'static [&'static str])],
    /// How many of them may be left out.
    pub most_left_out: usize,
}

/// All pages.
pub const PAGES: [Contents; 2] = [
    Contents {
        path: "docs/caching-features.md",
        rows: caching::ROWS,
        most_left_out: caching::MOST_LEFT_OUT,
    },
    Contents {
        path: "docs/limits.md",
        rows: limits::ROWS,
        most_left_out: limits::MOST_LEFT_OUT,
    },
];
