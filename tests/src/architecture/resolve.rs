//! From a path as written to where it leads.

use std::collections::HashSet;

use super::reference::{Kind, Reference};
use super::tree::{File, Tree};

pub(super) enum Target {
    /// Another crate.
    Crate(String),
    /// A module of this one, and the name in it (`None`: the module itself, or all of it).
    Here {
        module: Vec<String>,
        name: Option<String>,
    },
    /// Something the file has imported or declared; the import tells where that is.
    Bound,
}

/// The names that `file` binds by importing or by declaring a module.
pub(super) fn bound(file: &File) -> HashSet<&str> {
    let imports = file
        .references
        .iter()
        .filter_map(|reference| match &reference.kind {
            Kind::Use(name) | Kind::Reexport(name) if reference.segments.len() > 1 => {
                Some(name.as_str())
            }
            _ => None,
        });
    imports.collect()
}

impl Tree {
    pub(super) fn resolve(
        &self,
        file: &File,
        bound: &HashSet<&str>,
        reference: &Reference,
    ) -> Target {
        let around = [&file.module[..], &reference.within[..]].concat();
        let mut rest = &reference.segments[..];
        let Some(first) = rest.first() else {
            return Target::Bound;
        };
        let mut module = match first.as_str() {
            _ if reference.global => return Target::Crate(first.clone()),
            "crate" => Vec::new(),
            "self" | "super" => around,
            "Self" => return Target::Bound,
            name if self
                .modules
                .contains_key(&[&around[..], &[name.to_owned()]].concat()) =>
            {
                around
            }
            name if reference.kind == Kind::Path && bound.contains(name) => return Target::Bound,
            name => return Target::Crate(name.to_owned()),
        };
        while let Some(step) = rest.first() {
            match step.as_str() {
                "crate" | "self" => {}
                "super" => {
                    module.pop();
                }
                _ => break,
            }
            rest = &rest[1..];
        }
        while let Some(step) = rest.first() {
            let deeper = [&module[..], std::slice::from_ref(step)].concat();
            if !self.modules.contains_key(&deeper) {
                break;
            }
            module = deeper;
            rest = &rest[1..];
        }
        let name = rest.first().cloned();
        Target::Here { module, name }
    }

    /// The module that defines what `module` calls `name`, and what it is called there.
    pub(super) fn origin(&self, module: &[String], name: &str) -> (Vec<String>, String) {
        let (mut module, mut name) = (module.to_vec(), name.to_owned());
        let mut seen = HashSet::new();
        while seen.insert((module.clone(), name.clone())) {
            let Some((next, named)) = self.passed_on(&module, &name) else {
                break;
            };
            (module, name) = (next, named);
        }
        (module, name)
    }

    fn passed_on(&self, module: &[String], name: &str) -> Option<(Vec<String>, String)> {
        let file = &self.files[*self.modules.get(module)?];
        let bound = bound(file);
        let within = &module[file.module.len()..];
        let passes = |reference: &&Reference| {
            reference.within == within && reference.kind == Kind::Reexport(name.to_owned())
        };
        let reference = file.references.iter().find(passes)?;
        match self.resolve(file, &bound, reference) {
            Target::Here {
                module,
                name: Some(name),
            } => Some((module, name)),
            _ => None,
        }
    }
}
