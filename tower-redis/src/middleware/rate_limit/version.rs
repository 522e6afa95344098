//! The forms that the draft has had.

/// In which form clients are told of their limits, by the versions of
/// draft-ietf-httpapi-ratelimit-headers.
///
/// | | of a quota of 100 a minute, 40 of them left |
/// |---|---|
/// | `Draft8` | `RateLimit-Policy: "per-ip";q=100;w=60` and `RateLimit: "per-ip";r=40;t=12` |
/// | `Draft7` | `RateLimit-Policy: 100;w=60` and `RateLimit: limit=100, remaining=40, reset=12` |
/// | `Draft6` | `RateLimit-Policy: 100;w=60`, `RateLimit-Limit: 100`, `RateLimit-Remaining: 40` and `RateLimit-Reset: 12` |
/// | `None` | nothing |
///
/// All seconds are those until there is more, rounded up. The forms before version 8 have no names, so
/// they tell of one policy: an answer that has one from a limit further in keeps it, and only
/// `RateLimit-Policy` lists both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldVersion {
    /// From version 8 on, which is the newest form.
    #[default]
    Draft8,
    /// Version 7.
    Draft7,
    /// Versions 5 and 6.
    Draft6,
    /// No such fields.
    None,
}
