//! Whether a function succeeded, by what it returned.

/// What a function returned.
#[derive(Debug)]
pub struct Outcome<'a, R>(pub &'a R);

/// A `Result` succeeded when it is `Ok`.
pub trait ResultOutcome {
    /// The answer.
    fn succeeded(&self) -> bool;
}

impl<T, E> ResultOutcome for &Outcome<'_, Result<T, E>> {
    fn succeeded(&self) -> bool {
        self.0.is_ok()
    }
}

/// An `Option` succeeded when it is `Some`.
pub trait OptionOutcome {
    /// The answer.
    fn succeeded(&self) -> bool;
}

impl<T> OptionOutcome for &Outcome<'_, Option<T>> {
    fn succeeded(&self) -> bool {
        self.0.is_some()
    }
}

/// Anything else succeeded by returning.
pub trait AnyOutcome {
    /// The answer.
    fn succeeded(&self) -> bool {
        true
    }
}

impl<R> AnyOutcome for Outcome<'_, R> {}
