//! The lookups of functions that are not async: they run, and wait, on their thread. They do not wait for a load
//! that began there: it may be one of a task that goes on only when they let go of the thread.

use std::future::Future;

use crate::store;

use super::answer::Answer;
use super::engine::Engine;
use super::hold::Hold;
use super::load::bypassed;
use super::look::Begun;
use super::made::Made;
use super::share::Sharing;
use super::terms::Call;
use super::turn::Next;

impl<V: Hold> Engine<V> {
    /// Looks `key` up, or runs `load` on this thread; other threads that miss wait for it. It waits for no other
    /// process to load.
    pub(crate) fn load_blocking<S, E>(
        &self,
        key: &[u8],
        call: Call,
        load: impl FnOnce(Option<V>) -> Result<Made<V>, E>,
    ) -> Answer<V, E>
    where
        S: Sharing<E>,
    {
        let call = &Call {
            per_process: true,
            blocks: true,
            ..call
        };
        let (begun, missed) = self.set_out::<S, E>(key, call);
        let answer = self.find_or_block::<S, E>(key, call, begun, load);
        self.count(answer.status, missed);
        answer
    }

    fn find_or_block<S, E>(
        &self,
        key: &[u8],
        call: &Call,
        begun: Begun<V, E>,
        load: impl FnOnce(Option<V>) -> Result<Made<V>, E>,
    ) -> Answer<V, E>
    where
        S: Sharing<E>,
    {
        let waits = match begun {
            Begun::Answer(answer) => return answer,
            Begun::Bypass => return bypassed(load(None)),
            Begun::Go(waits) => waits,
        };
        match self.wait(self.take_turn::<S, E>(key, call, waits)) {
            Next::Answer(answer) => answer,
            Next::Load(loading) => {
                let attempt = self.attempt(|| self.rest_after_panic(key, &loading));
                let (shown, node) = (loading.shown(), loading.flight.permit.node());
                let loaded = node.run(|| self.load_span().in_scope(|| load(shown)));
                let took = attempt.ended(loaded.is_ok());
                self.wait(self.end::<S, E>(key, call, loading, took, loaded))
            }
        }
    }

    /// Waits for `work` on this thread, which may be one of a Tokio runtime.
    pub(crate) fn wait<F: Future>(&self, work: F) -> F::Output {
        let _apart = self.far().map(|_| store::apart());
        // a thread that blocks gives nothing back to the task it may be part of, so it has no budget
        pollster::block_on(tokio::task::coop::unconstrained(work))
    }
}
