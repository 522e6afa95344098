//! Figures beside the bounds that they have to keep. Five times a bound is a failure, so that a busy machine
//! is none.

use std::sync::atomic::{AtomicBool, Ordering};

static FAILED: AtomicBool = AtomicBool::new(false);

/// Prints what was found, in `unit`, beside the most that it is to be.
pub fn figure(what: &str, found: f64, unit: &str, bound: f64) {
    println!("figure: {what}: {found:.2} {unit} (bound {bound:.2})");
    if found > 5.0 * bound {
        println!("{what}: more than five times the bound");
        FAILED.store(true, Ordering::Relaxed);
    }
}

/// Whether one of them was a failure.
pub fn has_failed() -> bool {
    FAILED.load(Ordering::Relaxed)
}
