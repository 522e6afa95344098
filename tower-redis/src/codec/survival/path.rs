//! Where in a value something is.

use std::fmt;

/// How long a name may be that is shown.
const LONGEST: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A field or a variant; or an entry of a map, whose keys may look the same.
    Name(String),
    /// A place in a list.
    Item(usize),
    /// An entry of a map or a set. What it is called is a part of the value.
    Entry,
}

impl Step {
    /// The step to what `name` names: not shown unless it is what a field may be called.
    pub(super) fn to(name: &str) -> Self {
        let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.chars().all(is_plain) && (1..=LONGEST).contains(&name.len()) {
            Self::Name(name.to_owned())
        } else {
            Self::Entry
        }
    }
}

/// The way from a value to a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Path(pub(super) Vec<Step>);

impl Path {
    /// The same, seen from what is around it.
    pub(super) fn behind(mut self, step: Step) -> Self {
        self.0.insert(0, step);
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if at == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Item(item) => write!(f, "[{item}]")?,
                Step::Entry => f.write_str("[entry]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_as_it_would_be_written() {
        let steps = ["quotes", "a b", "", "ada@example.org", "price"].map(Step::to);
        let path = Path(steps.to_vec()).behind(Step::Item(3));
        assert_eq!(path.to_string(), "[3].quotes[entry][entry][entry].price");
        assert_eq!(Path(vec![Step::to("a"), Step::to("b")]).to_string(), "a.b");
        assert_eq!(Step::to(&"a".repeat(LONGEST + 1)), Step::Entry);
    }
}
