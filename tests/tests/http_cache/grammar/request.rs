//! Requests.

use tests::Random;

use super::response::TAGS;
use super::syntax::{cased, date, lines, no_date, one_of, seconds};
use crate::message::{Asked, Fields};
use crate::reference::imf;

/// Fields that a `Vary` may name.
pub(crate) const SELECTING: [&str; 3] = ["x-one", "x-two", "accept-language"];

/// A request for `url`, often for the same variant as before.
pub(crate) fn request(random: &mut Random, url: &str, before: &Fields, now: u64) -> Asked {
    let method = match random.below(40) {
        0 => "POST",
        1 => "PUT",
        2 => "DELETE",
        3 => *one_of(random, &["PURGED", "PATCH", "OPTIONS", "TRACE", "get"]),
        4..=7 => "HEAD",
        _ => "GET",
    };
    let mut fields = if random.once_in(4) {
        selecting(random)
    } else {
        before.clone()
    };
    if random.once_in(3) {
        for line in cache_control(random) {
            fields.push("cache-control", line);
        }
    }
    if random.once_in(40) {
        fields.push(
            "pragma",
            *one_of(random, &["no-cache", "No-Cache", "x", "x, no-cache"]),
        );
    }
    if random.once_in(12) {
        fields.push("authorization", "Bearer x");
    }
    conditions(random, &mut fields, now);
    if random.once_in(if method == "GET" { 4 } else { 16 }) {
        range(random, &mut fields, now);
    }
    if random.once_in(100) {
        fields.push("host", "other");
    }
    Asked {
        method: method.to_owned(),
        url: url.to_owned(),
        fields,
    }
}

fn selecting(random: &mut Random) -> Fields {
    let mut fields = Fields::default();
    if random.once_in(2) {
        fields.push("x-one", *one_of(random, &["1", "2", "1, 2", "1,2", ""]));
        if random.once_in(8) {
            fields.push("x-one", "2");
        }
    }
    if random.once_in(4) {
        fields.push("x-two", *one_of(random, &["1", "2"]));
    }
    if random.once_in(4) {
        fields.push(
            "accept-language",
            *one_of(random, &["de", "DE", "de, en", "de,en"]),
        );
    }
    fields
}

fn cache_control(random: &mut Random) -> Vec<String> {
    const NAMES: [&str; 14] = [
        "max-age",
        "max-age",
        "max-stale=",
        "max-stale=",
        "max-stale",
        "min-fresh",
        "no-cache",
        "no-cache",
        "no-store",
        "only-if-cached",
        "stale-if-error",
        "stale-if-error",
        "no-transform",
        "unknown",
    ];
    let mut elements = Vec::new();
    for _ in 0..1 + random.below(5) / 2 {
        let name = *one_of(random, &NAMES);
        let written = cased(random, name.trim_end_matches('='));
        elements.push(match name {
            "max-age" | "max-stale=" | "min-fresh" | "stale-if-error" => {
                format!("{written}={}", seconds(random))
            }
            "unknown" => {
                (*one_of(random, &["x", "x=\"no-cache, no-store\"", "x=1", "="])).to_owned()
            }
            _ => written,
        });
    }
    lines(random, &elements)
}

fn range(random: &mut Random, fields: &mut Fields, now: u64) {
    const USUAL: [&str; 6] = [
        "bytes=0-1",
        "bytes=2-3",
        "bytes=1-2",
        "bytes=2-",
        "bytes=0-2",
        "bytes=-2",
    ];
    const ODD: [&str; 12] = [
        "bytes=0-",
        "bytes=0-99",
        "bytes=3-1",
        "bytes=99-",
        "bytes=-0",
        "bytes=-99",
        "bytes=0-0, 2-2",
        "bytes=0-1,2-2",
        "bytes=, 1-1,",
        "BYTES=1-2",
        "lines=0-1",
        "bytes=x",
    ];
    let line = match random.below(5) {
        0 => *one_of(random, &ODD),
        _ => *one_of(random, &USUAL),
    };
    fields.push("range", line);
    if random.once_in(30) {
        fields.push("range", "bytes=0-1");
    }
    if random.once_in(4) {
        let said = match random.below(4) {
            0 => imf(now - *one_of(random, &[0, 50, 100, 500])),
            _ => (*one_of(random, &TAGS)).to_owned(),
        };
        fields.push("if-range", said);
    }
}

fn conditions(random: &mut Random, fields: &mut Fields, now: u64) {
    if random.once_in(7) {
        let mut tags = vec![(*one_of(random, &TAGS)).to_owned()];
        if random.once_in(3) {
            tags.push((*one_of(random, &TAGS)).to_owned());
        }
        let lines = match random.below(8) {
            0 => vec!["*".to_owned()],
            _ => lines(random, &tags),
        };
        for line in lines {
            fields.push("if-none-match", line);
        }
    }
    if random.once_in(10) {
        let at = now - *one_of(random, &[0, 1, 100, 200, 1000]);
        let since = match random.below(8) {
            0 => no_date(random, at),
            _ => date(random, at),
        };
        fields.push("if-modified-since", since);
        if random.once_in(20) {
            fields.push("if-modified-since", date(random, at));
        }
    }
    if random.once_in(60) {
        let name = *one_of(random, &["if-match", "if-unmodified-since", "if-range"]);
        fields.push(name, "\"1\"");
    }
}
