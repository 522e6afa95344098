//! Text to syntax, without opinions.

mod duration;
mod invalidations;
mod options;
mod template;

pub(crate) use duration::duration;
pub(crate) use invalidations::{Entry, invalidations};
pub(crate) use options::{Opt, Value, options};
pub(crate) use template::{Piece, Place, Template, template};
