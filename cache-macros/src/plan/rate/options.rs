//! The options of `#[rate_limited]`: one line in a table each.

use syn::{Expr, Ident, LitStr, Path};

use crate::plan::forms;
use crate::plan::lasting::Lasting;
use crate::plan::table::{Read, Table};
use crate::problems::Problems;
use crate::syntax::Opt;

use super::ban::{Ban, ban};

/// What was said, not yet looked at together with the function.
#[derive(Default)]
pub(super) struct Choices {
    pub(super) limit: Option<Expr>,
    pub(super) per: Option<Lasting>,
    pub(super) burst: Option<Expr>,
    /// As it is called here, and there.
    pub(super) algorithm: Option<(LitStr, &'static str)>,
    pub(super) key: Option<Expr>,
    pub(super) skip: Vec<Ident>,
    pub(super) cost: Option<Expr>,
    pub(super) on_limited: Option<Expr>,
    pub(super) on_unavailable: Option<(LitStr, &'static str)>,
    pub(super) shadow: bool,
    pub(super) name: Option<LitStr>,
    pub(super) leases: Option<Expr>,
    pub(super) max_keys: Option<Expr>,
    pub(super) ban: Option<Ban>,
    pub(super) toolkit: Option<Expr>,
    pub(super) limiter: Option<Expr>,
    pub(super) library: Option<Path>,
    /// The options that are there, whatever they say.
    pub(super) said: Vec<Ident>,
}

/// The algorithms, and what the library calls them.
const ALGORITHMS: &[(&str, &str)] = &[
    ("gcra", "Gcra"),
    ("token_bucket", "TokenBucket"),
    ("fixed_window", "FixedWindow"),
    ("sliding_counter", "SlidingCounter"),
    ("strict_window", "StrictWindow"),
    ("concurrency", "Concurrency"),
];

/// Who decides without Redis.
const ON_UNAVAILABLE: &[(&str, &str)] = &[
    ("local", "Local"),
    ("share", "Share"),
    ("open", "Open"),
    ("closed", "Closed"),
];

/// Every option and what it does.
const OPTIONS: &[(&str, Read<Choices>)] = &[
    ("limit", |choices, option, problems| {
        choices.limit = forms::amount(option, "limit = 100", "1 call", problems);
    }),
    ("per", |choices, option, problems| {
        choices.per = forms::time(option, "per = \"1m\"", problems);
    }),
    ("burst", |choices, option, problems| {
        choices.burst = forms::amount(option, "burst = 10", "1 call", problems);
    }),
    ("algorithm", |choices, option, problems| {
        let example = "algorithm = \"gcra\"";
        choices.algorithm = forms::choice(option, example, ALGORITHMS, problems);
    }),
    ("key", |choices, option, problems| {
        choices.key = forms::expression(option, "key = \"login:{user}\"", problems);
    }),
    ("skip", |choices, option, problems| {
        choices.skip = forms::names(&option, "skip(self)", problems);
    }),
    ("cost", |choices, option, problems| {
        choices.cost = forms::amount(option, "cost = 5", "1 permit", problems);
    }),
    ("on_limited", |choices, option, problems| {
        choices.on_limited = forms::function(
            option,
            ("on_limited = |refused| None", "the refusal"),
            problems,
        );
    }),
    ("on_unavailable", |choices, option, problems| {
        let example = "on_unavailable = \"closed\"";
        choices.on_unavailable = forms::choice(option, example, ON_UNAVAILABLE, problems);
    }),
    ("shadow", |choices, option, problems| {
        choices.shadow = forms::word(&option, problems);
    }),
    ("name", |choices, option, problems| {
        choices.name = forms::text(option, "name = \"logins\"", problems);
    }),
    ("leases", |choices, option, problems| {
        choices.leases = forms::amount(option, "leases = 20", "1 permit", problems);
    }),
    ("max_keys", |choices, option, problems| {
        choices.max_keys = forms::amount(option, "max_keys = 10_000", "1 key", problems);
    }),
    ("ban", |choices, option, problems| {
        choices.ban = ban(&option, problems);
    }),
    ("toolkit", |choices, option, problems| {
        choices.toolkit = forms::expression(option, "toolkit = self.toolkit", problems);
    }),
    ("limiter", |choices, option, problems| {
        choices.limiter = forms::expression(option, "limiter = self.logins", problems);
    }),
    ("crate", |choices, option, problems| {
        choices.library = forms::path(option, "crate = my_kit::tower_redis", problems);
    }),
];

const TABLE: Table<Choices> = Table {
    options: OPTIONS,
    elsewhere: &[
        ("amount", "limit"),
        ("calls", "limit"),
        ("capacity", "burst"),
        ("duration", "per"),
        ("error", "on_limited"),
        ("every", "per"),
        ("fallback", "on_limited"),
        ("fail_open", "on_unavailable"),
        ("interval", "per"),
        ("krate", "crate"),
        ("max", "limit"),
        ("on_error", "on_limited"),
        ("period", "per"),
        ("permits", "cost"),
        ("quota", "limit"),
        ("rate", "limit"),
        ("requests", "limit"),
        ("strategy", "algorithm"),
        ("ttl", "per"),
        ("weight", "cost"),
        ("window", "per"),
    ],
    excluding: &[(
        "limiter",
        &[
            "limit",
            "per",
            "burst",
            "algorithm",
            "on_unavailable",
            "shadow",
            "name",
            "leases",
            "max_keys",
            "ban",
            "toolkit",
        ],
        "a limiter that is given was set up where it was made",
    )],
};

impl Choices {
    pub(super) fn new(options: Vec<Opt>, problems: &mut Problems) -> Self {
        let mut choices = Self {
            said: options.iter().map(|option| option.name.clone()).collect(),
            ..Self::default()
        };
        TABLE.read(options, &mut choices, problems);
        choices
    }

    /// Where the option `name` stands, whatever it says.
    pub(super) fn said(&self, name: &str) -> Option<&Ident> {
        self.said.iter().find(|said| *said == name)
    }
}
