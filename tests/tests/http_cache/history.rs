//! What happens to a cache: requests, what the origin would say to them, and the time between.

use std::fmt;

use crate::message::{Answer, Asked, Coming, Fields};

/// What a user of the layer has set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options {
    pub(crate) default_ttl: Option<u64>,
    pub(crate) status_ttl: Option<(u16, u64)>,
    /// In hundredths, and at most so many seconds.
    pub(crate) heuristic: Option<(u32, u64)>,
    pub(crate) targets: Option<Vec<String>>,
    pub(crate) ignored: Vec<&'static str>,
    pub(crate) max_body: Option<usize>,
}

/// What the origin says while one request is with the cache, however often it is asked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Script {
    /// Seconds until it answers.
    pub(crate) delay: u64,
    pub(crate) says: Says,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Says {
    /// It cannot be reached.
    Nothing,
    /// This; but `unchanged` in a 304 to a request with a condition, if there is such.
    This {
        status: u16,
        fields: Fields,
        /// Characters behind the name of the body.
        length: usize,
        coming: Coming,
        unchanged: Option<Fields>,
        /// How a range is answered, if it is not ignored.
        ranged: Option<Ranged>,
    },
}

/// What a 206 says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ranged {
    Rightly,
    /// Without the length of all.
    LengthUnknown,
    /// One byte more than there is.
    TooMuch,
    /// Nothing.
    Silently,
    /// In no unit that is known.
    InLines,
}

#[derive(Clone, PartialEq)]
pub(crate) enum Step {
    Wait(u64),
    Ask(Asked, Script),
}

#[derive(Clone, PartialEq)]
pub(crate) struct History {
    pub(crate) options: Options,
    pub(crate) steps: Vec<Step>,
}

/// The name of the body of the answer to the `n`th request.
const NAME: usize = 3;

/// The length of a body with so many characters behind its name.
pub(crate) fn length(behind: usize) -> usize {
    NAME + behind
}

impl Script {
    /// What is said to `request`, the `n`th that the origin gets.
    pub(crate) fn answer(&self, request: &Asked, n: usize) -> Option<Answer> {
        let Says::This {
            status,
            fields,
            length,
            coming,
            unchanged,
            ranged,
        } = &self.says
        else {
            return None;
        };
        let is_conditional =
            request.fields.has("if-none-match") || request.fields.has("if-modified-since");
        if let (Some(fields), true) = (unchanged, is_conditional) {
            return Some(Answer {
                status: 304,
                fields: fields.clone(),
                text: String::new(),
                coming: Coming::Whole,
            });
        }
        let (text, coming) = if request.method == "HEAD" || matches!(status, 204 | 304) {
            (String::new(), Coming::Whole)
        } else {
            let mut text = text(n, *length);
            if let Some(ranged) = ranged
                && *status == 200
                && let Some(answer) = part(request, fields, &text, (*ranged, *coming))
            {
                return Some(answer);
            }
            if *coming == Coming::Broken {
                text.truncate(text.len() / 2);
            }
            (text, *coming)
        };
        Some(Answer {
            status: *status,
            fields: fields.clone(),
            text,
            coming,
        })
    }
}

/// The body of the `n`th answer, with so many characters behind its name.
fn text(n: usize, behind: usize) -> String {
    let letters = ('a'..='z').cycle().take(behind);
    format!("#{n:02}") + &letters.collect::<String>()
}

/// What an origin answers that understands one range, and `If-Range`. `None` for all else.
fn part(
    request: &Asked,
    fields: &Fields,
    text: &str,
    (ranged, coming): (Ranged, Coming),
) -> Option<Answer> {
    let fields_of = |range: String| {
        let mut fields = fields.clone();
        fields.push("content-range", range);
        fields
    };
    let [range] = request.fields.lines("range")[..] else {
        return None;
    };
    if let Some(said) = request.fields.first("if-range") {
        let same = |name: &str| fields.first(name) == Some(said);
        if said.starts_with("W/") || !same("etag") && !same("last-modified") {
            return None;
        }
    }
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let all = text.len();
    let number = |text: &str| text.parse::<usize>().ok();
    let (first, end) = match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => (first, all.min(last.saturating_add(1))),
        (Some(first), None) if last.is_empty() => (first, all),
        (None, Some(length)) if first.is_empty() => (all - length.min(all), all),
        _ => return None,
    };
    if first >= end {
        return Some(Answer {
            status: 416,
            fields: fields_of(format!("bytes */{all}")),
            text: String::new(),
            coming: Coming::Whole,
        });
    }
    let last = end - 1;
    let mut fields = match ranged {
        Ranged::Rightly => fields_of(format!("bytes {first}-{last}/{all}")),
        Ranged::LengthUnknown => fields_of(format!("bytes {first}-{last}/*")),
        Ranged::TooMuch => fields_of(format!("bytes {first}-{end}/{}", all + 1)),
        Ranged::Silently => fields.clone(),
        Ranged::InLines => fields_of(format!("lines {first}-{last}/{all}")),
    };
    if fields.has("content-length") {
        fields.set("content-length", (end - first).to_string());
    }
    let mut text = text[first..end].to_owned();
    if coming == Coming::Broken {
        text.truncate(text.len() / 2);
    }
    Some(Answer {
        status: 206,
        fields,
        text,
        coming,
    })
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (asked, script) = match self {
            Self::Wait(seconds) => return write!(f, "wait {seconds} s"),
            Self::Ask(asked, script) => (asked, script),
        };
        write!(f, "{asked:?}\n    the origin")?;
        if script.delay > 0 {
            write!(f, ", after {} s", script.delay)?;
        }
        match &script.says {
            Says::Nothing => write!(f, ": nothing"),
            Says::This {
                status,
                fields,
                length,
                coming,
                unchanged,
                ranged,
            } => {
                write!(f, ": {status}{fields:?} {coming:?} {length}")?;
                if let Some(ranged) = ranged {
                    write!(f, " {ranged:?}")?;
                }
                match unchanged {
                    Some(fields) => write!(f, "\n    or 304{fields:?}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.options)?;
        for (at, step) in self.steps.iter().enumerate() {
            write!(f, "\n{at}. {step:?}")?;
        }
        Ok(())
    }
}
