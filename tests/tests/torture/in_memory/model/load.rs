//! Loads of every kind.

use std::panic::resume_unwind;
use std::time::Duration;

use super::super::tasks::come_back;
use super::plan::{KEYS, Key, Plan};
use super::reference::Begun;
use super::state::State;
use super::value::{Failure, Kind, Value};
use tests::Random;

/// How a load goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Loading {
    before: u64,
    after: u64,
    sleeps: Duration,
    ends: Ends,
    /// It looks this key up meanwhile.
    pub(super) within: Option<Key>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ends {
    Well,
    /// There is nothing.
    Empty,
    /// It is not one to keep.
    Unkept,
    /// What was there is still right, if it is.
    Unchanged,
    Badly,
    InPanic,
}

/// What a load brings.
#[derive(Debug)]
pub(super) enum Brought {
    New(Value),
    /// What it was shown.
    Unchanged,
}

impl Loading {
    pub(super) fn draw(random: &mut Random, plan: &Plan) -> Self {
        // where something answers in their place there are more failures, also in a row
        let covered = plan.if_error > plan.while_revalidate;
        let late = random.once_in(6);
        Self {
            before: random.below(4),
            after: random.below(4),
            sleeps: if late {
                random.millis(0, 3_000)
            } else {
                Duration::ZERO
            },
            ends: match random.below(24) {
                0..4 => Ends::Badly,
                16.. if covered => Ends::Badly,
                4 => Ends::InPanic,
                5..7 => Ends::Empty,
                7 => Ends::Unkept,
                8..11 => Ends::Unchanged,
                _ => Ends::Well,
            },
            within: random.once_in(12).then(|| random.index(KEYS)),
        }
    }

    /// One that brings what is there, at once.
    pub(super) fn plain() -> Self {
        Self {
            before: 0,
            after: 0,
            sleeps: Duration::ZERO,
            ends: Ends::Well,
            within: None,
        }
    }

    /// Runs it. It is shown what there was before.
    pub(super) async fn run(
        self,
        state: State,
        plan: Plan,
        (begun, key): (Begun, Key),
        shown: Option<Value>,
    ) -> Result<Brought, Failure> {
        state.with(|reference| reference.loads(begun));
        state.tell(|| format!("  {} loads key {key}: {self:?}", begun.number));
        let mut going = Going(Some((state.clone(), begun)));
        come_back(self.before).await;
        let version = state.with(|reference| reference.truth[key]);
        let until = state.with(|reference| reference.now) + self.sleeps;
        state.until(until).await;
        come_back(self.after).await;
        going.0 = None;
        state
            .with(|reference| match (self.ends, shown) {
                (Ends::Badly, _) => {
                    reference.failed(begun);
                    Err(Failure::new(version))
                }
                (Ends::InPanic, _) => {
                    reference.panicked(begun);
                    Err(Failure::new(u64::MAX))
                }
                (Ends::Unchanged, Some(shown)) if shown.version == version => {
                    reference.loaded(begun, plan.ttl);
                    reference.renews(shown.id);
                    Ok(Brought::Unchanged)
                }
                (ends, _) => {
                    let kind = match ends {
                        Ends::Empty => Kind::Nothing,
                        Ends::Unkept => Kind::Unkept,
                        _ => Kind::Plain,
                    };
                    let ttl = plan.ttl_of(kind);
                    let id = reference.brings(key, version, ttl);
                    reference.loaded(begun, ttl);
                    Ok(Brought::New(Value::new(id, version, kind)))
                }
            })
            .inspect(|brought| state.tell(|| format!("  {} brings {brought:?}", begun.number)))
            .inspect_err(|failure| {
                if failure.version == u64::MAX {
                    // as a panic that nobody is told of
                    resume_unwind(Box::new(self.ends));
                }
            })
    }
}

/// A load under way, which may be dropped.
struct Going(Option<(State, Begun)>);

impl Drop for Going {
    fn drop(&mut self) {
        if let Some((state, begun)) = self.0.take() {
            state.tell(|| format!("  the load of {} is dropped", begun.number));
            state.with(|reference| reference.failed(begun));
        }
    }
}
