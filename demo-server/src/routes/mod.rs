//! What is answered: one file a feature.

pub(crate) mod cached_data;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod index;
pub(crate) mod limited;
pub(crate) mod report;
pub(crate) mod stats;
