//! The rules of RFC 9111, one file per section: pure functions of (request, stored response, now).

pub(super) mod directives;
pub(super) mod fields;
pub(super) mod freshness;
pub(super) mod invalidation;
pub(super) mod reuse;
pub(super) mod storing;
pub(super) mod validation;
pub(super) mod vary;
pub(super) mod verdict;
