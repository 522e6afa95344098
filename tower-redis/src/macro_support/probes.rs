//! The traits that decide by method resolution, all at once and without their names: imported with
//! `use probes::*`, they hide nothing of the user's.

pub use super::absent::AbsentReturn as _;
pub use super::asks::{
    BoxedResult as _, ClonedResult as _, IoResult as _, OptionReturn as _, PlainReturn as _,
    UnkeptPart as _, UnkeptReturn as _, UnsharedResult as _,
};
pub use super::holding::{CopiedHold as _, DirectHold as _, PointedHold as _};
pub use super::how::{DetachedHow as _, InlineHow as _};
pub use super::limit::{LateResult as _, NeverLateResult as _, NeverLateReturn as _};
pub use super::outcome::{AnyOutcome as _, OptionOutcome as _, ResultOutcome as _};
pub use super::part::{NeitherPart as _, PrintedPart as _, WrittenPart as _};
pub use super::refusal::{
    LimitedResult as _, LimitedReturn as _, UnlimitedResult as _, UnlimitedReturn as _,
};
