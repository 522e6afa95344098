//! How often everything happened: a history in which little happens shows little.

use std::collections::BTreeMap;

use crate::history::{History, Says, Step};
use crate::message::Fields;
use crate::reference::{Directives, Verdict};

pub(crate) type Counts = BTreeMap<String, u64>;

/// The least of everything in a whole run.
const LEAST: u64 = 1_000;

/// What has to happen.
const WANTED: &[&str] = &[];

pub(crate) fn count(history: &History, said: &[Verdict], counts: &mut Counts) {
    let mut add = |what: String| *counts.entry(what).or_default() += 1;
    for step in &history.steps {
        let Step::Ask(asked, script) = step else {
            continue;
        };
        add(format!("method {}", asked.method));
        named("request", &asked.fields, &mut add);
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
    for verdict in said {
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
    for wanted in WANTED {
        let times = counts.get(*wanted).copied().unwrap_or_default();
        assert!(
            times >= LEAST,
            "{wanted}: {times} times, and {LEAST} are wanted"
        );
    }
}
