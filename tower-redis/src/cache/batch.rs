//! Many keys at once: what lies far comes in one round trip, and one load brings all that is missing.
//!
//! A batch first leads the flights of whatever nobody is loading. It fetches all of those at once, loads what is
//! still missing by one call and ends them, and only then waits for the flights of others: two batches that lead
//! what the other one needs never wait for each other.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use tracing::Instrument as _;

use super::engine::Engine;
use super::far::{Fetched, Loaded, Wanted};
use super::flight::{Follower, Outcome, Permit, Turn};
use super::hold::Hold;
use super::joining::Wants;
use super::lineage::around_all;
use super::look::{Begun, Waits};
use super::made::Made;
use super::old::Old;
use super::share::{ByClone, Sharing};
use super::status::Status;
use super::terms::Call;
use super::turn::Loading;

/// What those find who waited for a key that a batch did not bring.
struct Absent;

/// One lookup of many keys.
struct Batch<'a, V: Hold, E> {
    engine: &'a Engine<V>,
    /// No two are the same.
    keys: &'a [&'a [u8]],
    call: &'a Call,
    answers: Vec<Option<V>>,
    /// The first one that nothing answered in place of.
    error: Option<E>,
}

/// A key that has no answer yet.
struct Sought<V> {
    /// Its place in the batch.
    at: usize,
    old: Option<Old<V>>,
    spare: Option<Status>,
    /// Whether it was counted as a miss.
    missed: bool,
}

/// A key that is to be loaded.
struct Missing<V: Hold> {
    at: usize,
    missed: bool,
    loading: Loading<V>,
}

impl<V: Hold> Engine<V> {
    /// Looks all `keys` up, of which no two are the same, or runs `load` for all that are missing, inside the
    /// caller's future. It is told which they are and answers what it brings for which; what it does not bring
    /// has no answer. It is called again for what others were loading and did not bring.
    ///
    /// Cancellation: when the caller is dropped its load is dropped with it, and of those who wait for a key
    /// of it one runs its own.
    pub(crate) async fn load_many<E, F, Fut>(
        &self,
        keys: &[&[u8]],
        call: &Call,
        mut load: F,
    ) -> Result<Vec<Option<V>>, E>
    where
        E: Clone + Send + Sync + 'static,
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<(usize, V)>, E>>,
    {
        let mut batch = Batch {
            engine: self,
            keys,
            call,
            answers: vec![None; keys.len()],
            error: None,
        };
        if call.bypass || !self.enabled() {
            return batch.go_past(load).await;
        }
        let mut sought = batch.begin();
        while !sought.is_empty() {
            let (led, followed) = batch.take_turns(sought);
            let missing = batch.fetch(led).await;
            batch.load(missing, &mut load).await;
            sought = batch.follow(followed, &mut load).await;
        }
        match batch.error {
            Some(error) => Err(error),
            None => Ok(batch.answers),
        }
    }

    /// What is stored for each of `keys`, in either tier. Nothing is loaded, and nobody is waited for.
    pub(crate) async fn seek_many(&self, keys: &[&[u8]]) -> Vec<Option<V>> {
        let mut found: Vec<Option<V>> = vec![None; keys.len()];
        if !self.enabled() {
            return found;
        }
        let (mut places, mut wanted) = (Vec::new(), Vec::new());
        let premises = self.premises::<&str>(&[]);
        for (at, key) in keys.iter().enumerate() {
            found[at] = self.find(key);
            if found[at].is_some() {
                self.count(Status::Near, false);
                continue;
            }
            self.counts().misses.bump();
            if self.far().is_some() {
                places.push(at);
                let permit = self.permit(key, premises.clone());
                let old = None;
                wanted.push(Wanted { key, permit, old });
            }
        }
        for (at, looked) in places.into_iter().zip(self.look_many(wanted).await) {
            if let Some((value, status)) = looked {
                self.count(status, true);
                found[at] = Some(value);
            }
        }
        found
    }
}

