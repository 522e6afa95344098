//! What a file takes from where.

use super::reference::Reference;
use super::resolve::{Target, bound};
use super::tree::Tree;

/// One file names something of this crate.
pub(super) struct Import {
    pub(super) from: usize,
    pub(super) line: usize,
    pub(super) written: String,
    /// The module that was asked, and the file it is in.
    pub(super) module: Vec<String>,
    pub(super) file: usize,
    /// The module that defines what was asked for, the file it is in, and what it is called there.
    pub(super) origin: Vec<String>,
    pub(super) origin_file: usize,
    pub(super) name: Option<String>,
    pub(super) test: bool,
}

/// One file names another crate.
pub(super) struct Named {
    pub(super) from: usize,
    pub(super) line: usize,
    pub(super) name: String,
}

pub(super) fn all(tree: &Tree) -> (Vec<Import>, Vec<Named>) {
    let (mut imports, mut named) = (Vec::new(), Vec::new());
    for (from, file) in tree.files.iter().enumerate() {
        let bound = bound(file);
        for reference in &file.references {
            match tree.resolve(file, &bound, reference) {
                Target::Bound => {}
                Target::Crate(name) => named.push(Named {
                    from,
                    line: reference.line,
                    name,
                }),
                Target::Here { module, name } => {
                    imports.extend(import(tree, from, reference, module, name));
                }
            }
        }
    }
    (imports, named)
}

fn import(
    tree: &Tree,
    from: usize,
    reference: &Reference,
    module: Vec<String>,
    name: Option<String>,
) -> Option<Import> {
    let file = *tree.modules.get(&module)?;
    let (origin, name) = match name {
        Some(name) => {
            let (origin, name) = tree.origin(&module, &name);
            (origin, Some(name))
        }
        None => (module.clone(), None),
    };
    let origin_file = *tree.modules.get(&origin)?;
    Some(Import {
        from,
        line: reference.line,
        written: reference.written(),
        module,
        file,
        origin,
        origin_file,
        name,
        test: reference.test || tree.files[from].test,
    })
}
