//! What was written, whatever it was made of.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::path::{Path, Step};

/// What any form can say.
#[derive(Clone, PartialEq)]
pub(super) enum Tree {
    Nothing,
    Flag(bool),
    Whole(i128),
    /// Bits: a NaN is itself.
    Fraction(u64),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
}

impl Tree {
    /// Where `other` is another one; `None` when it is the same. Entries of maps have no order, and a list whose
    /// items come in another order may have been a set.
    pub(super) fn difference(&self, other: &Self) -> Option<Path> {
        match (self, other) {
            (Self::List(ours), Self::List(theirs)) => {
                if ours.len() != theirs.len() || have_the_same(ours, theirs) {
                    return (ours.len() != theirs.len()).then(Path::default);
                }
                let mut pairs = ours.iter().zip(theirs).enumerate();
                pairs.find_map(|(at, (ours, theirs))| {
                    Some(ours.difference(theirs)?.behind(Step::Item(at)))
                })
            }
            (Self::Map(ours), Self::Map(theirs)) => {
                let of_ours = ours.iter().find_map(|(key, value)| {
                    let path = match get(theirs, key) {
                        Some(theirs) => value.difference(theirs)?,
                        None => Path::default(),
                    };
                    Some(path.behind(key.step()))
                });
                of_ours.or_else(|| {
                    let (key, _) = theirs.iter().find(|(key, _)| get(ours, key).is_none())?;
                    Some(Path::default().behind(key.step()))
                })
            }
            (ours, theirs) => (ours != theirs).then(Path::default),
        }
    }

    /// The step to what lies under this key.
    fn step(&self) -> Step {
        match self {
            Self::Text(name) => Step::to(name),
            _ => Step::Entry,
        }
    }
}

fn get<'a>(map: &'a [(Tree, Tree)], key: &Tree) -> Option<&'a Tree> {
    let found = map
        .iter()
        .find(|(found, _)| found.difference(key).is_none());
    found.map(|(_, value)| value)
}

fn have_the_same(ours: &[Tree], theirs: &[Tree]) -> bool {
    let mut left: Vec<_> = theirs.iter().collect();
    ours.iter().all(|item| {
        let found = left
            .iter()
            .position(|other| item.difference(other).is_none());
        found.map(|at| left.swap_remove(at)).is_some()
    })
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whatever)
    }
}

struct Whatever;

impl<'de> Visitor<'de> for Whatever {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree, E> {
        Ok(Tree::Nothing)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_i64<E: Error>(self, whole: i64) -> Result<Tree, E> {
        Ok(Tree::Whole(whole.into()))
    }

    fn visit_u64<E: Error>(self, whole: u64) -> Result<Tree, E> {
        Ok(Tree::Whole(whole.into()))
    }

    fn visit_f64<E: Error>(self, fraction: f64) -> Result<Tree, E> {
        Ok(Tree::Fraction(fraction.to_bits()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Tree, E> {
        Ok(Tree::Bytes(bytes.to_owned()))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Tree, D::Error> {
        Tree::deserialize(inner)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference(ours: &str, theirs: &str) -> Option<String> {
        let tree = |json| serde_json::from_str::<Tree>(json).unwrap();
        Some(tree(ours).difference(&tree(theirs))?.to_string())
    }

    #[test]
    fn what_differs_is_found_and_named() {
        for (ours, theirs, path) in [
            ("1", "2", ""),
            ("1", "1.0", ""),
            ("null", "false", ""),
            ("[1,2]", "[1,3]", "[1]"),
            ("[1,2]", "[1]", ""),
            (
                r#"{"a":{"b":[0,{"c":"x"}]}}"#,
                r#"{"a":{"b":[0,{"c":"y"}]}}"#,
                "a.b[1].c",
            ),
            (r#"{"a":1}"#, r#"{"a":1,"b":2}"#, "b"),
            (r#"{"a":1,"b":2}"#, r#"{"b":2}"#, "a"),
            (
                r#"{"ada@example.org":1}"#,
                r#"{"ada@example.org":2}"#,
                "[entry]",
            ),
        ] {
            assert_eq!(
                difference(ours, theirs).as_deref(),
                Some(path),
                "{ours} {theirs}"
            );
        }
    }

    #[test]
    fn what_has_no_order_may_come_in_another() {
        for (ours, theirs) in [
            (r#"{"a":1,"b":[true]}"#, r#"{"b":[true],"a":1}"#),
            (r#"[1,"a",[2,3]]"#, r#"[[3,2],1,"a"]"#),
        ] {
            assert_eq!(difference(ours, theirs), None, "{ours} {theirs}");
        }
        assert_eq!(difference("[1,1,2]", "[1,2,2]").as_deref(), Some("[1]"));
    }
}
