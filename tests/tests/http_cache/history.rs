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
    },
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
            let mut text = format!("#{n:02}{}", "x".repeat(*length));
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
            } => {
                write!(f, ": {status}{fields:?} {coming:?} {length}")?;
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
