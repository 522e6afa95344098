//! `#[cached]` does what its documentation says.

mod arguments;
mod companions;
mod flight;
mod methods;
mod returns;
mod sync;
