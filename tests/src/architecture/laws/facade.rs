//! A facade (`lib.rs`, `mod.rs`) passes on what others define, to those outside its folder.

use syn::spanned::Spanned as _;
use syn::{Item, Visibility};

use crate::architecture::breach::Breach;
use crate::architecture::import::Import;
use crate::architecture::tree::Tree;

/// What a facade holds besides docs, `mod` and `pub use`.
pub(in crate::architecture) fn defines(tree: &Tree) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for file in tree.files.iter().filter(|file| file.facade) {
        let mut found = Vec::new();
        foreign(&file.ast.items, &mut found);
        breaches.extend(found.into_iter().map(|(line, what)| Breach {
            file: file.shown.clone(),
            line,
            what: format!(
                "a facade holds docs, `mod` and `pub use`, and this is {what}; move it to a file of \
                 its own"
            ),
        }));
    }
    breaches
}

fn foreign(items: &[Item], found: &mut Vec<(usize, String)>) {
    for item in items {
        let what = match item {
            Item::Mod(module) => {
                let inside = module.content.as_ref().map(|(_, items)| items);
                foreign(inside.map_or(&[], |items| items), found);
                continue;
            }
            Item::Use(used) if !matches!(used.vis, Visibility::Inherited) => continue,
            Item::Fn(function) if is_entry_of_a_macro(function) => continue,
            Item::Use(_) => "a private `use`".to_owned(),
            Item::Fn(item) => format!("`fn {}`", item.sig.ident),
            Item::Struct(item) => format!("`struct {}`", item.ident),
            Item::Enum(item) => format!("`enum {}`", item.ident),
            Item::Trait(item) => format!("`trait {}`", item.ident),
            Item::Type(item) => format!("`type {}`", item.ident),
            Item::Const(item) => format!("`const {}`", item.ident),
            Item::Static(item) => format!("`static {}`", item.ident),
            Item::Impl(_) => "an `impl`".to_owned(),
            Item::Macro(_) => "a macro".to_owned(),
            _ => "something else".to_owned(),
        };
        // a doc comment belongs to its item; the line that counts is the one that says what it is
        let line = match item {
            Item::Fn(item) => item.sig.ident.span(),
            Item::Struct(item) => item.ident.span(),
            Item::Enum(item) => item.ident.span(),
            Item::Trait(item) => item.ident.span(),
            Item::Impl(item) => item.impl_token.span,
            _ => item.span(),
        };
        found.push((line.start().line, what));
    }
}

// the language wants these in the root
fn is_entry_of_a_macro(function: &syn::ItemFn) -> bool {
    function.attrs.iter().any(|attribute| {
        let path = attribute.path();
        path.is_ident("proc_macro_attribute")
            || path.is_ident("proc_macro_derive")
            || path.is_ident("proc_macro")
    })
}

/// Imports through a facade from inside its folder, where the name of the defining file would do.
pub(in crate::architecture) fn imported(tree: &Tree, imports: &[Import]) -> Vec<Breach> {
    imports
        .iter()
        .filter(|import| {
            let (from, to) = (&tree.files[import.from], &tree.files[import.file]);
            to.facade && import.from != import.file && from.module.starts_with(&to.module)
        })
        .map(|import| {
            let facade = &tree.files[import.file].path;
            let instead = match &import.name {
                Some(name) if import.origin != import.module => {
                    format!("`crate::{}::{name}`", import.origin.join("::"))
                }
                _ => "each name from its own file".to_owned(),
            };
            let written = &import.written;
            Breach {
                file: tree.files[import.from].shown.clone(),
                line: import.line,
                what: format!(
                    "`{written}` goes through the facade `{facade}`, which is for those outside its \
                     folder; import {instead}"
                ),
            }
        })
        .collect()
}
