//! What origins answer.

use tests::Random;

use super::URLS;
use super::control::head;
use super::syntax::{date, no_date, one_of};
use crate::history::{Options, Ranged, Says, Script, length};
use crate::message::{Asked, Coming, Fields};

pub(crate) const TAGS: [&str; 6] = ["\"1\"", "\"2\"", "W/\"1\"", "W/\"2\"", "\"a,b\"", "\"a b\""];

/// What an origin has at a URL.
#[derive(Debug)]
pub(crate) struct Representation {
    tag: Option<&'static str>,
    /// Seconds before now.
    changed: Option<u64>,
    vary: Option<&'static str>,
    /// Characters behind the name.
    length: usize,
    /// What it mostly says in `Cache-Control`; it fails more often then.
    usual: Option<&'static str>,
}

impl Representation {
    pub(crate) fn new(random: &mut Random) -> Self {
        let mut new = Self {
            tag: None,
            changed: None,
            vary: None,
            length: 0,
            usual: None,
        };
        if random.once_in(3) {
            const USUAL: [&str; 4] = [
                "max-age=5, stale-if-error=60",
                "max-age=1, stale-if-error=3600",
                "max-age=1, stale-while-revalidate=60",
                "max-age=10",
            ];
            new.usual = Some(*one_of(random, &USUAL));
        }
        new.change(random);
        new
    }

    pub(crate) fn change(&mut self, random: &mut Random) {
        self.length = random.index(4);
        self.tag = (!random.once_in(3)).then(|| *one_of(random, &TAGS));
        self.changed = random.once_in(3).then(|| *one_of(random, &[50, 100, 500]));
        if random.once_in(3) {
            const VARY: [&str; 8] = [
                "x-one",
                "x-one",
                "X-One",
                "x-one, x-two",
                "x-two",
                "accept-language",
                "x-one, *",
                "*",
            ];
            self.vary = (!random.once_in(3)).then(|| *one_of(random, &VARY));
        }
    }

    fn head(&self, random: &mut Random, now: u64) -> Fields {
        match self.usual {
            Some(usual) if !random.once_in(4) => {
                Fields(vec![("cache-control".to_owned(), usual.to_owned())])
            }
            _ => head(random, now),
        }
    }

    fn validators(&self, random: &mut Random, fields: &mut Fields, now: u64) {
        if let Some(tag) = self.tag {
            fields.push("etag", tag);
        }
        if let Some(changed) = self.changed {
            // the histories of all begin later
            let at = crate::run::START - changed;
            let text = match random.below(40) {
                0 => no_date(random, at),
                1 => date(random, now + 100),
                2 => date(random, at),
                _ => crate::reference::imf(at),
            };
            fields.push("last-modified", text);
        }
    }
}

const STATUSES: [u16; 24] = [
    203, 204, 299, 300, 301, 302, 303, 304, 307, 308, 400, 403, 404, 405, 410, 414, 428, 429, 431,
    499, 500, 501, 511, 599,
];

pub(crate) fn script(
    random: &mut Random,
    state: &Representation,
    request: &Asked,
    options: &Options,
    now: u64,
) -> Script {
    let delay = match random.below(12) {
        0 => *one_of(random, &[1, 3, 10]),
        _ => 0,
    };
    if random.once_in(14) {
        return Script {
            delay,
            says: Says::Nothing,
        };
    }
    let failing = if state.usual.is_some() { 5 } else { 1 };
    let mut status = match random.below(20) {
        at if at <= failing => *one_of(random, &[500, 502, 503, 504]),
        6 | 7 => *one_of(random, &STATUSES),
        _ => 200,
    };
    let mut fields = state.head(random, now);
    if random.once_in(50) {
        status = *one_of(random, &[299, 499, 599]);
        fields.push("cache-control", "must-understand");
    }
    state.validators(random, &mut fields, now);
    if let Some(vary) = state.vary {
        for line in vary
            .split_inclusive(", ")
            .map(|name| name.trim_end_matches(", "))
        {
            fields.push("vary", line);
        }
    }
    others(random, &mut fields);
    if !matches!(request.method.as_str(), "GET" | "HEAD") && random.once_in(2) {
        let name = *one_of(random, &["location", "content-location"]);
        let path = URLS[random.index(2)];
        let value = match random.below(3) {
            0 => path.to_owned(),
            1 => path.replace("http://host", ""),
            _ => path.replace("host", "elsewhere"),
        };
        fields.push(name, value);
    }
    let behind = if options.max_body.is_some() && random.once_in(2) {
        30
    } else if random.once_in(6) {
        random.index(4)
    } else {
        state.length
    };
    let coming = match random.below(12) {
        0 => Coming::Broken,
        1 | 2 => Coming::Streamed,
        _ => Coming::Whole,
    };
    if random.once_in(4) && status != 204 {
        let said = match random.below(8) {
            0 => length(behind) + 1,
            _ => length(behind),
        };
        fields.push("content-length", said.to_string());
    }
    let unchanged = (!random.once_in(4)).then(|| unchanged(random, state, now));
    let says = Says::This {
        status,
        fields,
        length: behind,
        coming,
        unchanged,
        ranged: ranged(random),
    };
    Script { delay, says }
}

fn ranged(random: &mut Random) -> Option<Ranged> {
    Some(match random.below(16) {
        0 | 1 => return None,
        2 => Ranged::TooMuch,
        3 => Ranged::Silently,
        4 => Ranged::InLines,
        5 | 6 => Ranged::LengthUnknown,
        _ => Ranged::Rightly,
    })
}

/// The fields of a 304.
fn unchanged(random: &mut Random, state: &Representation, now: u64) -> Fields {
    let mut fields = if random.once_in(2) {
        state.head(random, now)
    } else {
        Fields::default()
    };
    match random.below(6) {
        0 => {}
        1 => fields.push("etag", *one_of(random, &TAGS)),
        _ => state.validators(random, &mut fields, now),
    }
    if random.once_in(20) {
        fields.push("vary", *one_of(random, &["x-one", "x-two", "*"]));
    }
    if random.once_in(6) {
        fields.push("content-length", "0");
    }
    others(random, &mut fields);
    fields
}

/// Fields that a cache keeps, or does not.
fn others(random: &mut Random, fields: &mut Fields) {
    if random.once_in(6) {
        fields.push("x-kept", *one_of(random, &["1", "2"]));
    }
    if random.once_in(10) {
        fields.push("x-kept", "3");
    }
    if random.once_in(5) {
        fields.push("set-cookie", "a=1");
    }
    if random.once_in(6) {
        fields.push("content-type", "text/plain");
    }
    if random.once_in(8) {
        fields.push("content-encoding", *one_of(random, &["br", "gzip"]));
    }
    if random.once_in(12) {
        let name = *one_of(random, &["content-md5", "content-digest"]);
        fields.push(name, *one_of(random, &["1", "2"]));
    }
    if random.once_in(16) {
        fields.push(
            "connection",
            *one_of(random, &["close", "x-kept", "X-Hop, close"]),
        );
        fields.push("x-hop", "1");
        fields.push("keep-alive", "timeout=5");
    }
    if random.once_in(30) {
        fields.push("cache-status", "nearer; hit");
    }
}
