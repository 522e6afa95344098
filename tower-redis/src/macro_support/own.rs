//! Borrowed arguments, made owned for a load that outlives its caller.

/// The owner of `text`.
#[must_use]
pub fn text(text: &str) -> String {
    text.to_owned()
}

/// The owner of a number and the like.
pub fn scalar<T: Copy>(scalar: &T) -> T {
    *scalar
}

/// The owner of `slice`.
pub fn slice<T: Clone>(slice: &[T]) -> Vec<T> {
    slice.to_vec()
}
