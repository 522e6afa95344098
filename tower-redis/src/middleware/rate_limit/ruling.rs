//! What was decided about a request.

use crate::limit::{Decision, Decisions};

/// By one policy, or by several together.
#[derive(Debug)]
pub(super) enum Ruling {
    One(Decision),
    Each(Box<Decisions>),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It lies in the future of each request.
    #[test]
    fn that_there_may_be_several_takes_no_room() {
        assert_eq!(size_of::<Option<Ruling>>(), size_of::<Option<Decision>>());
    }
}
