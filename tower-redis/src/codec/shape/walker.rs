//! A place in a value that there is none of.

/// One place in a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walker {
    /// Which part of which answer of the place around it.
    pub(super) part: (usize, usize),
    /// What it is may be asked for in several ways.
    pub(super) explores: bool,
}

impl Walker {
    pub(super) const WHOLE: Self = Self {
        part: (0, 0),
        explores: true,
    };

    pub(super) fn of(answer: usize, part: usize) -> Self {
        Self {
            part: (answer, part),
            explores: true,
        }
    }
}
