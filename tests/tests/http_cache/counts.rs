//! How often everything happened: a history in which little happens shows little.

use std::collections::BTreeMap;

use crate::history::{History, Says, Step};
use crate::message::Fields;
use crate::reference::{Directives, Verdict};

pub(crate) type Counts = BTreeMap<String, u64>;

/// The least of everything in a whole run.
const LEAST: u64 = 1_000;

/// What has to happen: beginnings, and what follows.
const WANTED: [(&str, &[&str]); 10] = [
    (
        "method",
        &[
            "GET", "HEAD", "POST", "PUT", "DELETE", "PURGED", "PATCH", "OPTIONS", "TRACE", "get",
        ],
    ),
    (
        "request cache-control",
        &[
            "max-age",
            "max-stale",
            "min-fresh",
            "no-cache",
            "no-store",
            "no-transform",
            "only-if-cached",
            "stale-if-error",
            "x",
        ],
    ),
    (
        "response cache-control",
        &[
            "max-age",
            "s-maxage",
            "no-cache",
            "no-store",
            "private",
            "public",
            "must-revalidate",
            "proxy-revalidate",
            "must-understand",
            "no-transform",
            "immutable",
            "stale-while-revalidate",
            "stale-if-error",
            "x",
        ],
    ),
    (
        "response cdn-cache-control",
        &[
            "max-age",
            "s-maxage",
            "no-cache",
            "no-store",
            "private",
            "public",
            "must-revalidate",
            "stale-while-revalidate",
            "stale-if-error",
        ],
    ),
    (
        "304 cache-control",
        &[
            "max-age",
            "s-maxage",
            "no-cache",
            "no-store",
            "private",
            "public",
            "must-revalidate",
            "proxy-revalidate",
            "must-understand",
            "stale-while-revalidate",
            "stale-if-error",
        ],
    ),
    ("", &["hit", "stored", "refused"]),
    ("request", &["range", "if-range"]),
    ("answered", &["200", "206", "304", "416"]),
    (
        "fwd=",
        &[
            "uri-miss",
            "vary-miss",
            "partial",
            "stale",
            "request",
            "method",
            "bypass",
        ],
    ),
    (
        "detail",
        &[
            "authorization",
            "disconnected",
            "host",
            "incomplete",
            "max-stale",
            "method",
            "no-freshness",
            "no-store",
            "no-validator",
            "not-understood",
            "other-validator",
            "precondition",
            "private",
            "range",
            "request-no-store",
            "set-cookie",
            "stale-if-error",
            "stale-while-revalidate",
            "status",
            "too-large",
            "vary-star",
        ],
    ),
];

pub(crate) fn count(history: &History, said: &[(u16, Verdict)], counts: &mut Counts) {
    let mut add = |what: String| *counts.entry(what).or_default() += 1;
    for step in &history.steps {
        let Step::Ask(asked, script) = step else {
            continue;
        };
        add(format!("method {}", asked.method));
        named("request", &asked.fields, &mut add);
        for name in ["range", "if-range"] {
            if asked.fields.has(name) {
                add(format!("request {name}"));
            }
        }
        if let Says::This {
            fields, unchanged, ..
        } = &script.says
        {
            named("response", fields, &mut add);
            if let Some(fields) = unchanged {
                named("304", fields, &mut add);
            }
        }
    }
    for (status, verdict) in said {
        add(format!("answered {status}"));
        told(verdict, &mut add);
    }
}

fn named(side: &str, fields: &Fields, add: &mut impl FnMut(String)) {
    for field in ["cache-control", "cdn-cache-control", "own-cache-control"] {
        for (name, _) in Directives::read(&fields.lines(field)).all {
            add(format!("{side} {field} {name}"));
        }
    }
}

fn told(verdict: &Verdict, add: &mut impl FnMut(String)) {
    if verdict.hit {
        add("hit".to_owned());
    }
    if let Some(fwd) = &verdict.fwd {
        add(format!("fwd={fwd}"));
    }
    if verdict.stored {
        add("stored".to_owned());
    }
    if *verdict == Verdict::default() {
        add("refused".to_owned());
    }
    for detail in &verdict.details {
        add(format!("detail {detail}"));
    }
}

/// Prints how often everything happened.
///
/// # Panics
/// When something happened too seldom in a `whole` run.
pub(crate) fn print(counts: &Counts, whole: bool) {
    for (what, times) in counts {
        println!("{times:>8} {what}");
    }
    if !whole {
        return;
    }
    for (beginning, endings) in WANTED {
        for ending in endings {
            let wanted = match beginning {
                "" => (*ending).to_owned(),
                "fwd=" => format!("fwd={ending}"),
                beginning => format!("{beginning} {ending}"),
            };
            let times = counts.get(&wanted).copied().unwrap_or_default();
            assert!(
                times >= LEAST,
                "{wanted}: {times} times, and {LEAST} are wanted"
            );
        }
    }
}
