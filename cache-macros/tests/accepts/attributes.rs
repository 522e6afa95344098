//! Attributes stay where they were.
#![deny(warnings)]

use tower_redis::cached;

/// Adds.
///
/// ```
/// // an example
/// ```
#[cached]
#[inline]
#[must_use = "it is the sum"]
pub fn sum(#[allow(unused_mut)] mut a: u64, b: u64) -> u64 {
    #![allow(unused_variables)]
    let unused = 1;
    a + b
}

#[cached]
#[deprecated = "use `sum`"]
#[allow(deprecated)]
pub fn old(a: u64) -> u64 {
    if a == 0 { 0 } else { old(a - 1) }
}

#[test]
fn is_accepted() {
    let _ = sum(1, 2);
    #[allow(deprecated)]
    let _ = old(1);
}
