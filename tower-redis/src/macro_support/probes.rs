//! The traits that decide by method resolution, all at once and without their names: imported with
//! `use probes::*`, they hide nothing of the user's.

pub use super::how::{DetachedHow as _, InlineHow as _};
pub use super::part::{NeitherPart as _, PrintedPart as _, WrittenPart as _};
pub use super::returns::{
    BoxedResult as _, ClonedResult as _, IoResult as _, OptionReturn as _, PlainReturn as _,
    UnsharedResult as _,
};
