//! Which module stands where.

/// How many lines a file may have above its tests.
const LONGEST: usize = 300;

/// The laws that hold for one crate.
#[derive(Debug)]
pub struct House {
    /// From the bottom up. Empty: the crate has no strata.
    pub(super) strata: &'static [Stratum],
    /// Modules whose folders do not know each other.
    pub(super) apart: &'static [&'static str],
    pub(super) contained: &'static [Contained],
    pub(super) longest: usize,
}

#[derive(Debug)]
pub(super) struct Stratum {
    pub(super) name: &'static str,
    pub(super) modules: &'static [&'static str],
    pub(super) peers: Peers,
}

/// How modules on one stratum stand to each other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Peers {
    /// They do not know each other.
    Strangers,
    /// A module may import those that are named before it.
    InOrder,
}

/// Crates that only some files may name.
#[derive(Debug)]
pub(super) struct Contained {
    /// A crate is meant when it has this name, or when it starts with one that ends in `*`.
    pub(super) crates: &'static [&'static str],
    /// Folders below the root of the sources.
    pub(super) folders: &'static [&'static str],
    /// Names of files; one that ends in `*` stands for all that start so.
    pub(super) files: &'static [&'static str],
    /// The above in words: "only {where} may".
    pub(super) place: &'static str,
}

/// The library.
pub const TOWER_REDIS: House = House {
    strata: &[
        Stratum {
            name: "leaf tools",
            modules: &[
                "error",
                "clock",
                "rng",
                "sync",
                "bounded",
                "key",
                "scope",
                "timers",
                "tasks",
                "registry",
                "codec",
                "telemetry",
            ],
            peers: Peers::InOrder,
        },
        Stratum {
            name: "settings",
            modules: &["config"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the wire",
            modules: &["wire"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "messages",
            modules: &["pubsub"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the far tier",
            modules: &["store"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "engines",
            modules: &["cache", "limit", "presence", "session", "health"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the HTTP edge",
            modules: &["middleware"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the front",
            modules: &[
                "toolkit",
                "macro_support",
                "testing",
                "bench",
                "fuzz",
                "readme",
            ],
            peers: Peers::InOrder,
        },
    ],
    apart: &["middleware"],
    contained: &[
        Contained {
            crates: &["redis"],
            folders: &["wire"],
            files: &["redis.rs"],
            place: "`wire/` and files named `redis.rs`",
        },
        Contained {
            crates: &["tower", "tower_*", "http", "http_*", "httpdate"],
            folders: &["middleware"],
            files: &[],
            place: "`middleware/`",
        },
        Contained {
            crates: &["axum", "axum_*"],
            folders: &[],
            files: &["axum*"],
            place: "files named `axum*.rs`",
        },
    ],
    longest: LONGEST,
};

/// The macros: from text to what was written, to what is meant, to code.
pub const CACHE_MACROS: House = House {
    strata: &[
        Stratum {
            name: "leaf tools",
            modules: &["problems", "paths"],
            peers: Peers::InOrder,
        },
        Stratum {
            name: "what was written",
            modules: &["syntax"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "what is meant",
            modules: &["plan"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the code",
            modules: &["expand"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the driver",
            modules: &["run", "expansions"],
            peers: Peers::InOrder,
        },
    ],
    apart: &[],
    contained: &[],
    longest: LONGEST,
};

/// The demo.
pub const DEMO_SERVER: House = House {
    strata: &[
        Stratum {
            name: "tools",
            modules: &[
                "problem",
                "input",
                "extract",
                "timestamp",
                "user",
                "recent",
                "dotenv",
                "log",
                "settings",
            ],
            peers: Peers::InOrder,
        },
        Stratum {
            name: "state",
            modules: &["state"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "features",
            modules: &["routes"],
            peers: Peers::Strangers,
        },
        Stratum {
            name: "the whole",
            modules: &["access", "app", "serve", "run", "main"],
            peers: Peers::InOrder,
        },
    ],
    apart: &[],
    contained: &[],
    longest: LONGEST,
};

/// What the end-to-end tests share.
pub const TESTS: House = House {
    strata: &[],
    apart: &[],
    contained: &[],
    longest: LONGEST,
};
