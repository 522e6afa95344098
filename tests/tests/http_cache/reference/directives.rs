//! `Cache-Control`, RFC 9111 section 5.2, and what takes its place (RFC 9213).

use super::dictionary;
use crate::history::Options;
use crate::message::Fields;

/// Names in lower case, with what is said behind `=`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directives {
    pub(crate) all: Vec<(String, Option<String>)>,
    /// Whether they come from a targeted field.
    pub(crate) targeted: bool,
}

/// A number of seconds that a directive may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seconds {
    Absent,
    Invalid,
    Are(u64),
}

impl Directives {
    /// Those of all lines of a `Cache-Control`.
    pub(crate) fn read(lines: &[&str]) -> Self {
        let elements = lines.iter().flat_map(|line| elements(line));
        let all = elements.filter_map(|element| {
            let (name, argument) = match element.split_once('=') {
                Some((name, argument)) => (name, Some(unquoted(argument))),
                None => (&*element, None),
            };
            (!name.is_empty()).then(|| (name.to_ascii_lowercase(), argument))
        });
        Self {
            all: all.collect(),
            ..Self::default()
        }
    }

    /// Those a response has for this cache.
    pub(crate) fn of_response(fields: &Fields, options: &Options) -> Self {
        let own = vec!["cdn-cache-control".to_owned()];
        for target in options.targets.as_ref().unwrap_or(&own) {
            let text = fields.combined(target).unwrap_or_default();
            if let Some(all) = dictionary::read(&text).filter(|all| !all.is_empty()) {
                let all = all
                    .into_iter()
                    .filter(|(_, value)| value.as_deref() != Some("?0"));
                return Self {
                    all: all.collect(),
                    targeted: true,
                };
            }
        }
        let lines = fields.lines("cache-control");
        let mut directives = Self::read(&lines);
        for element in lines.iter().flat_map(|line| elements(line)) {
            directives.all.extend(meant(&element));
        }
        directives
    }

    /// Those a request has, without what is not honoured.
    pub(crate) fn of_request(fields: &Fields, options: &Options) -> Self {
        // section 5.4
        let said = ["cache-control", "pragma"]
            .into_iter()
            .find(|name| fields.has(name));
        let mut directives = Self::read(&fields.lines(said.unwrap_or("cache-control")));
        if !fields.has("cache-control") {
            directives.all.retain(|(name, _)| name == "no-cache");
        }
        let ignored = &options.ignored;
        directives
            .all
            .retain(|(name, _)| !ignored.contains(&name.as_str()));
        directives
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn seconds(&self, name: &str) -> Seconds {
        let said = self.all.iter().filter(|(known, _)| known == name);
        let said: Vec<_> = said
            .map(|(_, argument)| argument.as_deref().and_then(delta))
            .collect();
        match said.first() {
            None => Seconds::Absent,
            Some(Some(first)) if said.iter().all(|other| *other == Some(*first)) => {
                Seconds::Are(*first)
            }
            Some(_) => Seconds::Invalid,
        }
    }
}

impl Directives {
    /// The numbers a request says, without what is none.
    fn said(&self, name: &str) -> impl Iterator<Item = u64> {
        let said = self.all.iter().filter(move |(known, _)| known == name);
        said.filter_map(|(_, argument)| delta(argument.as_deref()?))
    }

    /// Of several the one that demands most (section 4.2.1).
    pub(crate) fn least(&self, name: &str) -> Option<u64> {
        self.said(name).min()
    }

    pub(crate) fn most(&self, name: &str) -> Option<u64> {
        self.said(name).max()
    }

    /// How stale something may be; without a number as stale as it likes.
    pub(crate) fn max_stale(&self) -> Option<u64> {
        let any = (String::from("max-stale"), None);
        self.least("max-stale")
            .or_else(|| self.all.contains(&any).then_some(u64::MAX))
    }

    /// Whether a directive is there that has no argument.
    pub(crate) fn has_plain(&self, name: &str) -> bool {
        self.all.contains(&(name.to_owned(), None))
    }
}

/// What somebody meant to forbid who wrote no directive: by section 5.2 one is a token, and a token or a quoted string
/// behind `=`.
fn meant(element: &str) -> Vec<(String, Option<String>)> {
    let (name, argument) = match element.split_once('=') {
        Some((name, argument)) => (name, Some(argument)),
        None => (element, None),
    };
    let is_quoted = |text: &str| text.starts_with('"') && text.len() > 1 && ends(&text[1..]);
    let fits = |text: &str| is_token(text) || is_quoted(text);
    if is_token(name) && argument.is_none_or(fits) {
        return Vec::new();
    }
    let words = element.split(|letter| !is_letter(letter));
    let words = words.map(str::to_ascii_lowercase);
    let forbidding = ["private", "no-store", "no-cache"];
    words
        .filter(|word| forbidding.contains(&&**word))
        .map(|word| (word, None))
        .collect()
}

fn is_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter)
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_letter)
}

/// Whether the only quote that counts is the last character.
fn ends(behind: &str) -> bool {
    let mut escaped = false;
    let closing = behind.char_indices().find(|(_, character)| {
        let closes = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        closes
    });
    closing.is_some_and(|(at, _)| at + 1 == behind.len())
}

/// Delta-seconds, RFC 9111 section 1.2.2: what is too large for a number is the largest.
pub(crate) fn delta(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

/// The elements of a list (RFC 9110 section 5.6.1): a comma within quotes does not part them.
pub(crate) fn elements(text: &str) -> Vec<String> {
    let (mut all, mut now) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        if character == ',' && !quoted {
            all.push(std::mem::take(&mut now));
            continue;
        }
        if character == '"' && !escaped {
            quoted = !quoted && closes(&text[at + 1..]);
        }
        escaped = quoted && character == '\\' && !escaped;
        now.push(character);
    }
    all.push(now);
    let all = all
        .iter()
        .map(|element| element.trim_matches([' ', '\t']).to_owned());
    all.filter(|element| !element.is_empty()).collect()
}

/// Whether a quote ends in what stands behind it; one that does not quotes nothing.
fn closes(behind: &str) -> bool {
    let mut escaped = false;
    behind.chars().any(|character| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes
    })
}

/// What stands between quotes (RFC 9110 section 5.6.4), or a token as it is.
fn unquoted(text: &str) -> String {
    let inner = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let Some(inner) = inner else {
        return text.to_owned();
    };
    let mut plain = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => plain.push(characters.next().unwrap_or('\\')),
            character => plain.push(character),
        }
    }
    plain
}
