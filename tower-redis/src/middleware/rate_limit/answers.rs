//! Which fields answers carry, as the user of a layer chose.

use std::time::Duration;

use super::version::FieldVersion;

#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    pub(super) version: FieldVersion,
    pub(super) x_fields: bool,
    pub(super) shadow_field: bool,
    pub(super) retry_jitter: Duration,
}
