//! What was decided about a request.

use crate::limit::{Decision, Decisions};

/// By one policy, or by several together.
#[derive(Debug)]
pub(super) enum Ruling {
    One(Decision),
    Each(Box<Decisions>),
}
