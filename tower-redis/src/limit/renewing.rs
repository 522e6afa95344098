//! Permits that are held until they are dropped, however long that takes.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::reservation::Reservation;
use crate::timers;

/// How often a period.
const TIMES: u32 = 3;

/// Permits that a task renews until this is dropped; then they are given back.
///
/// Outside a Tokio runtime, and in one without timers, nobody renews them: they end a period after they were made,
/// as those of a process do that died.
#[derive(Debug)]
pub(crate) struct Renewing {
    place: Arc<Mutex<Place>>,
    task: Option<AbortHandle>,
}

/// Where the permits are.
#[derive(Debug)]
enum Place {
    Here(Reservation),
    /// With the task, which is renewing them.
    Away,
    /// Nobody wants them any more.
    Left,
}

impl Renewing {
    pub(crate) fn new(reservation: Reservation) -> Self {
        let pause = reservation.limiter().window() / TIMES;
        let place = Arc::new(Mutex::new(Place::Here(reservation)));
        let task = Handle::try_current().ok().map(|runtime| {
            let place = Arc::clone(&place);
            let renews = async move {
                while let Some(pause) = timers::sleep(pause) {
                    pause.await;
                    if !renew(&place).await {
                        return;
                    }
                }
            };
            runtime.spawn(renews).abort_handle()
        });
        Self { place, task }
    }
}

/// Whether they are still held, and wanted.
async fn renew(place: &Mutex<Place>) -> bool {
    let Place::Here(mut reservation) = swap(place, Place::Away) else {
        return false;
    };
    let held = reservation.renew().await;
    if !held {
        tracing::debug!(
            policy = reservation.limiter().name(),
            "permits had ended before they could be renewed: more are at it than may be"
        );
    }
    // what comes back here was left meanwhile: dropped, it is given back
    drop(swap(place, Place::Here(reservation)));
    held
}

/// Puts `next` there, and gives what was; where they are not wanted any more, that is `next`.
fn swap(place: &Mutex<Place>, next: Place) -> Place {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    match *place {
        Place::Left => next,
        Place::Here(_) | Place::Away => std::mem::replace(&mut *place, next),
    }
}

impl Drop for Renewing {
    fn drop(&mut self) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let left = std::mem::replace(&mut *place, Place::Left);
        drop(place);
        if matches!(left, Place::Here(_))
            && let Some(task) = &self.task
        {
            task.abort();
        }
        // dropped, they are given back; those that are being renewed are so by the task
        drop(left);
    }
}
