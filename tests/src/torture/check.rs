//! All rules.

use super::bounds::Bounds;
use super::history::History;
use super::violation::Violation;
use super::{hangs, loads, others, own, truth};

/// Every promise that `history` shows to be broken, or none.
#[must_use]
pub fn check(history: &History, bounds: &Bounds) -> Vec<Violation> {
    let mut violations = own::check(history);
    violations.extend(others::check(history, bounds));
    violations.extend(hangs::check(history, bounds));
    violations.extend(loads::check(history, bounds));
    violations.extend(truth::check(history, bounds));
    violations
}
