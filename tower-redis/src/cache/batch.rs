//! What one lookup of many keys knows, and how it begins.

use std::future::Future;

use super::engine::Engine;
use super::flight::{Follower, Permit, Turn};
use super::hold::Hold;
use super::joining::Wants;
use super::look::{Begun, Waits};
use super::old::Old;
use super::share::ByClone;
use super::status::Status;
use super::terms::Call;

pub(super) type Led<V> = (Sought<V>, Permit<V>);
pub(super) type Followed<V> = (Sought<V>, Follower<V>);

/// What those find who waited for a key that a batch did not bring.
pub(super) struct Absent;

/// One lookup of many keys.
pub(super) struct Batch<'a, V: Hold, E> {
    pub(super) engine: &'a Engine<V>,
    /// No two are the same.
    pub(super) keys: &'a [&'a [u8]],
    pub(super) call: &'a Call,
    pub(super) answers: Vec<Option<V>>,
    /// The first one that nothing answered in place of.
    pub(super) error: Option<E>,
}

/// A key that has no answer yet.
pub(super) struct Sought<V> {
    /// Its place in the batch.
    pub(super) at: usize,
    pub(super) old: Option<Old<V>>,
    pub(super) spare: Option<Status>,
    /// Whether it was counted as a miss.
    pub(super) missed: bool,
}

impl<V, E> Batch<'_, V, E>
where
    V: Hold,
    E: Clone + Send + Sync + 'static,
{
    /// As if there were no cache.
    pub(super) async fn go_past<F, Fut>(mut self, mut load: F) -> Result<Vec<Option<V>>, E>
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<(usize, V)>, E>>,
    {
        let all: Vec<usize> = (0..self.keys.len()).collect();
        if all.is_empty() {
            return Ok(self.answers);
        }
        for _ in &all {
            self.engine.count(Status::Bypass, false);
        }
        for (at, value) in load(all).await? {
            self.answers[at] = Some(value);
        }
        Ok(self.answers)
    }

    /// Answers what has an answer at once.
    pub(super) fn begin(&mut self) -> Vec<Sought<V>> {
        let mut sought = Vec::new();
        for (at, key) in self.keys.iter().enumerate() {
            let (begun, missed) = self.engine.set_out::<ByClone, E>(key, self.call);
            match begun {
                Begun::Answer(answer) => {
                    self.engine.count(answer.status, missed);
                    self.note(at, answer.value);
                }
                Begun::Go(Waits { old, spare, .. }) => sought.push(Sought {
                    at,
                    old,
                    spare,
                    missed,
                }),
                // that was looked at before
                Begun::Bypass => {}
            }
        }
        sought
    }

    /// Those that nobody is loading, and those that somebody is.
    pub(super) fn take_turns(&mut self, sought: Vec<Sought<V>>) -> (Vec<Led<V>>, Vec<Followed<V>>) {
        let (mut led, mut followed) = (Vec::new(), Vec::new());
        let premises = self.engine.premises_of(self.call);
        for sought in sought {
            let spare = sought.old.as_ref().zip(sought.spare);
            let wants = match spare {
                Some(_) => Wants::Settled,
                None => Wants::Usable,
            };
            let key = self.keys[sought.at];
            match (self.engine.join(key, premises.clone(), wants), spare) {
                (Turn::Hit(value), _) => self.answer(&sought, value, Status::Coalesced),
                (Turn::Lead(permit) | Turn::Alone(permit), _) => {
                    let old = self.engine.still(key, sought.old);
                    led.push((Sought { old, ..sought }, permit));
                }
                // somebody is about to replace it
                (Turn::Follow(_), Some((old, status))) => {
                    self.answer(&sought, old.entry.value().clone(), status);
                }
                (Turn::Follow(follower), None) => followed.push((sought, follower)),
            }
        }
        (led, followed)
    }

    pub(super) fn answer(&mut self, sought: &Sought<V>, value: V, status: Status) {
        self.engine.count(status, sought.missed);
        self.answers[sought.at] = Some(value);
    }

    pub(super) fn note(&mut self, at: usize, answer: Result<V, E>) {
        match answer {
            Ok(value) => self.answers[at] = Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }
}
