//! What `#[cached]` and `#[rate_limited]` write, as files in `tests/expansions` to read: for each `name.rs` a
//! `name.expanded.rs`. After a change, `EXPANSIONS=overwrite cargo test -p cache-macros --lib` writes the new
//! ones; read the difference before keeping it.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::{Attribute, File, ImplItem, Item, Meta, parse_quote};

use crate::run;

/// What an attribute makes of its tokens and its item.
type Expand = fn(TokenStream, TokenStream) -> TokenStream;

const ATTRIBUTES: [(&str, Expand); 2] =
    [("cached", run::cached), ("rate_limited", run::rate_limited)];

/// The first of ours among `attrs`, which loses it.
fn taken(attrs: &mut Vec<Attribute>) -> Option<(Expand, TokenStream)> {
    let ours = |attr: &Attribute| {
        let mut all = ATTRIBUTES.iter();
        all.find(|(name, _)| attr.path().is_ident(name))
    };
    let (at, (_, expand)) = attrs
        .iter()
        .enumerate()
        .find_map(|(at, attr)| Some((at, ours(attr)?)))?;
    match attrs.remove(at).meta {
        Meta::List(list) => Some((*expand, list.tokens)),
        _ => Some((*expand, TokenStream::new())),
    }
}

fn expanded(file: File) -> File {
    let items = file.items.into_iter().flat_map(|item| match item {
        Item::Fn(mut item) => match taken(&mut item.attrs) {
            Some((expand, attr)) => {
                let file: File = syn::parse2(expand(attr, item.into_token_stream())).unwrap();
                file.items
            }
            None => vec![Item::Fn(item)],
        },
        Item::Impl(mut block) => {
            let items = std::mem::take(&mut block.items);
            for item in items {
                let ImplItem::Fn(mut method) = item else {
                    block.items.push(item);
                    continue;
                };
                let Some((expand, attr)) = taken(&mut method.attrs) else {
                    block.items.push(ImplItem::Fn(method));
                    continue;
                };
                let methods = expand(attr, method.into_token_stream());
                let methods: syn::ItemImpl = parse_quote!(impl It { #methods });
                block.items.extend(methods.items);
            }
            vec![Item::Impl(block)]
        }
        other => vec![other],
    });
    File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: items.collect(),
    }
}

fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expansions");
    let files = fs::read_dir(folder).unwrap();
    let mut inputs: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with(".expanded.rs"))
        .collect();
    inputs.sort();
    inputs
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of this test, and no setting"
)]
fn expansions_are_what_was_read_last() {
    let overwrite = std::env::var("EXPANSIONS").is_ok_and(|what| what == "overwrite");
    let inputs = inputs();
    assert!(inputs.len() >= 5, "{} expansions", inputs.len());
    for input in inputs {
        let file = syn::parse_file(&fs::read_to_string(&input).unwrap()).unwrap();
        let found = prettyplease::unparse(&expanded(file));
        let kept = input.with_extension("expanded.rs");
        if overwrite {
            fs::write(&kept, &found).unwrap();
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        assert!(
            found == expected,
            "{} expands to something else:\n{found}",
            input.display()
        );
    }
}

#[test]
fn nothing_is_named_but_the_library() {
    let path = quote!(crate = my_kit::redis, ttl = 60, capacity = 1, tags("{id}"));
    let body = quote!(
        async fn load(id: &str, list: &[u8], of: Option<&str>) -> Option<u8> {
            body(id)
        }
    );
    let limits = quote!(
        crate = my_kit::redis,
        limit = 3,
        per = "1m",
        burst = 2,
        leases = 2,
        key = "{id}",
        shadow
    );
    for code in [
        run::cached(path, body.clone()),
        run::rate_limited(limits, body),
    ] {
        names_nothing_else(&code.to_string());
    }
}

fn names_nothing_else(code: &str) {
    assert!(code.contains("my_kit :: redis :: macro_support"), "{code}");
    for name in ["tower_redis", "std", "core", "String", "Vec", "Duration"] {
        let named = code.split_whitespace().collect::<Vec<_>>();
        let bare = named
            .windows(3)
            .any(|words| words[2] == name && words[0] != "macro_support");
        assert!(!bare, "`{name}` is named without the library: {code}");
    }
}
