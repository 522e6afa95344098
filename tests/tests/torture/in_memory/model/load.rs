//! Loads of every kind.

use std::panic::resume_unwind;
use std::time::Duration;

use super::super::tasks::come_back;
use super::plan::{KEYS, Key, Plan};
use super::reference::{Begun, Reference};
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
    /// What was there is still right, if it is. Of many keys the first is not there.
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
        let truth = self.goes(&state, &[(begun, key)]).await;
        let version = truth[key];
        state
            .with(|reference| match (self.ends, shown) {
                (Ends::Badly, _) => {
                    reference.failed(begun);
                    Err(Failure::new(truth))
                }
                (Ends::InPanic, _) => {
                    reference.panicked(begun);
                    Err(Failure::of_panic())
                }
                (Ends::Unchanged, Some(shown)) if shown.version == version => {
                    reference.loaded(begun, plan.ttl);
                    reference.renews(shown.id);
                    Ok(Brought::Unchanged)
                }
                (ends, _) => {
                    let value = ends.bring(reference, plan, (begun, key), version);
                    Ok(Brought::New(value))
                }
            })
            .inspect(|brought| state.tell(|| format!("  {} brings {brought:?}", begun.number)))
            .inspect_err(|failure| self.panics(failure))
    }

    /// Runs it for many keys at once, which it brings all or all but the first.
    pub(super) async fn run_many(
        self,
        state: State,
        plan: Plan,
        asked: Vec<(Begun, Key)>,
    ) -> Result<Vec<Value>, Failure> {
        let truth = self.goes(&state, &asked).await;
        state
            .with(|reference| match self.ends {
                Ends::Badly => {
                    asked.iter().for_each(|(begun, _)| reference.failed(*begun));
                    Err(Failure::new(truth))
                }
                Ends::InPanic => {
                    asked
                        .iter()
                        .for_each(|(begun, _)| reference.panicked(*begun));
                    Err(Failure::of_panic())
                }
                ends => {
                    let mut left = asked.iter();
                    if ends == Ends::Unchanged
                        && let Some((begun, _)) = left.next()
                    {
                        reference.loaded(*begun, Duration::ZERO);
                    }
                    let bring = |of: &(Begun, Key)| ends.bring(reference, plan, *of, truth[of.1]);
                    Ok(left.map(bring).collect())
                }
            })
            .inspect(|brought| state.tell(|| format!("  it brings {brought:?}")))
            .inspect_err(|failure| self.panics(failure))
    }

    /// Takes its time, and answers what was true meanwhile.
    async fn goes(self, state: &State, asked: &[(Begun, Key)]) -> [u64; KEYS] {
        for (begun, key) in asked {
            state.with(|reference| reference.loads(*begun));
            state.tell(|| format!("  {} loads key {key}: {self:?}", begun.number));
        }
        let of = asked.iter().map(|(begun, _)| *begun).collect();
        let mut going = Going(Some((state.clone(), of)));
        come_back(self.before).await;
        let truth = state.with(|reference| reference.truth);
        let until = state.with(|reference| reference.now) + self.sleeps;
        state.until(until).await;
        come_back(self.after).await;
        going.0 = None;
        truth
    }

    fn panics(self, failure: &Failure) {
        if failure.is_panic() {
            // as a panic that nobody is told of
            resume_unwind(Box::new(self.ends));
        }
    }
}

impl Ends {
    fn bring(
        self,
        reference: &mut Reference,
        plan: Plan,
        (begun, key): (Begun, Key),
        version: u64,
    ) -> Value {
        let kind = match self {
            Self::Empty => Kind::Nothing,
            Self::Unkept => Kind::Unkept,
            _ => Kind::Plain,
        };
        let ttl = plan.ttl_of(kind);
        let id = reference.brings(key, version, ttl);
        reference.loaded(begun, ttl);
        Value::new(id, key, version, kind)
    }
}

/// A load under way, which may be dropped.
struct Going(Option<(State, Vec<Begun>)>);

impl Drop for Going {
    fn drop(&mut self) {
        let Some((state, of)) = self.0.take() else {
            return;
        };
        for begun in of {
            state.tell(|| format!("  the load of {} is dropped", begun.number));
            state.with(|reference| reference.failed(begun));
        }
    }
}
