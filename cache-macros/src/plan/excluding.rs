//! Options of `#[cached]` that cannot stand beside each other.

/// What cannot stand beside what, and why.
pub(super) const EXCLUDING: &[(&str, &[&str], &str)] = &[
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
