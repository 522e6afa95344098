//! What a failed run says.

use std::fmt::Write as _;

use tests::torture::{History, Violation, What};

/// The most that is told: one mistake has many consequences.
const TOLD: usize = 2;
const EVENTS: usize = 60;

/// The first of `violations` with what happened meanwhile, and how many there are.
pub(crate) fn told(history: &History, violations: &[Violation]) -> String {
    let mut text = format!("{} promises were broken", violations.len());
    for violation in violations.iter().take(TOLD) {
        write!(text, "\n{violation}\n  meanwhile:").unwrap();
        let mut keys = violation
            .events
            .iter()
            .filter_map(|event| match event.what {
                What::Read { key, .. } | What::Load { key, .. } => Some(key),
                _ => None,
            });
        let key = keys.next().unwrap_or_default();
        for event in history.around(key, &violation.events).iter().take(EVENTS) {
            write!(text, "\n    {event}").unwrap();
        }
    }
    text
}
