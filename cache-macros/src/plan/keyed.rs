//! `#[derive(CacheKey)]`: which parts of a type make the key.

use syn::{Attribute, Data, DeriveInput, Field, Fields, Ident, Index, Member, Path, Token, Type};

use crate::paths::Library;
use crate::problems::{Problems, listed};

use super::handles::no_field;

/// As many parts as a tuple may have that is a key.
const MOST: usize = 12;

/// A type that is a key, all decided.
pub(crate) struct Keyed {
    pub(crate) input: DeriveInput,
    pub(crate) form: Form,
    /// Where the library is.
    pub(crate) library: Library,
}

/// What is written.
pub(crate) enum Form {
    /// The only field is the key.
    Newtype(Box<Counts>),
    /// The fields as a tuple.
    Struct(Vec<Counts>),
    /// The name of the variant, and its fields behind it.
    Enum(Vec<Variant>),
}

impl Form {
    /// The fields that count, of all variants.
    pub(crate) fn counts(&self) -> Vec<&Counts> {
        match self {
            Self::Newtype(only) => vec![only],
            Self::Struct(counts) => counts.iter().collect(),
            Self::Enum(variants) => variants.iter().flat_map(|one| &one.counts).collect(),
        }
    }
}

/// A field that counts.
pub(crate) struct Counts {
    pub(crate) member: Member,
    pub(crate) ty: Type,
}

pub(crate) struct Variant {
    pub(crate) name: Ident,
    pub(crate) counts: Vec<Counts>,
}

/// Plans a type that is a key; nothing for what cannot be one.
pub(crate) fn keyed(input: DeriveInput, problems: &mut Problems) -> Option<Keyed> {
    let library = library(&input.attrs, problems);
    let form = match &input.data {
        Data::Struct(data) => {
            let mut counts = counts(&data.fields, MOST, problems);
            match counts.len() {
                1 => Form::Newtype(Box::new(counts.remove(0))),
                _ => Form::Struct(counts),
            }
        }
        Data::Enum(data) => {
            let variants = data.variants.iter().map(|variant| {
                for attr in ours(&variant.attrs) {
                    problems.on(
                        attr,
                        "a variant has no options, its name is always part of the key; a field has `#[cache_key(skip)]`",
                    );
                }
                Variant {
                    name: variant.ident.clone(),
                    counts: counts(&variant.fields, MOST - 1, problems),
                }
            });
            Form::Enum(variants.collect())
        }
        Data::Union(data) => {
            problems.on(
                data.union_token,
                "nobody knows which field of a `union` is there, so it is no key; derive it for a struct or an enum",
            );
            return None;
        }
    };
    Some(Keyed {
        input,
        form,
        library: library.map(Library::at).unwrap_or_default(),
    })
}

fn counts(fields: &Fields, most: usize, problems: &mut Problems) -> Vec<Counts> {
    let mut counts = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        if is_skipped(field, problems) {
            continue;
        }
        no_field(&field.ty, problems);
        let member = match &field.ident {
            Some(name) => Member::Named(name.clone()),
            None => Member::Unnamed(Index::from(at)),
        };
        counts.push(Counts {
            member,
            ty: field.ty.clone(),
        });
    }
    if counts.len() > most {
        problems.on(
            fields,
            format!(
                "{} fields make the key, and {most} may; leave some out with `#[cache_key(skip)]`, or put some into \
                 a struct of their own",
                counts.len()
            ),
        );
    }
    counts
}

fn is_skipped(field: &Field, problems: &mut Problems) -> bool {
    let mut skipped = false;
    for attr in ours(&field.attrs) {
        let read = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("skip") {
                skipped = true;
                return Ok(());
            }
            Err(meta.error(
                "unknown option; a field has `#[cache_key(skip)]`, which leaves it out of the key",
            ))
        });
        problems.keep(read);
    }
    skipped
}

fn library(attrs: &[Attribute], problems: &mut Problems) -> Option<Path> {
    let mut library = None;
    for attr in ours(attrs) {
        let read = attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("crate") {
                meta.input.parse::<Token![=]>()?;
                library = Some(meta.input.parse()?);
                return Ok(());
            }
            let known = listed(["crate = my_kit::tower_redis"]);
            Err(meta.error(format!(
                "unknown option; a type has {known}, and a field `skip`"
            )))
        });
        problems.keep(read);
    }
    library
}

fn ours(attrs: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cache_key"))
}
