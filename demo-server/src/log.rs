//! What happens, on stderr: stdout is for the address.

use std::io;

use tracing::Level;

/// Starts to log what is at least as important as `level`. Whoever logs already goes on to do so.
pub(crate) fn start(level: Level) {
    let log = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(io::stderr)
        .with_target(true)
        .finish();
    // an error means that there is a subscriber
    let _ = tracing::subscriber::set_global_default(log);
}
