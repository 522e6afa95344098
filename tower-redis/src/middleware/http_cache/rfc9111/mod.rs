//! The rules of RFC 9111, one file per section, with what RFC 5861 and RFC 9213 add to them: pure functions
//! of (request, stored response, now).

pub(super) mod combining;
pub(super) mod directives;
pub(super) mod fields;
pub(super) mod freshness;
pub(super) mod invalidation;
pub(super) mod reuse;
pub(super) mod storing;
pub(super) mod targeted;
pub(super) mod validation;
pub(super) mod vary;
pub(super) mod verdict;
