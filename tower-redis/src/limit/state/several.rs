//! Checks of several subjects in one call of a script.
//!
//! Each is decided about by itself, as if it had been asked alone: of what a call costs, here and in Redis, most is
//! not the decision. What keeps one of them from being decided, a value that is no state for instance, is told by
//! asking about that one alone.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::error::Error;
use crate::limit::algorithm::algorithms;
use crate::wire::{Lane, Op, Script};

use super::place::Far;
use super::redis::{One, read_each, unreadable};

macro_rules! script {
    ({} $($name:ident $lua:literal,)*) => {
        concat!(
            "local rules = {}\n",
            $(include_str!($lua),)*
            include_str!("decide.lua"),
            include_str!("../algorithm/gcra_alone.lua"),
            include_str!("check_several.lua"),
        )
    };
}

static SEVERAL: Script = Script::new(algorithms!(script));

/// Whether the same call passes, so many times, at a cost each.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) subject: Arc<[u8]>,
    pub(crate) times: u64,
    pub(crate) cost: u64,
}

/// Decides about each of `asked` for the policy at `far`; `None` for one that has to be asked about alone.
///
/// # Errors
///
/// As [`ask`](super::ask), for all of them.
pub(crate) fn ask_several(
    far: &Far,
    asked: &[&Asked],
) -> impl Future<Output = Result<Vec<Option<One>>, Error>> + Send + use<> {
    let (count, limit) = (asked.len(), far.terms.numbers[0]);
    let keys: Vec<_> = asked.iter().map(|one| far.key(&one.subject)).collect();
    let keys: SmallVec<[&[u8]; 16]> = keys.iter().map(Vec::as_slice).collect();
    let op = Op::script(&SEVERAL, &keys).arg(far.terms.rule);
    let op = op.arg(&far.terms.numbers);
    let op = asked
        .iter()
        .fold(op, |op, one| op.arg(one.times).arg(one.cost));
    let wire = far.wire().clone();
    async move {
        let reply = wire.one(Lane::Control, op).await?;
        read_each(&reply, count, limit).ok_or_else(unreadable)
    }
}
