//! All laws over one crate.

use std::path::Path;

use super::breach::Breach;
use super::house::House;
use super::import;
use super::laws::{chain, contained, cycle, facade, length, strata};
use super::tree::Tree;

/// What was read, and what is wrong with it.
#[derive(Debug)]
pub struct Survey {
    /// How many files were read.
    pub files: usize,
    /// How many imports from one file of the crate to another were followed.
    pub imports: usize,
    /// Every breach, by file and line.
    pub breaches: Vec<Breach>,
}

/// Holds the sources below `root` against the laws of `house`.
///
/// # Errors
/// When there is no source to read, or one that cannot be read: then nothing was checked.
pub fn survey(root: &Path, house: &House) -> Result<Survey, String> {
    let tree = Tree::read(root)?;
    let (imports, named) = import::all(&tree);
    let mut breaches = Vec::new();
    breaches.extend(strata::broken(&tree, &imports, house));
    breaches.extend(cycle::broken(&tree, &imports));
    breaches.extend(facade::defines(&tree));
    breaches.extend(facade::imported(&tree, &imports));
    breaches.extend(chain::broken(&tree, &imports));
    breaches.extend(contained::broken(&tree, &named, house.contained));
    breaches.extend(length::broken(&tree, house.longest));
    breaches.sort();
    breaches.dedup();
    let between_files = |import: &&import::Import| import.from != import.origin_file;
    Ok(Survey {
        files: tree.files.len(),
        imports: imports.iter().filter(between_files).count(),
        breaches,
    })
}
