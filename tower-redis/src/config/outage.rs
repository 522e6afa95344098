//! What a cache does while Redis does not answer.

/// What a shared cache does while Redis does not answer, and nobody would tell it that something was
/// invalidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Outage {
    /// `grace`: what is in memory is served for a short time, and what is loaded is kept for a short
    /// time.
    #[default]
    Grace,
    /// `strict`: nothing is served and nothing is kept.
    Strict,
}

impl Outage {
    pub(super) const FORMS: &'static str = "`grace` or `strict`";

    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("grace") {
            Some(Self::Grace)
        } else if text.eq_ignore_ascii_case("strict") {
            Some(Self::Strict)
        } else {
            None
        }
    }
}
