//! What values of public types say of themselves.

use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display, Write as _};

use tests::canary::{assert_unheard, with_sources};

/// What was said, and by which types.
#[derive(Default)]
pub(crate) struct Said {
    text: String,
    by_debug: BTreeSet<String>,
    by_display: BTreeSet<String>,
}

impl Said {
    /// Has `value` say itself for those who debug.
    pub(crate) fn debug<T: Debug>(&mut self, value: &T) {
        let of = type_name::<T>();
        self.by_debug.insert(plain(of));
        writeln!(self.text, "{of}: {value:?} {value:#?}").unwrap();
    }

    /// Has `value` say itself for users as well.
    pub(crate) fn display<T: Debug + Display>(&mut self, value: &T) {
        self.debug(value);
        self.by_display.insert(plain(type_name::<T>()));
        writeln!(self.text, "{value} {value:#}").unwrap();
    }

    /// Has `error` and all it came from say themselves.
    pub(crate) fn error<E: Error + 'static>(&mut self, error: &E) {
        self.display(error);
        writeln!(self.text, "{}", with_sources(error)).unwrap();
    }

    /// Has the error of `answer` say itself.
    #[track_caller]
    pub(crate) fn failure<T, E: Error + 'static>(&mut self, answer: Result<T, E>) {
        match answer {
            Ok(_) => panic!("this is to fail"),
            Err(error) => self.error(&error),
        }
    }

    /// What was said in another way.
    pub(crate) fn note(&mut self, what: &str, text: &str) {
        writeln!(self.text, "{what}: {text}").unwrap();
    }

    /// What was said elsewhere.
    pub(crate) fn and(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.by_debug.extend(other.by_debug);
        self.by_display.extend(other.by_display);
    }

    /// Holds that nothing that must not be said was.
    #[track_caller]
    pub(crate) fn assert_unheard(&self) {
        assert_unheard("a public type or an answer", &self.text);
    }

    /// The paths of the types that said something by `Debug`, and those by `Display`.
    pub(crate) fn by(&self) -> (&BTreeSet<String>, &BTreeSet<String>) {
        (&self.by_debug, &self.by_display)
    }
}

/// The path of a type without what it is made of.
fn plain(name: &str) -> String {
    name.split('<').next().unwrap_or(name).to_owned()
}
