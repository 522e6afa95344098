//! Imports point down, and strangers on one stratum do not know each other.

use crate::architecture::breach::Breach;
use crate::architecture::house::{House, Peers, Stratum};
use crate::architecture::import::Import;
use crate::architecture::tree::{File, Tree};

#[derive(Clone, Copy)]
struct Place<'a> {
    /// Counted from 1, as in `ARCHITECTURE.md`.
    number: usize,
    stratum: &'a Stratum,
    /// Among the modules of the stratum.
    rank: usize,
}

fn place<'a>(strata: &'a [Stratum], module: &str) -> Option<Place<'a>> {
    strata.iter().enumerate().find_map(|(at, stratum)| {
        let rank = stratum.modules.iter().position(|name| *name == module)?;
        Some(Place {
            number: at + 1,
            stratum,
            rank,
        })
    })
}

pub(in crate::architecture) fn broken(
    tree: &Tree,
    imports: &[Import],
    house: &House,
) -> Vec<Breach> {
    let strata = house.strata;
    if strata.is_empty() {
        return Vec::new();
    }
    let homeless = tree.files.iter().filter_map(|file| homeless(file, strata));
    let wrong = imports
        .iter()
        .filter_map(|import| wrong(tree, import, strata));
    let apart = imports
        .iter()
        .filter_map(|import| apart(tree, import, house.apart));
    homeless.chain(wrong).chain(apart).collect()
}

fn homeless(file: &File, strata: &[Stratum]) -> Option<Breach> {
    let top = file.module.first()?;
    if place(strata, top).is_some() {
        return None;
    }
    Some(Breach {
        file: file.shown.clone(),
        line: 1,
        what: format!(
            "`{top}` stands on no stratum; give it one in `tests/src/architecture/house.rs`"
        ),
    })
}

fn wrong(tree: &Tree, import: &Import, strata: &[Stratum]) -> Option<Breach> {
    let file = &tree.files[import.from];
    let breach = |what: String| {
        Some(Breach {
            file: file.shown.clone(),
            line: import.line,
            what,
        })
    };
    let (from, to) = (file.module.first()?, import.origin.first()?);
    let (below, above) = (place(strata, from)?, place(strata, to)?);
    let written = &import.written;
    if below.number < above.number {
        return breach(format!(
            "`{from}` (stratum {}, {}) names `{written}` of `{to}` (stratum {}, {}); imports point \
             down: hand it in from above, or move what both need below them",
            below.number, below.stratum.name, above.number, above.stratum.name
        ));
    }
    if below.number > above.number {
        return None;
    }
    let (number, name) = (below.number, below.stratum.name);
    match below.stratum.peers {
        Peers::Strangers if from != to => breach(format!(
            "`{from}` names `{written}` of `{to}`; those on stratum {number} ({name}) do not know \
             each other: wire them together from above"
        )),
        Peers::InOrder if below.rank < above.rank => breach(format!(
            "`{from}` names `{written}` of `{to}`; on stratum {number} ({name}) a module names only \
             those before it: {}",
            below.stratum.modules.join(", ")
        )),
        Peers::Strangers | Peers::InOrder => None,
    }
}

fn apart(tree: &Tree, import: &Import, modules: &[&str]) -> Option<Breach> {
    let file = &tree.files[import.from];
    let (from, to) = (file.module.first()?, import.origin.first()?);
    if from != to || !modules.contains(&from.as_str()) {
        return None;
    }
    let (one, other) = (folder(&file.module, tree)?, folder(&import.origin, tree)?);
    let written = &import.written;
    (one != other).then(|| Breach {
        file: file.shown.clone(),
        line: import.line,
        what: format!(
            "`{one}` names `{written}` of `{other}`; those in `{from}/` do not know each other: move \
             what both need to `{from}/`, or wire them together from above"
        ),
    })
}

// the folder below a top module that a module is in, if it is in one that has a facade
fn folder<'a>(module: &'a [String], tree: &Tree) -> Option<&'a str> {
    let file = &tree.files[*tree.modules.get(module.get(..2)?)?];
    file.facade.then(|| module[1].as_str())
}
