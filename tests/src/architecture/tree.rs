//! The files of a crate, parsed, and the modules they make up.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use super::reference::{self, Reference};

pub(super) struct Tree {
    pub(super) files: Vec<File>,
    /// Every module, by path from the root, and the file it is in.
    pub(super) modules: HashMap<Vec<String>, usize>,
}

pub(super) struct File {
    /// Below the root of the sources, with `/`.
    pub(super) path: String,
    /// How messages call it.
    pub(super) shown: String,
    pub(super) text: String,
    pub(super) ast: syn::File,
    pub(super) module: Vec<String>,
    pub(super) facade: bool,
    /// The file as a whole is compiled for tests only.
    pub(super) test: bool,
    pub(super) references: Vec<Reference>,
}

impl File {
    /// Its name without `.rs`.
    pub(super) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".rs").unwrap_or(name)
    }

    /// Its folder below the root: empty, or ending in `/`.
    pub(super) fn folder(&self) -> &str {
        self.path
            .rfind('/')
            .map_or("", |slash| &self.path[..=slash])
    }
}

impl Tree {
    /// Reads every `.rs` file below `root`.
    pub(super) fn read(root: &Path) -> Result<Self, String> {
        let shown = |what: &Path| what.display().to_string();
        let mut paths = Vec::new();
        collect(root, &mut paths)
            .map_err(|error| format!("cannot read {}: {error}", shown(root)))?;
        if paths.is_empty() {
            return Err(format!(
                "no .rs file below {}: nothing was checked",
                shown(root)
            ));
        }
        paths.sort();
        let called = root.parent().and_then(Path::file_name).unwrap_or_default();
        let called = format!("{}/src", called.to_string_lossy());
        let files = paths.iter().map(|path| {
            let text = fs::read_to_string(path)
                .map_err(|error| format!("cannot read {}: {error}", shown(path)))?;
            let below = path.strip_prefix(root).unwrap_or(path);
            let below = below.to_string_lossy().replace('\\', "/");
            File::parse(below, &called, text)
        });
        let mut files = files.collect::<Result<Vec<_>, _>>()?;
        mark_tests(&mut files);
        let modules = modules(&files);
        Ok(Self { files, modules })
    }
}

impl File {
    fn parse(path: String, called: &str, text: String) -> Result<Self, String> {
        let shown = format!("{called}/{path}");
        let ast = syn::parse_file(&text).map_err(|error| {
            let line = error.span().start().line;
            format!("{shown}:{line}: cannot be parsed: {error}")
        })?;
        let mut module: Vec<String> = path
            .trim_end_matches(".rs")
            .split('/')
            .map(Into::into)
            .collect();
        let facade = matches!(module.last().map(String::as_str), Some("mod" | "lib"));
        if facade {
            module.pop();
        }
        Ok(Self {
            references: reference::all(&ast),
            test: false,
            path,
            shown,
            text,
            ast,
            module,
            facade,
        })
    }
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
    Ok(())
}

// `#[cfg(test)] mod laws;` makes a test of the file and of all below it
fn mark_tests(files: &mut [File]) {
    let declared: HashSet<Vec<String>> = files
        .iter()
        .flat_map(|file| {
            let items = file.ast.items.iter();
            items.filter_map(|item| match item {
                syn::Item::Mod(module) if reference::is_test(&module.attrs) => {
                    let name = module.ident.to_string();
                    Some([&file.module[..], &[name]].concat())
                }
                _ => None,
            })
        })
        .collect();
    for file in files {
        file.test = (1..=file.module.len()).any(|n| declared.contains(&file.module[..n]));
    }
}

fn modules(files: &[File]) -> HashMap<Vec<String>, usize> {
    let mut modules = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        modules.insert(file.module.clone(), at);
        inline(&file.ast.items, &file.module, at, &mut modules);
    }
    modules
}

fn inline(
    items: &[syn::Item],
    parent: &[String],
    file: usize,
    modules: &mut HashMap<Vec<String>, usize>,
) {
    for item in items {
        if let syn::Item::Mod(module) = item
            && let Some((_, items)) = &module.content
        {
            let path = [parent, &[module.ident.to_string()]].concat();
            inline(items, &path, file, modules);
            modules.insert(path, file);
        }
    }
}
