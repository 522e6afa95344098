//! Options as a table: what there is, what others call it, what cannot stand beside what.

use syn::Ident;
use syn::ext::IdentExt as _;

use crate::problems::{Problems, listed, nearest};
use crate::syntax::Opt;

/// Reads one option.
pub(super) type Read<T> = fn(&mut T, Opt, &mut Problems);

/// The options of one attribute, or of one list in it.
pub(super) struct Table<T: 'static> {
    /// Every option and what it does.
    pub(super) options: &'static [(&'static str, Read<T>)],
    /// What other libraries call it.
    pub(super) elsewhere: &'static [(&'static str, &'static str)],
    /// What cannot stand beside what, and why.
    pub(super) excluding: &'static [(&'static str, &'static [&'static str], &'static str)],
}

impl<T> Table<T> {
    /// Reads `options` into `choices`.
    pub(super) fn read(&self, options: Vec<Opt>, choices: &mut T, problems: &mut Problems) {
        let mut seen: Vec<Ident> = Vec::new();
        for option in options {
            let name = option.name.unraw();
            if seen.contains(&name) {
                problems.at(
                    option.name.span(),
                    format!("`{name}` is given twice; remove one of the two"),
                );
                continue;
            }
            let known = self.options.iter().find(|(known, _)| name == known);
            match known {
                Some((_, read)) => read(choices, option, problems),
                None => self.unknown(&name, problems),
            }
            seen.push(name);
        }
        self.exclude(&seen, problems);
    }

    fn unknown(&self, name: &Ident, problems: &mut Problems) {
        let known: Vec<_> = self.options.iter().map(|(known, _)| *known).collect();
        let elsewhere = self.elsewhere.iter().find(|(theirs, _)| name == theirs);
        let meant = elsewhere.map_or_else(
            || nearest(&name.to_string(), &known),
            |(_, ours)| Some(*ours),
        );
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("the options are {}", listed(known)),
        };
        problems.at(name.span(), format!("unknown option `{name}`; {hint}"));
    }

    /// Tells of those in `given` that exclude each other.
    fn exclude(&self, given: &[Ident], problems: &mut Problems) {
        for (one, others, why) in self.excluding {
            if !given.iter().any(|name| name == one) {
                continue;
            }
            for other in given
                .iter()
                .filter(|name| others.iter().any(|other| *name == other))
            {
                problems.at(
                    other.span(),
                    format!(
                        "`{other}` and `{one}` exclude each other: {why}; remove one of the two"
                    ),
                );
            }
        }
    }
}
