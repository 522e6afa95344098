//! What every call was answered.

use std::collections::BTreeMap;
use std::time::Duration;

use tests::http::StatusCode;

use crate::outage::play::Phase;

/// One call and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// When it was made.
    pub(crate) phase: Phase,
    /// Which of the demos was asked.
    pub(crate) demo: usize,
    /// The path without its query.
    pub(crate) what: String,
    /// The address it came from.
    pub(crate) from: String,
    pub(crate) status: StatusCode,
    /// For a limit that let it pass: where it was counted.
    pub(crate) counted_in: Option<String>,
    pub(crate) took: Duration,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Record(Vec<Call>);

impl Record {
    pub(crate) fn of(calls: Vec<Call>) -> Self {
        Self(calls)
    }

    pub(crate) fn calls(&self) -> &[Call] {
        &self.0
    }

    /// How long calls took, by phase.
    pub(crate) fn times(&self) -> BTreeMap<String, Vec<Duration>> {
        let mut times: BTreeMap<String, Vec<Duration>> = BTreeMap::new();
        for call in &self.0 {
            let phase = format!("{:02} {:?}", call.phase as usize, call.phase);
            times.entry(phase).or_default().push(call.took);
        }
        times
    }
}
