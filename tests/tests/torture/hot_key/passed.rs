//! A call that passed, as one process tells another.

use std::fmt::{self, Display};
use std::str::FromStr;

use tower_redis::limit::OnUnavailable;

/// Who let a call pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Redis,
    Lease,
    /// Redis could not be asked, or did not answer.
    Policy(OnUnavailable),
}

/// All that there are, by the letters they are told as.
const LETTERS: [(&str, By); 5] = [
    ("r", By::Redis),
    ("l", By::Lease),
    ("local", By::Policy(OnUnavailable::Local)),
    ("open", By::Policy(OnUnavailable::Open)),
    ("closed", By::Policy(OnUnavailable::Closed)),
];

/// A call that passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// Which of the policies it was by.
    pub(super) policy: usize,
    /// In nanoseconds of the run.
    pub(super) began: u64,
    pub(super) ended: u64,
    pub(super) by: By,
}

impl Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            policy,
            began,
            ended,
            by,
        } = self;
        let (letter, _) = LETTERS.iter().find(|(_, known)| known == by).unwrap();
        write!(f, "{policy} {began} {ended} {letter}")
    }
}

impl FromStr for Passed {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let [policy, began, ended, letter] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("{line:?} tells of no call"));
        };
        let by = LETTERS.iter().find(|(known, _)| *known == letter);
        Ok(Self {
            policy: policy.parse().unwrap(),
            began: began.parse().unwrap(),
            ended: ended.parse().unwrap(),
            by: by.ok_or(letter)?.1,
        })
    }
}
