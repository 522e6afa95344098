//! A file with much in it has more than one reason to change.

use syn::spanned::Spanned as _;

use crate::architecture::breach::Breach;
use crate::architecture::reference::is_test;
use crate::architecture::tree::{File, Tree};

pub(in crate::architecture) fn broken(tree: &Tree, longest: usize) -> Vec<Breach> {
    tree.files
        .iter()
        .filter(|file| !file.test)
        .filter_map(|file| {
            let lines = above_tests(file);
            (lines > longest).then(|| Breach {
                file: file.shown.clone(),
                line: longest + 1,
                what: format!(
                    "{lines} lines above the tests, and {longest} is the most; find the second noun \
                     in it"
                ),
            })
        })
        .collect()
}

fn above_tests(file: &File) -> usize {
    let tests = file.ast.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.content.is_some() && is_test(&module.attrs) => {
            Some(item.span().start().line - 1)
        }
        _ => None,
    });
    tests.unwrap_or_else(|| file.text.lines().count())
}