impl<V, E> Batch<'_, V, E>
where
    V: Hold,
    E: Clone + Send + Sync + 'static,
{
    /// As if there were no cache.
    async fn go_past<F, Fut>(mut self, mut load: F) -> Result<Vec<Option<V>>, E>
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
    fn begin(&mut self) -> Vec<Sought<V>> {
        let mut sought = Vec::new();
        for (at, key) in self.keys.iter().enumerate() {
            let begun = self.engine.begin::<ByClone, E>(key, self.call);
            let missed = begun.seeks();
            if missed {
                self.engine.counts().misses.bump();
            }
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
    fn take_turns(&mut self, sought: Vec<Sought<V>>) -> (Vec<Led<V>>, Vec<Followed<V>>) {
        let (mut led, mut followed) = (Vec::new(), Vec::new());
        let premises = self.engine.premises(&self.call.tags);
        for sought in sought {
            let spare = sought.old.as_ref().zip(sought.spare);
            let wants = match spare {
                Some(_) => Wants::Settled,
                None => Wants::Usable,
            };
            let key = self.keys[sought.at];
            match (self.engine.join(key, premises.clone(), wants), spare) {
                (Turn::Hit(value), _) => self.answer(&sought, value, Status::Coalesced),
                (Turn::Lead(permit) | Turn::Alone(permit), _) => led.push((sought, permit)),
                // somebody is about to replace it
                (Turn::Follow(_), Some((old, status))) => {
                    self.answer(&sought, old.entry.value.clone(), status);
                }
                (Turn::Follow(follower), None) => followed.push((sought, follower)),
            }
        }
        (led, followed)
    }

    /// Fetches all of `led` at once; answers what is not there.
    async fn fetch(&mut self, led: Vec<Led<V>>) -> Vec<Missing<V>> {
        let (engine, keys) = (self.engine, self.keys);
        // what others load for all processes is not waited for: they may be waiting for what is led here
        let call = &Call {
            per_process: true,
            ..self.call.clone()
        };
        let (mut places, mut wanted) = (Vec::new(), Vec::new());
        for (
            Sought {
                at, old, missed, ..
            },
            permit,
        ) in led
        {
            places.push((at, missed));
            let key = keys[at];
            wanted.push(Wanted { key, permit, old });
        }
        let fetched = engine.fetch_many(call, wanted).await;
        let mut missing = Vec::new();
        for ((at, missed), fetched) in places.into_iter().zip(fetched) {
            let (value, status) = match fetched {
                Fetched::Far(value) => (value, Status::Far),
                Fetched::Suspect(value) => (value, Status::Suspect),
                Fetched::Load(flight, old) => {
                    let loading = Loading {
                        flight,
                        old,
                        pass: None,
                        spare: None,
                    };
                    missing.push(Missing {
                        at,
                        missed,
                        loading,
                    });
                    continue;
                }
            };
            engine.count(status, missed);
            self.note(at, Ok(value));
        }
        missing
    }

    /// One load for all of `missing`.
    async fn load<F, Fut>(&mut self, missing: Vec<Missing<V>>, load: &mut F)
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<(usize, V)>, E>>,
    {
        if missing.is_empty() {
            return;
        }
        let (engine, keys, call) = (self.engine, self.keys, self.call);
        let started = engine.started();
        let nodes = missing.iter().map(|missing| missing.permit().node());
        let nodes = nodes.map(Arc::clone).collect();
        let places = missing.iter().map(|missing| missing.at).collect();
        let run = async { load(places).await }.instrument(engine.load_span());
        let loaded = around_all(nodes, run).await;
        let took = engine.count_load(started, loaded.is_ok());
        let brought = match loaded {
            Ok(brought) => brought,
            Err(error) => return self.fail(missing, &error),
        };
        let mut values: Vec<Option<V>> = vec![None; keys.len()];
        for (at, value) in brought {
            values[at] = Some(value);
        }
        let (mut filled, mut absent) = (Vec::new(), Vec::new());
        for Missing {
            at,
            missed,
            loading,
        } in missing
        {
            engine.count(Status::Loaded, missed);
            let key = keys[at];
            let Some(value) = values[at].take() else {
                absent.push(engine.leave_absent(key, loading));
                continue;
            };
            engine.failures().forget(key);
            let (own, brought) = engine.brought(call, took, Made::of(value));
            self.answers[at] = Some(own);
            let flight = loading.flight;
            filled.push(Loaded {
                key,
                flight,
                brought,
            });
        }
        engine.settle_many(filled).await;
        join_all(absent).await;
    }

    /// The load of all of `missing` failed.
    fn fail(&mut self, missing: Vec<Missing<V>>, error: &E) {
        for missing in missing {
            let Missing {
                at,
                missed,
                loading,
            } = missing;
            let answer =
                self.engine
                    .failed::<ByClone, E>(self.keys[at], self.call, loading, error.clone());
            self.engine.count(answer.status, missed);
            self.note(at, answer.value);
            self.engine.load_failed(self.keys[at]);
        }
    }

    /// Waits for what others load. Answers what they did not bring.
    async fn follow<F, Fut>(&mut self, followed: Vec<Followed<V>>, load: &mut F) -> Vec<Sought<V>>
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<(usize, V)>, E>>,
    {
        let (mut again, mut released) = (Vec::new(), Vec::new());
        for (sought, follower) in followed {
            match follower.outcome().await {
                Some(Outcome::Value(value)) => self.answer(&sought, value, Status::Coalesced),
                Some(Outcome::Stale(value)) => self.answer(&sought, value, Status::Stale),
                Some(Outcome::Failed(found)) if found.is::<Absent>() => {
                    self.engine.count(Status::Coalesced, sought.missed);
                }
                Some(Outcome::Failed(found)) => match <ByClone as Sharing<E>>::join(found) {
                    Some(error) => {
                        self.engine.count(Status::Coalesced, sought.missed);
                        self.note(sought.at, Err(error));
                    }
                    // an error of another type: two kinds of calls share this key
                    None => again.push(sought),
                },
                Some(Outcome::Released(gate)) => released.push((sought, gate)),
                None => again.push(sought),
            }
        }
        // one after the other, since nobody may hold one turn while waiting for another
        for (sought, gate) in released {
            let pass = gate.pass().await;
            let key = self.keys[sought.at];
            match self.engine.find(key) {
                Some(value) => self.answer(&sought, value, Status::Coalesced),
                None => {
                    let premises = self.engine.premises(&self.call.tags);
                    let permit = self.engine.permit(key, premises);
                    let missing = self.fetch(vec![(sought, permit)]).await;
                    self.load(missing, load).await;
                }
            }
            drop(pass);
        }
        again
    }

    fn answer(&mut self, sought: &Sought<V>, value: V, status: Status) {
        self.engine.count(status, sought.missed);
        self.answers[sought.at] = Some(value);
    }

    fn note(&mut self, at: usize, answer: Result<V, E>) {
        match answer {
            Ok(value) => self.answers[at] = Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }
}

type Led<V> = (Sought<V>, Permit<V>);
type Followed<V> = (Sought<V>, Follower<V>);

impl<V: Hold> Missing<V> {
    fn permit(&self) -> &Permit<V> {
        &self.loading.flight.permit
    }
}

impl<V: Hold> Engine<V> {
    /// A load of many keys did not bring this one.
    async fn leave_absent(&self, key: &[u8], loading: Loading<V>) {
        // what was there is not the answer any more
        if loading.old.is_some() && loading.flight.permit.is_good() {
            self.invalidate(key).await;
        }
        let waiters = loading.flight.failed(self.loads().rest()).settle();
        waiters.tell(Outcome::Failed(Arc::new(Absent)));
    }
}
