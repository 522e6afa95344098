//! What is done twice: before the far tier is told, and after.

#[cfg(any(test, feature = "testing"))]
use crate::cache::fault::CacheFault;

/// Does something when it is told to, or when it is dropped: a call that is cancelled half-way has
/// reached the far tier, or has not.
pub(super) struct Again<F: FnMut() -> usize>(Option<F>);

impl<F: FnMut() -> usize> Again<F> {
    /// Does it a first time, and answers how much it did.
    pub(super) fn after(mut what: F) -> (usize, Self) {
        let before = what();
        (before, Self(Some(what)))
    }

    /// Does it once, then or when it is dropped.
    pub(super) fn only(what: F) -> Self {
        Self(Some(what))
    }

    /// Does it a second time.
    pub(super) fn now(mut self) -> usize {
        self.0.take().map_or(0, |mut what| what())
    }
}

impl<F: FnMut() -> usize> Again<F> {
    /// Does it a second time, unless there is no need.
    pub(super) fn unless(mut self, needless: bool) {
        #[cfg(any(test, feature = "testing"))]
        let needless = needless || CacheFault::OlderStaysNear.is_committed();
        if needless {
            self.0 = None;
        }
    }
}

impl<F: FnMut() -> usize> Drop for Again<F> {
    fn drop(&mut self) {
        if let Some(mut what) = self.0.take() {
            what();
        }
    }
}
