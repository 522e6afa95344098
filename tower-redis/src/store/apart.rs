//! Waiting for a store on a thread.

/// As long as this lives, what this thread asks a store for is done elsewhere: the thread may be one that
/// a runtime would need for it.
#[derive(Debug)]
#[must_use]
pub(crate) struct Apart(());

/// This thread is about to wait.
pub(crate) fn apart() -> Apart {
    Apart(())
}
