//! `#[cached]` does what its documentation says.
#![cfg(feature = "macros")]

mod arguments;
mod companions;
mod flight;
mod methods;
mod options;
mod returns;
mod support;
mod sync;
#[cfg(feature = "testing")]
mod toolkit;
