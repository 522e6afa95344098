//! The RFCs, section by section: what each sentence asks for, told as exchanges (see `told.rs`).

mod rfc5861;
mod rfc9110;
mod rfc9111;
mod rfc9211;
mod rfc9213;
mod rfc9875;
