//! `#[rate_limited]`: whose quota, how much, and what is said to who is refused.

mod ban;
mod handlers;
mod key;
mod options;
mod rated;
mod rule;

pub(crate) use ban::Ban;
pub(crate) use key::Whose;
pub(crate) use rated::{Gives, Limit, Rated, rated};
pub(crate) use rule::Rule;
