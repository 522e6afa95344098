//! What an entry can be invalidated by, besides its key.

use crate::problems::Problems;
use crate::syntax::Template;

use super::arguments::parts;
use super::function::Function;
use super::part::Part;

/// One tag.
pub(crate) struct Tag {
    /// As it was written.
    pub(crate) template: String,
    pub(crate) parts: Vec<Part>,
}

pub(super) fn tags(
    templates: &[Template],
    function: &Function,
    problems: &mut Problems,
) -> Vec<Tag> {
    let templates = templates.iter();
    templates
        .map(|template| Tag {
            template: template.literal.value(),
            parts: parts("a tag", template, function, problems),
        })
        .collect()
}
