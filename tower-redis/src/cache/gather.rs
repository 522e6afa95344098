//! Many keys at once: what lies far comes in one round trip, and one load brings all that is missing.
//!
//! A batch first leads the flights of whatever nobody is loading. It fetches all of those at once, loads what is
//! still missing by one call and ends them, and only then waits for the flights of others: two batches that lead
//! what the other one needs never wait for each other.

use std::future::Future;

use super::batch::{Absent, Batch, Followed, Sought};
use super::engine::Engine;
use super::flight::Outcome;
use super::hold::Hold;
use super::share::{ByClone, Sharing};
use super::status::Status;
use super::terms::Call;

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
                wanted.push(self.flights().glance(key, premises.clone()));
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
                    let premises = self.engine.premises_of(self.call);
                    let permit = self.engine.permit(key, premises);
                    let missing = self.fetch(vec![(sought, permit)]).await;
                    self.load(missing, load).await;
                }
            }
            drop(pass);
        }
        again
    }
}
