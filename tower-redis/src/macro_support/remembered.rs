//! Whether an error can be given again.

use crate::cache::share::{AsSource, ByClone, WithKind};

use super::returns::{Errors, Plan};

/// What a failed load leaves for those who ask later.
#[diagnostic::on_unimplemented(
    message = "`throttle` gives the last error again instead of running the body, and `{R}` has none that can be given twice",
    label = "nothing is remembered of a failure",
    note = "return a `Result` whose error is `Clone + Send + Sync`, an `io::Error`, or one that has any error as its \
            source, such as `anyhow::Error` or `Box<dyn Error + Send + Sync>`",
    note = "or say for how long what has ended answers instead, `stale_if_error = \"1h\"`, or remove `throttle`"
)]
pub trait Remembered<R> {}

impl<R> Remembered<R> for Errors<ByClone> {}
impl<R> Remembered<R> for Errors<WithKind> {}
impl<R> Remembered<R> for Errors<AsSource> {}

/// Compiles where what a function returns as `plan` says can be given again when it is an error.
pub const fn remembered<P: Plan<Sharing: Remembered<P::Return>>>(plan: P) {
    let _ = plan;
}
