//! Which toolkit a limited function counts in. One test, since a process has one installed toolkit.
#![cfg(feature = "macros")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/warnings.rs"]
mod warnings;

use tower_redis::limit::RateLimited;
use tower_redis::{Toolkit, rate_limited};
use warnings::Warnings;

#[rate_limited(limit = 1, per = "1h")]
fn once() -> Result<(), RateLimited> {
    Ok(())
}

#[test]
fn a_function_counts_in_the_toolkit_that_is_current() {
    let warnings = Warnings::default();
    let _listening = tracing::subscriber::set_default(warnings.clone());

    // before anything is installed it counts in memory, and the log says so once
    assert!(once().is_ok());
    for _ in 0..3 {
        assert!(once().is_err());
    }
    let said = warnings.take();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("before one was installed"), "{said:?}");

    // installed late, it starts anew there, and a scope has counts of its own
    let installed = Toolkit::in_memory();
    installed.install().unwrap();
    for _ in 0..2 {
        let scoped = Toolkit::in_memory();
        assert!(scoped.scope_sync(once).is_ok());
        assert!(scoped.scope_sync(once).is_err());
    }
    assert!(once().is_ok());
    assert!(once().is_err());
    let stats = &installed.stats().limiters[0];
    assert_eq!((stats.allowed, stats.denied), (1, 1));
}
