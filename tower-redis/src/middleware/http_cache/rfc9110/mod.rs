//! The rules of RFC 9110 that a cache applies: entity tags (section 8.8.3), preferences (section 12.5), conditions
//! (section 13) and ranges (section 14), as pure functions.

pub(super) mod conditions;
pub(super) mod etag;
pub(super) mod negotiation;
pub(super) mod ranges;
