//! `#[cached]` does what its documentation says.

mod arguments;
mod companions;
mod flight;
mod methods;
mod options;
mod returns;
mod support;
mod sync;
