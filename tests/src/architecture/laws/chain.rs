//! A layer names its service, a service its future, a future its body; never back.

use crate::architecture::breach::Breach;
use crate::architecture::import::Import;
use crate::architecture::tree::Tree;

const CHAIN: [&str; 4] = ["layer", "service", "future", "body"];

pub(in crate::architecture) fn broken(tree: &Tree, imports: &[Import]) -> Vec<Breach> {
    let rank = |stem: &str| CHAIN.iter().position(|link| *link == stem);
    imports
        .iter()
        .filter(|import| !import.test)
        .filter_map(|import| {
            let (from, to) = (&tree.files[import.from], &tree.files[import.origin_file]);
            if from.folder() != to.folder() || rank(from.stem())? <= rank(to.stem())? {
                return None;
            }
            let (later, earlier) = (from.stem(), to.stem());
            let written = &import.written;
            Some(Breach {
                file: from.shown.clone(),
                line: import.line,
                what: format!(
                    "a {later} names `{written}` of its {earlier}; the layer names the service, the \
                     service the future, the future the body, and never back"
                ),
            })
        })
        .collect()
}
