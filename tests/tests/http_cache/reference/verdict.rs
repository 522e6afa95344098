//! What a cache says of itself.

/// What `Cache-Status` says (RFC 9211).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) hit: bool,
    pub(crate) fwd: Option<String>,
    pub(crate) ttl: Option<i64>,
    pub(crate) fwd_status: Option<u16>,
    pub(crate) stored: bool,
    /// Each of these would be right.
    pub(crate) details: Vec<String>,
}

pub(super) fn forward(fwd: &str) -> Verdict {
    Verdict {
        fwd: Some(fwd.to_owned()),
        ..Verdict::default()
    }
}

pub(super) fn details(reasons: &[&str]) -> Vec<String> {
    reasons.iter().map(|reason| (*reason).to_owned()).collect()
}
