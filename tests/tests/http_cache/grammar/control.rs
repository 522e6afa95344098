//! Fields by which origins say how long an answer is fresh.

use tests::Random;

use super::syntax::{cased, date, lines, no_date, one_of, seconds};
use crate::message::Fields;

/// What says how long an answer is fresh.
pub(crate) fn head(random: &mut Random, now: u64) -> Fields {
    let mut fields = Fields::default();
    if !random.once_in(5) {
        for line in cache_control(random) {
            fields.push("cache-control", line);
        }
    }
    for name in ["cdn-cache-control", "own-cache-control"] {
        if random.once_in(9) {
            fields.push(name, targeted(random));
        }
    }
    if random.once_in(6) {
        let at = now + *one_of(random, &[0, 5, 10, 60]) - *one_of(random, &[0, 0, 20]);
        let expires = match random.below(4) {
            0 => no_date(random, at),
            _ => date(random, at),
        };
        fields.push("expires", expires);
        if random.once_in(12) {
            fields.push("expires", date(random, now + 30));
        }
    }
    match random.below(10) {
        0 => {
            let at = now + *one_of(random, &[0, 0, 5, 100]) - *one_of(random, &[0, 3, 10, 100]);
            fields.push("date", date(random, at));
        }
        1 => fields.push("date", date(random, now)),
        2 if random.once_in(4) => fields.push("date", no_date(random, now)),
        _ => {}
    }
    if random.once_in(10) {
        let age = *one_of(
            random,
            &[
                "0",
                "3",
                "5",
                "12",
                "3, 9",
                "3,9",
                "9,x",
                "x",
                "-1",
                "1.5",
                "",
                "99999999999999999999",
            ],
        );
        fields.push("age", age);
        if random.once_in(6) {
            fields.push("age", "2");
        }
    }
    fields
}

fn cache_control(random: &mut Random) -> Vec<String> {
    let mut elements = Vec::new();
    if !random.once_in(4) {
        let name = cased(random, "max-age");
        elements.push(format!("{name}={}", seconds(random)));
    }
    const NAMES: [&str; 19] = [
        "max-age",
        "s-maxage",
        "no-cache",
        "no-cache=",
        "no-store",
        "private",
        "private=",
        "public",
        "must-revalidate",
        "proxy-revalidate",
        "must-understand",
        "no-transform",
        "immutable",
        "stale-while-revalidate",
        "stale-while-revalidate",
        "stale-while-revalidate",
        "stale-if-error",
        "stale-if-error",
        "unknown",
    ];
    for _ in 0..*one_of(random, &[0, 1, 1, 2]) {
        let name = *one_of(random, &NAMES);
        let written = cased(random, name.trim_end_matches('='));
        elements.push(match name {
            "max-age" | "s-maxage" | "stale-while-revalidate" | "stale-if-error" => {
                format!("{written}={}", seconds(random))
            }
            "no-cache=" | "private=" => {
                format!(
                    "{written}={}",
                    one_of(random, &["\"x-kept\"", "\"x-a, x-b\"", "x-kept"])
                )
            }
            "unknown" => {
                const UNKNOWN: [&str; 14] = [
                    "private; max-age=10",
                    "max-age=10; no-store",
                    "x; No-Cache",
                    "x=\"private",
                    "x=private",
                    "max-age=10; public",
                    "public=1",
                    "must-revalidate=1",
                    "x",
                    "x=\"a, no-store\"",
                    "x=1",
                    "no-stores",
                    "x=\"\\\", private\"",
                    "=1",
                ];
                (*one_of(random, &UNKNOWN)).to_owned()
            }
            _ => written,
        });
    }
    lines(random, &elements)
}

/// A dictionary of RFC 8941, or nearly.
fn targeted(random: &mut Random) -> String {
    const ALL: [&str; 24] = [
        "max-age=10",
        "max-age=20",
        "max-age=60, stale-while-revalidate=10",
        "max-age=5, stale-if-error=60",
        "max-age=10, must-revalidate",
        "max-age=10;a=1, x=?0",
        "max-age=10, no-store=?0",
        "max-age=10, max-age=20",
        "s-maxage=5",
        "no-store",
        "no-cache",
        "private",
        "private=\"x-kept\"",
        "public",
        "max-age=\"10\"",
        "max-age=10.5",
        "max-age=-1",
        "max-age=ten",
        "Max-Age=10",
        "max-age=10,",
        "max-age=10 5",
        "max-age=",
        "max-age=10, &",
        "",
    ];
    (*one_of(random, &ALL)).to_owned()
}
