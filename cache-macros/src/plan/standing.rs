//! What an attribute is not shown and the source file says: whether the function stands in an `impl`, and what
//! else has the name of its companions.
//!
//! It only makes a better message of what the compiler would refuse anyway. Where the file cannot be read, or
//! holds the function as something else, nothing is said.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, File, ImplItem, Item, ItemFn, Signature, Stmt};

use crate::problems::Problems;

/// Tells what is wrong with companions of a free function in a type called `home`.
pub(super) fn check(item: &ItemFn, home: &Ident, problems: &mut Problems) {
    if let Some(file) = file(item) {
        check_in(&file, item, home, problems);
    }
}

fn check_in(file: &File, item: &ItemFn, home: &Ident, problems: &mut Problems) {
    let mut found = Found::new(item, home);
    found.visit_file(file);
    let name = &item.sig.ident;
    match (found.free, found.of_a_type, found.of_a_trait) {
        (0, 1.., 0) => problems.at(
            name.span(),
            format!(
                "`{name}` says neither `self` nor `Self`, so this attribute takes it for a function outside of the \
                 `impl` that it stands in; write `companion = Self::{name}` for companions beside it, or `companion = none`"
            ),
        ),
        (0, 0, 1..) => problems.at(
            name.span(),
            format!(
                "`{name}` says neither `self` nor `Self`, so this attribute takes it for a function outside of the \
                 trait that it belongs to, which takes no companions; write `companion = none`"
            ),
        ),
        (1.., 0, 0) => {
            if let Some(kind) = found.taken {
                problems.at(
                    home.span(),
                    format!(
                        "the companions of `{name}` are functions of a type called `{home}`, and beside it stands a \
                         {kind} of that name; write `companion = other_name`, or `companion = none`"
                    ),
                );
            }
        }
        _ => {}
    }
}

/// The file that `item` stands in, where it may say something of interest.
fn file(item: &ItemFn) -> Option<File> {
    if !proc_macro::is_available() {
        return None;
    }
    let first = item.to_token_stream().into_iter().next()?;
    let span = Span::unwrap(first.span());
    let text = std::fs::read_to_string(span.local_file()?).ok()?;
    // nothing that begins a line of its file is in an `impl`
    let indented = span.column() > 1;
    let declared = |kind: &str| {
        let declared = format!("{kind} {}", item.sig.ident);
        text.contains(&declared)
    };
    let of_interest = indented || KINDS.into_iter().any(declared);
    of_interest.then(|| syn::parse_file(&text).ok()).flatten()
}

/// What has its name where types have theirs.
const KINDS: [&str; 6] = ["mod", "struct", "enum", "union", "type", "trait"];

/// What was found in the file.
struct Found<'a> {
    item: &'a ItemFn,
    home: &'a Ident,
    /// How often the function stands there by itself, in an `impl` of a type and in a trait or an `impl` of one.
    free: usize,
    of_a_type: usize,
    of_a_trait: usize,
    /// What has the name of the companions, where the function stands by itself.
    taken: Option<&'static str>,
}

impl<'a> Found<'a> {
    fn new(item: &'a ItemFn, home: &'a Ident) -> Self {
        Self {
            item,
            home,
            free: 0,
            of_a_type: 0,
            of_a_trait: 0,
            taken: None,
        }
    }

    fn is(&self, sig: &Signature, block: &Block) -> bool {
        *sig == self.item.sig && *block == *self.item.block
    }

    fn scope<'i>(&mut self, items: impl Iterator<Item = &'i Item> + Clone) {
        let same = |item: &&Item| matches!(item, Item::Fn(item) if self.is(&item.sig, &item.block));
        let here = items.clone().filter(same).count();
        self.free += here;
        if here > 0 {
            let mut named = items.filter_map(named);
            let taken = named.find(|(name, _)| *name == self.home);
            self.taken = self.taken.or(taken.map(|(_, kind)| kind));
        }
    }
}

