//! The lines that `docs/caching-features.md` has to have.

/// How many of them may be left out.
pub(super) const MOST_LEFT_OUT: usize = 8;

/// By heading. They are those of a report on sixteen caching libraries: the experiments it ran, the features
/// that some of these have, and what none of them has.
pub(super) const ROWS: &[(&str, &[&str])] = &[
    (
        "The seventeen experiments",
        &[
            "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
            "x14", "x15", "x16", "x17",
        ],
    ),
    (
        "API & macro",
        &[
            "function macro/decorator",
            "get-or-load closure",
            "sync and async",
            "methods with self",
            "cache is an injected instance, not a global static",
            "batch load (multi-key loader)",
            "conditional caching predicate",
            "Err/None not cached by default",
            "force refresh / bypass per call",
            "writer-side annotation (evict/put)",
            "uncached original callable",
            "hit/miss status visible to the caller",
        ],
    ),
    (
        "Keys",
        &[
            "automatic key from args",
            "custom key expression/template",
            "skip an argument",
            "collision-proof framing",
            "module path in the default key",
            "key length limit / hashing",
        ],
    ),
    (
        "Expiry & freshness",
        &[
            "TTL",
            "TTI / sliding",
            "TTL from the value (adaptive)",
            "separate L1/L2 TTL",
            "TTL jitter",
            "refresh before expiry (threshold)",
            "probabilistic (XFetch)",
            "conditional refresh (ETag/NotModified)",
        ],
    ),
    (
        "Stampede protection",
        &[
            "in-process single flight on by default",
            "safe when the leader is cancelled or panics",
            "waiters share the leader's error",
            "cross-process coalescing",
            "wait/lock timeout or concurrency cap",
        ],
    ),
    (
        "Staleness & failure",
        &[
            "stale-while-revalidate",
            "stale-if-error with a bound",
            "throttle after a failure",
            "loader soft/hard timeout, finish in background",
            "fail open when the remote store is down",
            "circuit breaker for the remote store",
            "negative caching with its own TTL",
            "auto-recovery / retry queue for writes and notices",
        ],
    ),
    (
        "Invalidation",
        &[
            "by key",
            "prefix / pattern",
            "tags",
            "declared at the writer",
            "cross-instance L1 invalidation",
            "RESP3 / CLIENT TRACKING L1",
            "clear one cache on a shared store",
            "invalidation beats an in-flight load",
        ],
    ),
    (
        "Stores & tiers",
        &[
            "size-bounded memory",
            "weight/bytes bound",
            "Redis / Valkey",
            "Redis Cluster",
            "L1+L2 composition",
            "disk",
            "custom store trait",
        ],
    ),
    (
        "Serialisation",
        &[
            "pluggable codec",
            "compression",
            "signing / encryption",
            "type-change safety on deploy",
            "undecodable entry = miss",
        ],
    ),
    (
        "Observability",
        &[
            "hit/miss statistics",
            "tracing / OTel",
            "Prometheus / metrics facade",
            "eviction listener / events / hooks",
            "metrics labelled per decorated function",
        ],
    ),
    (
        "Testing support",
        &[
            "disable / null cache",
            "fake clock",
            "fault injection / fake bus",
        ],
    ),
    (
        "Lifecycle",
        &[
            "prime / warm-up",
            "snapshot / persistence of L1",
            "runtime resize / TTL change",
        ],
    ),
    (
        "Type safety & compile-time errors",
        &[
            "typed values",
            "misuse rejected at compile time",
            "defensive copy of values",
        ],
    ),
    (
        "Multi-tenant / namespace",
        &[
            "named caches / namespaces",
            "ambient context (tenant) in key",
            "options layered global→cache→call",
        ],
    ),
    (
        "What none of them has",
        &[
            "macro + hybrid L1/L2 + single flight on by default + fail-open, one line",
            "cross-instance coalescing through Redis with notification instead of polling",
            "RESP3-tracked L1 holding *decoded* values, under a macro",
            "generation/lease token so that an invalidation always beats an in-flight load, in memory and in Redis",
            r#"`#[invalidates(get_user(id), tag = "team:{t}")]` at the writer, checked at compile time"#,
            "generated typed companions `get_user::invalidate(&id)`, `::refresh`, `::peek`, `::key(&id)`",
            "compile-time key checks: float arg, missing Hash, arg that looks like a handle, `format!` without separator, duplicate cache names in one crate",
            "schema fingerprint of the value type (field names and types) in the envelope/key, from the derive or the macro",
            "Redis Functions/Lua tags with bounded memory (tag = version counter checked on read)",
            "XFetch early refresh (δ·β·ln u)",
            "per-call-site metrics with the function path as a low-cardinality label, on by feature",
            r#"cost-aware advice: "this cache saves nothing" (hit rate, load time, bytes)"#,
            "deterministic tests: injected clock, fake Redis bus, per-test cache scope for statics",
            "stale-if-error with a hard bound and a visible flag in the return type",
            "tenant/context in key from a task-local",
            "same policy object for `#[cached]`, the library and the Tower layer",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_in_the_report() {
        let features = |wanted: &str| {
            let mut sections = ROWS.iter();
            let found = sections.find(|(section, _)| *section == wanted);
            found.map_or(0, |(_, features)| features.len())
        };
        let all: usize = ROWS.iter().map(|(_, features)| features.len()).sum();
        let (experiments, nobody) = (
            features("The seventeen experiments"),
            features("What none of them has"),
        );
        assert_eq!((experiments, nobody), (17, 16));
        assert_eq!(all - experiments - nobody, 76);
    }
}
