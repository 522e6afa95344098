//! One law, one file.

pub(super) mod chain;
pub(super) mod contained;
pub(super) mod cycle;
pub(super) mod facade;
pub(super) mod length;
pub(super) mod strata;