impl<'ast> Visit<'ast> for Found<'_> {
    fn visit_file(&mut self, file: &'ast File) {
        self.scope(file.items.iter());
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if let Some((_, items)) = &module.content {
            self.scope(items.iter());
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.scope(block.stmts.iter().filter_map(|statement| match statement {
            Stmt::Item(item) => Some(item),
            _ => None,
        }));
        visit::visit_block(self, block);
    }

    fn visit_item_impl(&mut self, block: &'ast syn::ItemImpl) {
        let same = |item: &&ImplItem| matches!(item, ImplItem::Fn(item) if self.is(&item.sig, &item.block));
        let here = block.items.iter().filter(same).count();
        if block.trait_.is_some() {
            self.of_a_trait += here;
        } else {
            self.of_a_type += here;
        }
        visit::visit_item_impl(self, block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        let body = item.default.as_ref();
        self.of_a_trait += usize::from(body.is_some_and(|body| self.is(&item.sig, body)));
        visit::visit_trait_item_fn(self, item);
    }
}

/// The name of `item` and what it is, where it has one that a type could have, whatever the build.
fn named(item: &Item) -> Option<(&Ident, &'static str)> {
    let (attrs, name, kind): (&[Attribute], _, _) = match item {
        Item::Mod(item) => (&item.attrs, &item.ident, "module"),
        Item::Struct(item) => (&item.attrs, &item.ident, "struct"),
        Item::Enum(item) => (&item.attrs, &item.ident, "enum"),
        Item::Union(item) => (&item.attrs, &item.ident, "union"),
        Item::Type(item) => (&item.attrs, &item.ident, "type"),
        Item::Trait(item) => (&item.attrs, &item.ident, "trait"),
        _ => return None,
    };
    let always = !attrs.iter().any(|attr| attr.path().is_ident("cfg"));
    always.then_some((name, kind))
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use syn::parse_quote;

    use crate::problems::collect;

    use super::*;

    /// What is said of a function `price` where `file` is around it.
    fn said(file: proc_macro2::TokenStream) -> String {
        let item: ItemFn = parse_quote!(
            fn price(id: u64) -> u64 {
                id
            }
        );
        let file: File = syn::parse2(file).unwrap();
        let said = collect(|problems| check_in(&file, &item, &parse_quote!(price), problems));
        said.map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn where_it_stands_is_told() {
        let price = quote!(
            #[cached]
            pub fn price(id: u64) -> u64 {
                id
            }
        );
        assert_eq!(said(price.clone()), "");
        assert!(said(quote!(impl Shop { #price })).contains("companion = Self::price"));
        assert!(said(quote!(impl Prices for Shop { #price })).contains("belongs to"));
        assert!(
            said(quote!(
                trait Prices {
                    #[cached]
                    fn price(id: u64) -> u64 {
                        id
                    }
                }
            ))
            .contains("belongs to")
        );
        assert_eq!(said(quote!(impl Shop { fn other() { #price } })), "");
    }

    #[test]
    fn nothing_is_said_where_it_could_be_either() {
        let price = quote!(
            #[cached]
            pub fn price(id: u64) -> u64 {
                id
            }
        );
        assert_eq!(said(quote!(impl Shop { #price } #price)), "");
        assert_eq!(
            said(quote!(
                fn other() {}
            )),
            ""
        );
    }

    #[test]
    fn what_has_the_name_is_told() {
        let price = quote!(
            #[cached]
            pub fn price(id: u64) -> u64 {
                id
            }
        );
        assert!(said(quote!(mod price {} #price)).contains("a module of that name"));
        assert!(said(quote!(mod shop { struct price; #price })).contains("a struct of that name"));
        assert_eq!(said(quote!(mod shop { mod price {} } #price)), "");
        assert_eq!(said(quote!(#[cfg(any())] mod price {} #price)), "");
    }
}
