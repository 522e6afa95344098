//! Options of `#[cached]` that cannot stand beside each other.

use syn::Ident;

use crate::problems::Problems;

/// What cannot stand beside what, and why.
const EXCLUDING: [(&str, &[&str], &str); 4] = [
    (
        "cache",
        &[
            "toolkit",
            "name",
            "capacity",
            "capacity_bytes",
            "near_only",
            "near_ttl",
            "time_to_idle",
            "stale_while_revalidate",
            "stale_if_error",
            "keep_for_revalidation",
            "soft_timeout",
            "throttle",
            "negative_ttl",
            "jitter",
            "refresh_after",
            "refresh_by_chance",
            "fleet_flight",
            "cache_if",
            "codec",
            "compression",
            "compress_from",
        ],
        "a cache that is given was set up where it was made",
    ),
    (
        "near_only",
        &[
            "near_ttl",
            "fleet_flight",
            "codec",
            "compression",
            "compress_from",
        ],
        "nothing of it travels to Redis",
    ),
    (
        "capacity",
        &["capacity_bytes"],
        "a cache is bounded by its entries, or by their bytes",
    ),
    (
        "refresh_after",
        &["refresh_by_chance"],
        "a value is loaded anew after a part of its life, or by chance",
    ),
];

/// Tells of those in `given`.
pub(super) fn excluding(given: &[Ident], problems: &mut Problems) {
    for (one, others, why) in EXCLUDING {
        if !given.iter().any(|name| name == one) {
            continue;
        }
        for other in given
            .iter()
            .filter(|name| others.iter().any(|other| *name == other))
        {
            problems.at(
                other.span(),
                format!("`{other}` and `{one}` exclude each other: {why}; remove one of the two"),
            );
        }
    }
}
