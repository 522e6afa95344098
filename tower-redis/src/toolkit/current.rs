//! Which toolkit is current: that of the scope around the caller, else the installed one, else one in
//! memory that is made when the first function needs it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{Error, ErrorKind};
use crate::scope::Scope;

use super::handle::Toolkit;

/// The id of the toolkit that functions outside any scope use; 0 while there is none.
static ID: AtomicU64 = AtomicU64::new(0);
static PROCESS_WIDE: Mutex<Option<Holder>> = Mutex::new(None);

enum Holder {
    Installed(Toolkit),
    StandIn(Toolkit),
}

impl Toolkit {
    /// The toolkit that cached functions called here would use: that of the [`scope`](Self::scope)
    /// around the caller, else the installed one, else one in memory.
    #[must_use]
    pub fn current() -> Self {
        current()
    }

    /// Makes this the toolkit of every `#[cached]` function in the process. Call it once, at the start
    /// of `main`.
    ///
    /// A function that was called before has worked in memory; it starts anew with this toolkit, and a
    /// warning says so.
    ///
    /// # Errors
    /// When a toolkit is installed already ([`Error::is_installed`]); that one stays.
    pub fn install(&self) -> Result<(), Error> {
        install(self.clone())
    }
}

#[cfg(feature = "macros")]
#[inline]
pub(crate) fn id() -> u64 {
    ID.load(Ordering::Acquire)
}

pub(crate) fn of_scope(scope: Scope) -> Toolkit {
    scope
        .downcast()
        .map_or_else(process_wide, Toolkit::from_inner)
}

fn current() -> Toolkit {
    Scope::current().map_or_else(process_wide, of_scope)
}

/// The installed toolkit, or a stand-in.
pub(crate) fn process_wide() -> Toolkit {
    let mut holder = lock();
    if let Some(Holder::Installed(toolkit) | Holder::StandIn(toolkit)) = &*holder {
        return toolkit.clone();
    }
    let toolkit = Toolkit::in_memory();
    ID.store(toolkit.id(), Ordering::Release);
    *holder = Some(Holder::StandIn(toolkit.clone()));
    // whoever listens to the log may call a cached function too
    drop(holder);
    tracing::warn!(
        "a toolkit was needed before one was installed; cached functions work in memory. \
         Call `Toolkit::from_env()?.install()?` at the start of `main`"
    );
    toolkit
}

fn install(toolkit: Toolkit) -> Result<(), Error> {
    let mut holder = lock();
    if let Some(Holder::Installed(_)) = &*holder {
        return Err(Error::new(
            ErrorKind::Installed,
            "a toolkit is installed already; expected one `install()` in a process. \
             Keep the first, or use `Toolkit::scope` for what needs another",
        ));
    }
    ID.store(toolkit.id(), Ordering::Release);
    let before = holder.replace(Holder::Installed(toolkit));
    drop(holder);
    if before.is_some() {
        tracing::warn!(
            "a toolkit was installed after another had been needed; cached functions start with empty \
             caches of the installed one. Call `install()` earlier in `main`"
        );
    }
    Ok(())
}

fn lock() -> MutexGuard<'static, Option<Holder>> {
    PROCESS_WIDE.lock().unwrap_or_else(PoisonError::into_inner)
}
