//! Loading keys again and again before anybody asks for them.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::stream::Stream;
use tokio::task::AbortHandle;

use crate::error::Error;
use crate::key::KeyFor;
use crate::rng;

use super::warm::Warm;
use crate::timers;

/// Keys to load now and again after each interval; made by [`Warm::every`].
#[must_use = "nothing is loaded until `start` is called"]
pub struct Rewarm<K, V: Clone + Send + Sync + 'static, M> {
    warm: Warm<K, V, M>,
    interval: Duration,
    jitter: f64,
}

/// A warm-up that goes on until this is dropped or [stopped](Self::stop), the toolkit is shut down or the runtime
/// ends.
#[must_use = "the warm-up ends when this is dropped"]
pub struct Warming(AbortHandle);

impl<K, V, M, S> Warm<K, V, M>
where
    V: Clone + Send + Sync + 'static,
    M: FnMut() -> S,
    S: Stream,
    S::Item: KeyFor<K>,
{
    /// Loads all of the keys now and after each `interval` again: what has ended, or is due for an early
    /// refresh. The interval begins when the last key is done.
    pub fn every(self, interval: Duration) -> Rewarm<K, V, M> {
        Rewarm {
            warm: self,
            interval,
            jitter: 0.0,
        }
    }
}

impl<K, V, M, S> Rewarm<K, V, M>
where
    V: Clone + Send + Sync + 'static,
    M: FnMut() -> S,
    S: Stream,
    S::Item: KeyFor<K>,
{
    /// Takes up to this part of it from each interval, by chance, so that processes that were started at once do
    /// not load at once for ever: 0 to 1.
    pub fn jitter(mut self, part: f64) -> Self {
        self.jitter = part;
        self
    }

    /// Starts it as a task. The time is that of the Tokio runtime, and not the clock of the toolkit: it is no
    /// business of what is stored. A load that fails, or panics, is tried again the next time.
    ///
    /// ```no_run
    /// # use std::convert::Infallible;
    /// # use std::time::Duration;
    /// # use tower_redis::Toolkit;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let squares = Toolkit::in_memory().cache::<u64, u64>("squares").build()?;
    /// let warm = squares.warm(1..=100).every(Duration::from_secs(60)).jitter(0.1);
    /// let warming = warm.start(|n| async move { Ok::<_, Infallible>(n * n) })?;
    /// // serve
    /// warming.stop();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the interval is zero, when the part is not one of 0 to 1, and outside a Tokio runtime with timers or
    /// after a shutdown of the toolkit, where nothing would run it.
    pub fn start<E, F, Fut>(self, load: F) -> Result<Warming, Error>
    where
        K: 'static,
        M: Send + 'static,
        S: Send,
        S::Item: Send,
        E: Send + Sync + 'static,
        F: Fn(S::Item) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<V, E>> + Send,
    {
        let Self {
            mut warm,
            interval,
            jitter,
        } = self;
        let engine = warm.cache.engine.clone();
        let refuse = |what: &str, expected: &str| {
            let name = engine.name();
            let error = format!("the warm-up of cache `{name}`: {what}; expected {expected}");
            Err(Error::config(error))
        };
        if interval.is_zero() {
            return refuse("the interval is zero", "a duration greater than zero");
        }
        if !(0.0..=1.0).contains(&jitter) {
            return refuse("the jitter is no part", "a number from 0 to 1");
        }
        if timers::sleep(Duration::ZERO).is_none() {
            return refuse(
                "there is nothing that tells the time",
                "a call from within a Tokio runtime with timers (`enable_time`)",
            );
        }
        let again = async move {
            loop {
                warm.round(&load).await;
                let less = interval.as_secs_f64() * jitter * rng::chance();
                let less = Duration::try_from_secs_f64(less).unwrap_or_default();
                tokio::time::sleep(interval.saturating_sub(less)).await;
            }
        };
        match engine.tasks().attend(again) {
            Ok(task) => Ok(Warming(task.abort_handle())),
            Err(_) => refuse(
                "there is nothing that could run it",
                "a call from within a Tokio runtime, before the toolkit is shut down",
            ),
        }
    }
}

impl Warming {
    /// Ends it. Loads that are under way are dropped; who waits for one of them runs its own.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Warming {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Warming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warming")
            .field("is_over", &self.0.is_finished())
            .finish_non_exhaustive()
    }
}

impl<K, V: Clone + Send + Sync + 'static, M> fmt::Debug for Rewarm<K, V, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rewarm")
            .field("warm", &self.warm)
            .field("interval", &self.interval)
            .field("jitter", &self.jitter)
            .finish()
    }
}
