//! Where two values differ, by what `{:#?}` says of them: it shows what `serde` skips.

use std::fmt::Debug;
use std::iter::Peekable;

use super::path::{Path, Step};

/// Where `ours` and `theirs` look different; `None` when they look the same.
pub(super) fn difference(ours: &impl Debug, theirs: &impl Debug) -> Option<Path> {
    let [ours, theirs] = [format!("{ours:#?}"), format!("{theirs:#?}")];
    let [ours, theirs] = [Node::read(&ours), Node::read(&theirs)];
    ours.difference(&theirs)
}

/// A line, and what is indented below it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Node<'a> {
    line: &'a str,
    below: Vec<Self>,
}

/// What a line has below it.
#[derive(PartialEq, Eq)]
enum Kind {
    Fields,
    Items,
    /// The places of a tuple.
    Places,
    /// What an `Option` or a `Result` holds, to which no step leads.
    Held,
    /// Entries of a map or a set, in any order.
    Entries,
}

impl<'a> Node<'a> {
    fn read(text: &'a str) -> Self {
        let mut lines = text.lines().peekable();
        let line = lines.next().unwrap_or_default();
        Self::with_what_is_below(line, &mut lines)
    }

    fn with_what_is_below<I>(line: &'a str, lines: &mut Peekable<I>) -> Self
    where
        I: Iterator<Item = &'a str>,
    {
        let depth = indentation(line);
        let mut node = Self {
            line: line.trim_start(),
            below: Vec::new(),
        };
        while let Some(next) = lines.next_if(|next| indentation(next) > depth) {
            node.below.push(Self::with_what_is_below(next, lines));
        }
        // what closes it
        lines.next_if(|next| {
            let closes = next.trim_start().starts_with(['}', ')', ']']);
            closes && indentation(next) == depth && !node.below.is_empty()
        });
        if node.kind() == Kind::Entries {
            node.below.sort();
        }
        node
    }

    fn kind(&self) -> Kind {
        let what = match self.field() {
            Some(field) => self.line.get(field.len() + 2..).unwrap_or_default(),
            None => self.line,
        };
        match what {
            "{" => Kind::Entries,
            "Some(" | "Ok(" | "Err(" => Kind::Held,
            _ if what.ends_with('(') => Kind::Places,
            _ if what.ends_with('[') => Kind::Items,
            _ => Kind::Fields,
        }
    }

    /// The name before the value.
    fn field(&self) -> Option<&'a str> {
        let (name, _) = self.line.split_once(": ")?;
        let is_plain = |c: char| c.is_alphanumeric() || c == '_';
        name.chars().all(is_plain).then_some(name)
    }

    fn difference(&self, other: &Self) -> Option<Path> {
        if self.line != other.line || self.below.len() != other.below.len() {
            return Some(Path::default());
        }
        let kind = self.kind();
        let mut pairs = self.below.iter().zip(&other.below).enumerate();
        pairs.find_map(|(at, (ours, theirs))| {
            let path = ours.difference(theirs)?;
            Some(match (&kind, ours.field()) {
                (Kind::Held, _) => path,
                (Kind::Fields, Some(field)) => path.behind(Step::to(field)),
                (Kind::Places, _) => path.behind(Step::Name(at.to_string())),
                (Kind::Items, _) => path.behind(Step::Item(at)),
                (Kind::Entries | Kind::Fields, _) => path.behind(Step::Entry),
            })
        })
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use super::*;

    #[derive(Debug, Clone, Default)]
    struct Quote {
        cents: Option<u64>,
        sources: Vec<(String, f64)>,
        notes: BTreeMap<String, Vec<u8>>,
        pair: Pair,
    }

    #[derive(Debug, Clone, Default)]
    struct Pair(u8, Option<Box<Quote>>);

    fn of(quote: &Quote) -> Option<String> {
        let other = Quote {
            cents: Some(1),
            sources: vec![("a".to_owned(), 1.0), ("{\n (".to_owned(), f64::NAN)],
            notes: BTreeMap::from([("canary: [".to_owned(), vec![1])]),
            pair: Pair(1, Some(Box::default())),
        };
        let found = difference(&other, quote);
        assert_eq!(difference(&other, &other), None);
        found.map(|path| path.to_string())
    }

    #[test]
    fn the_path_leads_to_what_looks_different() {
        let same = Quote {
            cents: Some(1),
            sources: vec![("a".to_owned(), 1.0), ("{\n (".to_owned(), f64::NAN)],
            notes: BTreeMap::from([("canary: [".to_owned(), vec![1])]),
            pair: Pair(1, Some(Box::default())),
        };
        assert_eq!(of(&same), None);
        let change = |change: fn(&mut Quote)| {
            let mut other = same.clone();
            change(&mut other);
            of(&other)
        };
        let path = |path: &str| Some(path.to_owned());
        assert_eq!(change(|quote| quote.cents = None), path("cents"));
        assert_eq!(change(|quote| quote.cents = Some(2)), path("cents"));
        assert_eq!(
            change(|quote| quote.sources[1].1 = 0.0),
            path("sources[1].1")
        );
        assert_eq!(change(|quote| quote.sources.clear()), path("sources"));
        let notes = |quote: &mut Quote| quote.notes.values_mut().for_each(Vec::clear);
        assert_eq!(change(notes), path("notes[entry]"));
        assert_eq!(change(|quote| quote.pair.0 = 2), path("pair.0"));
        let deep = |quote: &mut Quote| quote.pair.1.as_mut().unwrap().cents = Some(1);
        assert_eq!(change(deep), path("pair.1.cents"));
    }

    #[test]
    fn entries_may_come_in_any_order() {
        let map = |from| -> HashMap<u32, [u32; 1]> {
            (0..20_u32).map(|at| (at, [at.pow(2) + from])).collect()
        };
        assert_eq!(difference(&map(0), &map(0)), None);
        assert_eq!(difference(&map(0), &map(1)).unwrap().0[0], Step::Entry);
    }
}
