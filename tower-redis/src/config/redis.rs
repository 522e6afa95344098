//! Where Redis is: nowhere, in a build that cannot talk to it.

use super::reader::Reader;

/// The variables that say where Redis is or who asks. Somebody who sets one expects it to be used, so
/// to start without it would be to lose data in silence.
pub(super) const WHERE: [&str; 7] = [
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_USERNAME",
    "REDIS_PASSWORD",
    "CACHE_REDIS_URL",
];

pub(super) fn refuse(from: &mut Reader<'_>) {
    for variable in WHERE {
        if from.is_set(variable) {
            from.complain(
                variable,
                "is set, but this version of tower-redis keeps everything in memory and cannot use \
                 Redis; unset it",
            );
        }
    }
}
