//! What is said and the function together.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::{AttrStyle, Expr, GenericArgument, ItemFn, PathArguments, ReturnType, Type};

use crate::paths::Library;
use crate::plan::function::mentions;
use crate::plan::returns::{Runs, future};
use crate::plan::seen::{runs, seen};
use crate::plan::types::bare;
use crate::problems::Problems;
use crate::syntax::Opt;
use quote::ToTokens as _;

use super::handlers::is_response;
use super::key::{Whose, whose};
use super::options::Choices;
use super::rule::{Rule, rule};

/// A function that is limited, all decided.
pub(crate) struct Rated {
    pub(crate) item: ItemFn,
    pub(crate) runs: Runs,
    pub(crate) gives: Gives,
    pub(crate) limit: Limit,
    pub(crate) whose: Whose,
    pub(crate) cost: Option<Expr>,
    pub(crate) on_limited: Option<Expr>,
    /// Where the library is.
    pub(crate) library: Library,
}

/// Which limit it is.
pub(crate) enum Limit {
    /// One of its own, in the toolkit that is current or in this one.
    Own {
        toolkit: Option<Expr>,
        rule: Box<Rule>,
    },
    /// This one.
    Given(Expr),
}

/// What comes of a call.
pub(crate) enum Gives {
    /// A value of this type.
    Value(Type),
    /// A `Result` with this error, whose success has a type without a name.
    ResultOr(Type),
    /// Whatever is an answer of axum.
    Response,
}

/// Plans a function that is limited; `None` where what was said makes no limit.
pub(crate) fn rated(options: Vec<Opt>, mut item: ItemFn, problems: &mut Problems) -> Option<Rated> {
    for attr in &mut item.attrs {
        attr.style = AttrStyle::Outer;
    }
    if let Some(token) = &item.sig.constness {
        problems.on(
            token,
            "a `const fn` cannot be limited: nobody counts in the compiler; remove `const`",
        );
    }
    let mut choices = Choices::new(options, problems);
    let function = seen(&item);
    let whose = whose(&choices, &function, problems);
    let runs = runs(&item);
    let gives = gives(&item, &choices, problems);
    let limit = match choices.limiter.take() {
        Some(limiter) => Limit::Given(limiter),
        None => Limit::Own {
            rule: Box::new(rule(&mut choices, problems)?),
            toolkit: choices.toolkit.take(),
        },
    };
    Some(Rated {
        runs,
        gives,
        limit,
        whose,
        cost: choices.cost,
        on_limited: choices.on_limited,
        library: choices.library.map(Library::at).unwrap_or_default(),
        item,
    })
}

fn gives(item: &ItemFn, choices: &Choices, problems: &mut Problems) -> Gives {
    let name = &item.sig.ident;
    let nothing = |span: Span, problems: &mut Problems| {
        if choices.said("on_limited").is_none() {
            problems.at(
                span,
                format!(
                    "`{name}` returns nothing, so nobody would hear that a call was refused; return `Result<(), E>` \
                     where `E` is `From<RateLimited>`, or say what is done then: `on_limited = |refused| ..`"
                ),
            );
        }
        Gives::Value(Type::Verbatim(quote::quote!(())))
    };
    let ReturnType::Type(_, ty) = &item.sig.output else {
        return nothing(name.span(), problems);
    };
    let ty = match future(bare(ty)) {
        Some((_, answer)) if item.sig.asyncness.is_none() => answer,
        _ => bare(ty),
    };
    match bare(ty) {
        Type::Tuple(tuple) if tuple.elems.is_empty() => nothing(tuple.span(), problems),
        Type::Never(never) => {
            let what =
                format!("`{name}` never returns, so it could not say that a call was refused");
            problems.on(never, what);
            Gives::Value(ty.clone())
        }
        ty if is_response(ty) => Gives::Response,
        ty if !mentions(ty.to_token_stream(), "impl") => Gives::Value(ty.clone()),
        ty => match error_of(ty) {
            Some(error) => Gives::ResultOr(error.clone()),
            None => {
                if choices.said("on_limited").is_none() {
                    problems.on(
                        ty,
                        "a type without a name cannot say that a call was refused; name it, return \
                         `Result<impl .., E>` where `E` is `From<RateLimited>`, or say what is returned then: \
                         `on_limited = |refused| ..`",
                    );
                }
                Gives::Value(Type::Verbatim(quote::quote!(_)))
            }
        },
    }
}

/// `E` of a `Result<T, E>`.
fn error_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(all) = &last.arguments else {
        return None;
    };
    match (all.args.len(), all.args.last()) {
        (2, Some(GenericArgument::Type(error))) if last.ident == "Result" => Some(error),
        _ => None,
    }
}
