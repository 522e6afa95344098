//! Everything that is wrong with one use of a macro, told at once.

use std::fmt::Display;

use proc_macro2::Span;

/// Collects what is wrong. It only exists inside [`collect`], so that no finding is lost.
pub(crate) struct Problems(Option<syn::Error>);

/// Runs `look`.
///
/// # Errors
/// Everything that `look` found.
pub(crate) fn collect<T>(look: impl FnOnce(&mut Problems) -> T) -> syn::Result<T> {
    let mut problems = Problems(None);
    let seen = look(&mut problems);
    problems.0.map_or(Ok(seen), Err)
}

impl Problems {
    /// Something is wrong at `span`.
    pub(crate) fn at(&mut self, span: Span, what: impl Display) {
        self.add(syn::Error::new(span, what));
    }

    /// Something is wrong with `tokens`.
    pub(crate) fn on(&mut self, tokens: impl quote::ToTokens, what: impl Display) {
        self.add(syn::Error::new_spanned(tokens, what));
    }

    /// What `found` holds, unless it is an error.
    pub(crate) fn keep<T>(&mut self, found: syn::Result<T>) -> Option<T> {
        found.map_err(|error| self.add(error)).ok()
    }

    fn add(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            none => *none = Some(error),
        }
    }
}

/// `` `a`, `b` and `c` ``.
pub(crate) fn listed<T: Display>(names: impl IntoIterator<Item = T>) -> String {
    let mut names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.pop() {
        None => "none".to_owned(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

/// The one of `known` that `name` is most likely a slip for.
pub(crate) fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let near = known.iter().map(|known| (distance(name, known), *known));
    near.filter(|(distance, known)| *distance <= known.len().min(name.len()) / 2)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Insertions, removals and replacements that lead from one to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in to.iter().enumerate() {
            let replaced = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = replaced.min(before + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_what_was_meant() {
        let known = ["ttl", "tags", "capacity"];
        assert_eq!(nearest("tll", &known), Some("ttl"));
        assert_eq!(nearest("tt", &known), Some("ttl"));
        assert_eq!(nearest("tag", &known), Some("tags"));
        assert_eq!(nearest("capasity", &known), Some("capacity"));
        assert_eq!(nearest("retries", &known), None);
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(listed::<&str>([]), "none");
        assert_eq!(listed(["a"]), "`a`");
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
    }

    #[test]
    fn every_problem_is_told() {
        let found = collect(|problems| {
            problems.at(Span::call_site(), "one");
            problems.at(Span::call_site(), "two");
        });
        let all: Vec<_> = found
            .unwrap_err()
            .into_iter()
            .map(|error| error.to_string())
            .collect();
        assert_eq!(all, ["one", "two"]);
    }
}
