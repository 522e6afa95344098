//! Every path a file names: in `use`, in code and in the arguments of macros.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree};

/// Macros whose argument is code for somebody else's crate.
const QUOTING: [&str; 4] = [
    "quote",
    "quote_spanned",
    "parse_quote",
    "parse_quote_spanned",
];

#[derive(Debug, Clone)]
pub(super) struct Reference {
    pub(super) line: usize,
    /// As written, without a leading `::`.
    pub(super) segments: Vec<String>,
    /// Written with a leading `::`.
    pub(super) global: bool,
    /// The inline modules of the file around it.
    pub(super) within: Vec<String>,
    pub(super) test: bool,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A path in code.
    Path,
    /// A `use` that binds this name: `*` for all.
    Use(String),
    /// The same, for others to import from here.
    Reexport(String),
}

impl Reference {
    pub(super) fn written(&self) -> String {
        let start = if self.global { "::" } else { "" };
        let end = match &self.kind {
            Kind::Use(name) | Kind::Reexport(name) if name == "*" => "::*",
            _ => "",
        };
        format!("{start}{}{end}", self.segments.join("::"))
    }
}

pub(super) fn all(file: &syn::File) -> Vec<Reference> {
    let mut finder = Finder::default();
    finder.visit_file(file);
    finder.found
}

/// True for what is compiled for tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.meta.require_list().is_ok_and(|list| {
                    let condition = list.tokens.to_string();
                    condition == "test" || condition.starts_with("all (test ,")
                }))
    })
}

#[derive(Default)]
struct Finder {
    found: Vec<Reference>,
    within: Vec<String>,
    test: bool,
}

impl Finder {
    fn add(&mut self, line: usize, segments: Vec<String>, global: bool, kind: Kind) {
        self.found.push(Reference {
            line,
            segments,
            global,
            within: self.within.clone(),
            test: self.test,
            kind,
        });
    }

    fn add_use(&mut self, tree: &UseTree, before: &[String], of: &syn::ItemUse) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (line, segments, name) = match tree {
            UseTree::Path(path) => return self.add_use(&path.tree, &with(&path.ident), of),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.add_use(tree, before, of);
                }
                return;
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().cloned().unwrap_or_default();
                (name.ident.span().start().line, before.to_vec(), last)
            }
            UseTree::Name(name) => (
                name.ident.span().start().line,
                with(&name.ident),
                name.ident.to_string(),
            ),
            UseTree::Rename(rename) => {
                let segments = if rename.ident == "self" {
                    before.to_vec()
                } else {
                    with(&rename.ident)
                };
                let line = rename.ident.span().start().line;
                (line, segments, rename.rename.to_string())
            }
            UseTree::Glob(glob) => (
                glob.star_token.spans[0].start().line,
                before.to_vec(),
                "*".to_owned(),
            ),
        };
        let kind = match of.vis {
            syn::Visibility::Inherited => Kind::Use(name),
            _ => Kind::Reexport(name),
        };
        self.add(line, segments, of.leading_colon.is_some(), kind);
    }

    // `a::b::c` in tokens nobody has parsed yet
    fn add_tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.add_tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let global = at >= 2 && is_colon(at - 1) && is_colon(at - 2);
                    let line = first.span().start().line;
                    let mut segments = vec![first.to_string()];
                    while is_colon(at + 1)
                        && is_colon(at + 2)
                        && let Some(TokenTree::Ident(next)) = tokens.get(at + 3)
                    {
                        segments.push(next.to_string());
                        at += 3;
                    }
                    if segments.len() > 1 {
                        self.add(line, segments, global, Kind::Path);
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item(&mut self, item: &'ast Item) {
        let before = self.test;
        self.test |= is_test(attributes(item));
        visit::visit_item(self, item);
        self.test = before;
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.within.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.within.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &[], item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(first) = path.segments.first()
            && path.segments.len() > 1
        {
            let names = path.segments.iter().map(|part| part.ident.to_string());
            let line = first.ident.span().start().line;
            self.add(
                line,
                names.collect(),
                path.leading_colon.is_some(),
                Kind::Path,
            );
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        self.visit_path(&mac.path);
        let name = mac.path.segments.last().map(|part| part.ident.to_string());
        if !name.is_some_and(|name| QUOTING.contains(&name.as_str())) {
            self.add_tokens(mac.tokens.clone());
        }
    }

    // `pub(in crate::a)` says who may see, and takes nothing from there
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    // `#[serde(..)]`, `#[expect(clippy::..)]`: tools and derives, not imports
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
