//! Some crates are named in few places.

use crate::architecture::breach::Breach;
use crate::architecture::house::Contained;
use crate::architecture::import::Named;
use crate::architecture::tree::{File, Tree};

pub(in crate::architecture) fn broken(
    tree: &Tree,
    named: &[Named],
    contained: &[Contained],
) -> Vec<Breach> {
    named
        .iter()
        .filter_map(|named| {
            let file = &tree.files[named.from];
            let rule = contained
                .iter()
                .find(|rule| matches(rule.crates, &named.name))?;
            if rule.allows(file) {
                return None;
            }
            let (name, place) = (&named.name, rule.place);
            Some(Breach {
                file: file.shown.clone(),
                line: named.line,
                what: format!("names the crate `{name}`; only {place} may"),
            })
        })
        .collect()
}

impl Contained {
    fn allows(&self, file: &File) -> bool {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let top = file.path.split('/').next().unwrap_or_default();
        matches(self.files, name) || (top != name && self.folders.contains(&top))
    }
}

fn matches(patterns: &[&str], name: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        })
}
