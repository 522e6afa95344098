//! What a function is called, from what the compiler calls a closure inside of it.
//!
//! That tells the crate, the modules, the functions around it, the type and the trait of an `impl`, and the
//! arguments of both where the code is made for them. It is the same in two builds of the same code.

use std::any::{TypeId, type_name};

/// The code of a function, as it is made for the type arguments around it.
///
/// One pointer, so that a hit that goes on to set something up has little to hand over; what it leads to is known to
/// the compiler wherever it was just made.
#[derive(Debug, Clone, Copy)]
pub struct Code(fn() -> Printed);

#[derive(Debug, Clone, Copy)]
struct Printed {
    id: TypeId,
    path: &'static str,
}

impl Code {
    /// The code around the closure `_`.
    #[must_use]
    #[inline]
    pub fn around<F>(_: F) -> Self {
        Self(|| Printed {
            id: typeid::of::<F>(),
            path: type_name::<F>(),
        })
    }

    /// Different for different type arguments, of which two may print alike.
    #[inline]
    pub(super) fn id(self) -> TypeId {
        (self.0)().id
    }

    /// As the compiler prints it.
    pub(super) fn path(self) -> &'static str {
        (self.0)().path
    }
}

/// What the attribute knows of the place of the code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The name of the function.
    pub(super) function: &'static str,
    /// How many parts of the path are of generated code, and the function itself.
    pub(super) own: usize,
    /// Whether two types may have it, with a cache each.
    pub(super) is_method: bool,
    /// The program, where the function is part of one and not of a library.
    pub(super) program: Option<&'static str>,
}

impl Place {
    /// The parts of the path of the function, which is called `name` and whose code is `printed`.
    ///
    /// A program may be called what the library beside it is called, which would then have the same paths.
    pub(super) fn parts(self, printed: &str, name: &str) -> Vec<String> {
        let mut parts = path(printed);
        parts.truncate(parts.len().saturating_sub(self.own));
        if let (Some(_), Some(first)) = (self.program, parts.first_mut()) {
            first.insert_str(0, "bin=");
        }
        parts.push(name.to_owned());
        parts
    }

    /// As Rust writes it, without type arguments.
    pub(super) fn shown(self, printed: &str) -> String {
        let mut parts = path(printed);
        parts.truncate(parts.len().saturating_sub(self.own));
        let mut plain = parts.iter().map(|part| plain(part));
        let ty: Vec<_> = plain.by_ref().take_while(|part| *part != AS).collect();
        let of_trait: Vec<_> = plain.collect();
        let (ty, function) = (ty.join("::"), self.function);
        match &of_trait[..] {
            [] => format!("{ty}::{function}"),
            parts => format!("<{ty} as {}>::{function}", parts.join("::")),
        }
    }
}

/// Stands between the parts of a type and those of the trait that it implements.
const AS: &str = "as";

/// The parts of a path as the compiler prints it, without closures.
fn path(printed: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for part in split(printed, "::") {
        let inner = part
            .strip_prefix('<')
            .and_then(|part| part.strip_suffix('>'));
        match inner {
            // `<Type as Trait>`, `<impl Trait for Type>` and `<impl Type>`, the latter two behind the module of the
            // `impl`, which tells nothing more
            Some(inner) => {
                parts.clear();
                let block = inner.strip_prefix("impl ");
                let both = match block {
                    Some(block) => pair(block, " for ").map(|(of_trait, ty)| (ty, of_trait)),
                    None => pair(inner, " as "),
                };
                match both {
                    Some((ty, of_trait)) => {
                        parts.extend(split(ty, "::"));
                        parts.push(AS);
                        parts.extend(split(of_trait, "::"));
                    }
                    None => parts.extend(split(block.unwrap_or(inner), "::")),
                }
            }
            // a closure, or an async block
            None if part.starts_with('{') => {}
            None => parts.push(part),
        }
    }
    parts.into_iter().map(nameless).collect()
}

