//! How the cache of a function is set up.

use std::time::Duration;

use crate::cache::assembly::EngineBuilder;
use crate::cache::engine::Engine;
use crate::cache::far::{Naming, Serial};
use crate::cache::hold::Hold;
use crate::cache::near::Bound;
use crate::cache::terms::Ttl;
use crate::toolkit::Toolkit;

#[expect(
    clippy::expect_used,
    reason = "a capacity of zero was refused by the compiler, and nothing else can be wrong"
)]
pub(super) fn build<V: Hold>(
    name: &str,
    capacity: Option<u64>,
    naming: Naming,
    serial: Option<Serial<V::Value>>,
    toolkit: &Toolkit,
) -> Engine<V> {
    // settings made in code may hold no default at all; then nothing is kept long enough to be found
    const LEAST: Duration = Duration::from_nanos(1);
    let surroundings = toolkit.surroundings();
    let mut builder = EngineBuilder::new(name, &surroundings);
    builder.ttl = Ttl::Fixed(surroundings.default_ttl.max(LEAST));
    if let Some(capacity) = capacity {
        builder.bound = Bound::Entries(capacity);
    }
    builder.naming = naming;
    builder.serial = serial;
    builder
        .build(surroundings)
        .expect("the settings of a cached function are checked when it is compiled")
}

/// The capacity as an option gives it.
///
/// # Panics
/// When it is not an amount of entries; in the compiler, since it is evaluated there.
#[must_use]
pub const fn capacity(entries: i128) -> u64 {
    assert!(
        entries > 0,
        "`capacity` of a cached function is zero or less; expected at least 1 entry"
    );
    assert!(
        entries <= u64::MAX as i128,
        "`capacity` of a cached function does not fit into a `u64`"
    );
    entries as u64
}

/// The name of a method's cache: that of its type, without type arguments, and its own.
#[must_use]
pub fn method_name<T: ?Sized>(method: &str) -> String {
    let ty = std::any::type_name::<T>();
    let ty = ty.split('<').next().unwrap_or(ty);
    format!("{ty}::{method}")
}
