//! The options of `#[cached]`: one line in a table each.

use syn::{Expr, Ident, LitStr, Path};

use crate::problems::Problems;
use crate::syntax::{Opt, Template};

use super::companion::{Companion, companion};
use super::excluding::EXCLUDING;
use super::forms;
use super::knobs::{self, Knob};
use super::lasting::Lasting;
use super::table::{Read, Table};

/// Every option and what it does.
const OPTIONS: &[(&str, Read<Choices>)] = &[
    ("ttl", |choices, option, problems| {
        if knobs::is_function(&option) {
            let example = "ttl = |quote| quote.lives";
            choices.turn(knobs::function(option, "ttl_with", example, problems));
        } else {
            choices.ttl = forms::time(option, "ttl = 60", problems);
        }
    }),
    ("key", |choices, option, problems| {
        choices.key = forms::expression(option, "key = \"user:{id}\"", problems);
    }),
    ("skip", |choices, option, problems| {
        choices.skip = forms::names(&option, "skip(db)", problems);
    }),
    ("tags", |choices, option, problems| {
        if knobs::is_function(&option) {
            let example = "tags = |user| vec![user.org.clone()]";
            return choices.turn(knobs::function(option, "tags_with", example, problems));
        }
        choices.tags = forms::templates(&option, "tags(\"users\", \"org:{org}\")", problems);
    }),
    ("name", |choices, option, problems| {
        choices.setup.name = forms::text(option, "name = \"users\"", problems);
    }),
    ("capacity", |choices, option, problems| {
        let said = ("capacity = 10_000", "1 entry");
        choices.turn(knobs::amount(option, said, "capacity", problems));
    }),
    ("capacity_bytes", |choices, option, problems| {
        choices.turn(knobs::weighed(&option, problems));
    }),
    ("near_only", |choices, option, problems| {
        choices.setup.near_only = forms::word(&option, problems);
    }),
    ("near_ttl", |choices, option, problems| {
        choices.turn(knobs::time(option, "near_ttl = \"5s\"", problems));
    }),
    ("time_to_idle", |choices, option, problems| {
        choices.turn(knobs::time(option, "time_to_idle = \"10m\"", problems));
    }),
    ("stale_while_revalidate", |choices, option, problems| {
        choices.turn(knobs::time(
            option,
            "stale_while_revalidate = \"30s\"",
            problems,
        ));
    }),
    ("stale_if_error", |choices, option, problems| {
        choices.turn(knobs::time(option, "stale_if_error = \"1h\"", problems));
    }),
    ("keep_for_revalidation", |choices, option, problems| {
        let example = "keep_for_revalidation = \"1h\"";
        choices.turn(knobs::time(option, example, problems));
    }),
    ("previous", |choices, option, problems| {
        choices.previous = forms::name(option, "previous = old", problems);
    }),
    ("soft_timeout", |choices, option, problems| {
        choices.turn(knobs::time(option, "soft_timeout = \"200ms\"", problems));
    }),
    ("throttle", |choices, option, problems| {
        choices.turn(knobs::time(option, "throttle = \"1s\"", problems));
    }),
    ("negative_ttl", |choices, option, problems| {
        choices.turn(knobs::time(option, "negative_ttl = \"10s\"", problems));
    }),
    ("timeout", |choices, option, problems| {
        choices.timeout = forms::time(option, "timeout = \"2s\"", problems);
    }),
    ("jitter", |choices, option, problems| {
        choices.turn(knobs::number(
            option,
            "jitter = 0.1",
            PART,
            A_PART,
            problems,
        ));
    }),
    ("refresh_after", |choices, option, problems| {
        let example = "refresh_after = 0.75";
        choices.turn(knobs::number(option, example, PART, A_PART, problems));
    }),
    ("refresh_by_chance", |choices, option, problems| {
        let (example, expected) = ("refresh_by_chance = 1.0", "a number greater than zero");
        choices.turn(knobs::number(option, example, BETA, expected, problems));
    }),
    ("fleet_flight", |choices, option, problems| {
        choices.turn(knobs::word(&option, problems));
    }),
    ("cache_if", |choices, option, problems| {
        let example = "cache_if = |page| page.is_public";
        choices.turn(knobs::function(option, "cache_if", example, problems));
    }),
    ("codec", |choices, option, problems| {
        choices.turn(knobs::codec(option, problems));
    }),
    ("compression", |choices, option, problems| {
        choices.turn(knobs::compression(option, problems));
    }),
    ("compress_from", |choices, option, problems| {
        let said = ("compress_from = 4_096", "1 byte");
        choices.turn(knobs::amount(option, said, "size", problems));
    }),
    ("companion", |choices, option, problems| {
        choices.companion = companion(option, problems);
    }),
    ("cache", |choices, option, problems| {
        choices.cache = forms::expression(option, "cache = self.users", problems);
    }),
    ("toolkit", |choices, option, problems| {
        choices.toolkit = forms::expression(option, "toolkit = self.toolkit", problems);
    }),
    ("crate", |choices, option, problems| {
        choices.library = forms::path(option, "crate = my_kit::tower_redis", problems);
    }),
];