/// `part` without the lifetimes, which not every compiler prints.
fn nameless(part: &str) -> String {
    part.replace("<'_>", "")
        .replace("'_, ", "")
        .replace("'_ ", "")
}

/// `part` without its type arguments.
fn plain(part: &str) -> &str {
    match part.find('<') {
        None | Some(0) => part,
        Some(at) => &part[..at],
    }
}

/// What stands before and after the first `between` outside of all brackets.
fn pair<'a>(text: &'a str, between: &str) -> Option<(&'a str, &'a str)> {
    let at = places(text, between).next()?;
    Some((&text[..at], &text[at + between.len()..]))
}

/// The pieces of `text` between the `between`s outside of all brackets.
fn split<'a>(text: &'a str, between: &str) -> Vec<&'a str> {
    let mut start = 0;
    let mut pieces = Vec::new();
    for at in places(text, between) {
        pieces.push(&text[start..at]);
        start = at + between.len();
    }
    pieces.push(&text[start..]);
    pieces
}

/// Where `between` stands outside of all brackets.
fn places(text: &str, between: &str) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    let mut before = 0;
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        let is_arrow = byte == b'>' && before == b'-';
        before = byte;
        match byte {
            b'<' | b'(' | b'[' | b'{' => depth += 1,
            b'>' if is_arrow => {}
            b'>' | b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && text.as_bytes()[at..].starts_with(between.as_bytes())).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(printed: &'static str, own: usize) -> (String, String) {
        let place = Place {
            function: "get",
            own,
            is_method: true,
            program: None,
        };
        (place.parts(printed, "get").join("/"), place.shown(printed))
    }

    #[test]
    fn a_path_tells_crate_functions_type_and_trait() {
        for (printed, own, key, shown) in [
            (
                "shop::quotes::get::__cache::{{closure}}",
                2,
                "shop/quotes/get",
                "shop::quotes::get",
            ),
            (
                "shop::one::{{closure}}::get::__cache::{{closure}}",
                2,
                "shop/one/get",
                "shop::one::get",
            ),
            (
                "shop::A::__get_cache::{{closure}}",
                1,
                "shop/A/get",
                "shop::A::get",
            ),
            (
                "<shop::A as shop::T1>::get::{{closure}}::{{closure}}",
                1,
                "shop/A/as/shop/T1/get",
                "<shop::A as shop::T1>::get",
            ),
            (
                "<shop::A as shop::Get<shop::W<u16>>>::get<u8>::{{closure}}",
                1,
                "shop/A/as/shop/Get<shop::W<u16>>/get",
                "<shop::A as shop::Get>::get",
            ),
            (
                "shop::o::<impl shop::Get<fn(u8) -> (u8, u8)> for alloc::vec::Vec<u8>>::get::{{closure}}",
                1,
                "alloc/vec/Vec<u8>/as/shop/Get<fn(u8) -> (u8, u8)>/get",
                "<alloc::vec::Vec as shop::Get>::get",
            ),
            (
                "shop::o::<impl shop::A>::__get_cache::{{closure}}",
                1,
                "shop/A/get",
                "shop::A::get",
            ),
            (
                "shop::L<'_>::get::{{closure}}",
                1,
                "shop/L/get",
                "shop::L::get",
            ),
            (
                "shop::W<shop::main::{{closure}}>::get::{{closure}}",
                1,
                "shop/W<shop::main::{{closure}}>/get",
                "shop::W::get",
            ),
        ] {
            assert_eq!(
                told(printed, own),
                (key.to_owned(), shown.to_owned()),
                "{printed}"
            );
        }
    }

    #[test]
    fn a_program_is_not_the_library_beside_it() {
        let place = |program| Place {
            function: "get",
            own: 2,
            is_method: false,
            program,
        };
        let code = "shop::get::__cache::{{closure}}";
        assert_eq!(place(None).parts(code, "get"), ["shop", "get"]);
        assert_eq!(place(Some("shop")).parts(code, "get"), ["bin=shop", "get"]);
    }
}
