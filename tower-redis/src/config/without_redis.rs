//! In a build that cannot use Redis.

use super::names::WHERE;
use super::reader::Reader;

/// Whoever says where Redis is has to be told that it will not be used.
pub(super) fn refuse(from: &mut Reader<'_>) {
    for variable in WHERE {
        if from.is_set(variable) {
            from.complain(
                variable,
                "is set, but this build of tower-redis keeps everything in memory, since its feature \
                 `redis` is off; turn the feature on, or unset the variable",
            );
        }
    }
}
