//! The rules of RFC 9110 that a cache applies: entity tags (section 8.8.3), conditions (section 13) and ranges
//! (section 14), as pure functions.

pub(super) mod conditions;
pub(super) mod etag;
pub(super) mod ranges;
