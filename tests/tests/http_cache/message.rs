//! Requests and responses as a reader of the RFCs sees them: lines of text.

use std::fmt;

/// Field lines in their order; names are in lower case.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    pub(crate) fn lines(&self, name: &str) -> Vec<&str> {
        let lines = self.0.iter().filter(|(known, _)| known == name);
        lines.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        !self.lines(name).is_empty()
    }

    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.lines(name).first().copied()
    }

    /// All lines as one (RFC 9110 section 5.2).
    pub(crate) fn combined(&self, name: &str) -> Option<String> {
        self.has(name).then(|| self.lines(name).join(", "))
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name);
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.push(name, value);
    }

    /// Names in order, the lines of each as they came.
    pub(crate) fn sorted(&self) -> Self {
        let mut lines = self.0.clone();
        lines.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(lines)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in &self.0 {
            write!(f, " [{name}: {value}]")?;
        }
        Ok(())
    }
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) fields: Fields,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{:?}", self.method, self.url, self.fields)
    }
}

/// How the body of an answer comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coming {
    /// At once, so that its length is known.
    Whole,
    /// In parts.
    Streamed,
    /// It ends with an error.
    Broken,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    pub(crate) text: String,
    pub(crate) coming: Coming,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, fields) = (&self.text, &self.fields);
        write!(
            f,
            "{}{fields:?} {:.8}({}) {:?}",
            self.status,
            text,
            text.len(),
            self.coming
        )
    }
}
