//! The argument that takes what was kept before.

use syn::Type;

use super::params::Param;

/// The argument that takes it: no caller gives it.
pub(crate) struct Previous {
    pub(crate) param: Param,
    /// Which of the arguments it is.
    pub(crate) at: usize,
    /// The type of what is kept.
    pub(crate) kept: Type,
}