/// The check of a part in the compiler, and here.
const PART: (&str, fn(f64) -> bool) = ("fraction", |part| (0.0..=1.0).contains(&part));
const A_PART: &str = "a part, from 0 to 1";

/// The same of the factor of XFetch.
const BETA: (&str, fn(f64) -> bool) = ("beta", |beta| beta > 0.0 && beta.is_finite());

/// What other libraries call it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("early", "refresh_after"),
    ("grace", "stale_if_error"),
    ("hard_timeout", "timeout"),
    ("result_fallback", "stale_if_error"),
    ("conditional", "previous"),
    ("max_bytes", "capacity_bytes"),
    ("weigher", "capacity_bytes"),
    ("max_weight", "capacity_bytes"),
    ("swr", "stale_while_revalidate"),
    ("tti", "time_to_idle"),
    ("xfetch", "refresh_by_chance"),
    ("convert", "key"),
    ("expire", "ttl"),
    ("expires", "ttl"),
    ("ignore", "skip"),
    ("in_memory", "near_only"),
    ("krate", "crate"),
    ("local", "near_only"),
    ("max_size", "capacity"),
    ("near", "near_only"),
    ("prefix", "name"),
    ("size", "capacity"),
    ("time", "ttl"),
    ("time_to_live", "ttl"),
    ("ttl_secs", "ttl"),
];

/// How a cache of the function's own is set up.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) name: Option<LitStr>,
    /// Nothing of it travels to Redis.
    pub(crate) near_only: bool,
    /// What else its engine is told.
    pub(crate) knobs: Vec<Knob>,
}

impl Setup {
    /// Whether it was told to do this, and by which name.
    fn said(&self, name: &str) -> Option<&Ident> {
        let mut methods = self.knobs.iter().map(|knob| &knob.method);
        methods.find(|method| *method == name)
    }

    /// Whether it is kept that there is nothing, of which functions of the value are not asked.
    pub(crate) fn keeps_absence(&self) -> bool {
        self.said("negative_ttl").is_some()
    }

    /// `throttle`, where after an error nothing answers but that error.
    pub(crate) fn error_again(&self) -> Option<&Ident> {
        let instead = ["stale_if_error", "stale_while_revalidate"].map(|name| self.said(name));
        let nothing_else = instead.iter().all(Option::is_none);
        self.said("throttle").filter(|_| nothing_else)
    }
}

/// What was said, not yet looked at together with the function.
#[derive(Default)]
pub(super) struct Choices {
    pub(super) ttl: Option<Lasting>,
    pub(super) timeout: Option<Lasting>,
    pub(super) previous: Option<Ident>,
    pub(super) key: Option<Expr>,
    pub(super) skip: Vec<Ident>,
    pub(super) tags: Vec<Template>,
    pub(super) setup: Setup,
    pub(super) companion: Option<Companion>,
    pub(super) cache: Option<Expr>,
    pub(super) toolkit: Option<Expr>,
    pub(super) library: Option<Path>,
}

impl Choices {
    fn turn(&mut self, knob: Option<Knob>) {
        self.setup.knobs.extend(knob);
    }

    pub(super) fn new(options: Vec<Opt>, problems: &mut Problems) -> Self {
        const TABLE: Table<Choices> = Table {
            options: OPTIONS,
            elsewhere: ELSEWHERE,
            excluding: EXCLUDING,
        };
        let mut choices = Self::default();
        TABLE.read(options, &mut choices, problems);
        choices
    }
}
