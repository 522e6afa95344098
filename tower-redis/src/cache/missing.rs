//! What is missing of many keys: fetched at once, and loaded by one call.

use std::future::Future;
use std::sync::Arc;

use futures_util::future::join_all;
use tracing::Instrument as _;

use super::batch::{Absent, Batch, Led, Sought};
use super::engine::Engine;
use super::far::{Fetched, Loaded, Wanted};
use super::flight::{Outcome, Permit};
use super::hold::Hold;
use super::lineage::around_all;
use super::made::Made;
use super::share::ByClone;
use super::status::Status;
use super::terms::Call;
use super::turn::Loading;

/// A key that is to be loaded.
pub(super) struct Missing<V: Hold> {
    at: usize,
    missed: bool,
    loading: Loading<V>,
}

impl<V: Hold> Missing<V> {
    fn permit(&self) -> &Permit<V> {
        &self.loading.flight.permit
    }
}

impl<V, E> Batch<'_, V, E>
where
    V: Hold,
    E: Clone + Send + Sync + 'static,
{
    /// Fetches all of `led` at once; answers what is not there.
    pub(super) async fn fetch(&mut self, led: Vec<Led<V>>) -> Vec<Missing<V>> {
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
    pub(super) async fn load<F, Fut>(&mut self, missing: Vec<Missing<V>>, load: &mut F)
    where
        F: FnMut(Vec<usize>) -> Fut,
        Fut: Future<Output = Result<Vec<(usize, V)>, E>>,
    {
        if missing.is_empty() {
            return;
        }
        let (engine, keys, call) = (self.engine, self.keys, self.call);
        let attempt = engine.attempt(|| {
            for missing in &missing {
                engine.rest_after_panic(keys[missing.at], &missing.loading);
            }
        });
        let nodes = missing.iter().map(|missing| missing.permit().node());
        let nodes = nodes.map(Arc::clone).collect();
        let places = missing.iter().map(|missing| missing.at).collect();
        let run = async { load(places).await }.instrument(engine.load_span());
        let loaded = around_all(nodes, run).await;
        let took = attempt.ended(loaded.is_ok());
        let brought = match loaded {
            Ok(brought) => brought,
            Err(error) => return self.fail(missing, &error),
        };
        let mut values: Vec<Option<V>> = vec![None; keys.len()];
        for (at, value) in brought {
            values[at] = Some(value);
        }
        let (mut filled, mut absent, mut older) = (Vec::new(), Vec::new(), Vec::new());
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
            if brought.ttl.is_zero() && engine.leaves_older(key, &loading) {
                older.push(engine.invalidate(key));
            }
            let flight = loading.flight;
            filled.push(Loaded {
                key,
                flight,
                brought,
            });
        }
        join_all(older).await;
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
}

impl<V: Hold> Engine<V> {
    /// A load of many keys did not bring this one.
    async fn leave_absent(&self, key: &[u8], loading: Loading<V>) {
        if self.leaves_older(key, &loading) {
            self.invalidate(key).await;
        }
        let waiters = loading.flight.failed(self.loads().rest()).settle();
        waiters.tell(Outcome::Failed(Arc::new(Absent)));
    }
}
