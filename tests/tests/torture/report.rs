//! What a failed run says.

use std::fmt::Write as _;

use tests::torture::Violation;

/// The most that is told: one mistake has many consequences.
const TOLD: usize = 3;

/// The first of `violations`, and how many there are.
pub(crate) fn told(violations: &[Violation]) -> String {
    let mut text = format!("{} promises were broken", violations.len());
    for violation in violations.iter().take(TOLD) {
        write!(text, "\n{violation}").unwrap();
    }
    text
}
