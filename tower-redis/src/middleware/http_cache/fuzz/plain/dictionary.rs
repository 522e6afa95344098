//! Dictionaries (RFC 9651 section 4.2.2).

use super::list::{Argument, Said};

/// Its members; of a name that comes twice the last. Those that are `?0` are left out, and only whole numbers that
/// are not below zero count as seconds. `None` when it cannot be read. The second tells whether there was a member.
pub(crate) fn read(text: &[u8]) -> Option<(Vec<Said>, bool)> {
    let text: Vec<char> = text.iter().map(|byte| char::from(*byte)).collect();
    let mut reader = Reader(&text);
    reader.skip(&[' ']);
    let mut all: Vec<(String, Value)> = Vec::new();
    while !reader.0.is_empty() {
        let name = reader.key()?;
        let value = if reader.take('=') {
            reader.member()?
        } else {
            Value::True
        };
        reader.parameters()?;
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        reader.skip(&[' ', '\t']);
        if reader.0.is_empty() {
            break;
        }
        if !reader.take(',') {
            return None;
        }
        reader.skip(&[' ', '\t']);
        if reader.0.is_empty() {
            return None;
        }
    }
    let any = !reader.0.is_empty() || !all.is_empty();
    let said = all.into_iter().filter_map(|(name, value)| {
        let argument = match value {
            Value::True => Argument::Absent,
            Value::False => return None,
            Value::Whole(seconds) => Argument::Seconds(seconds),
            Value::Other => Argument::Other,
        };
        Some(Said { name, argument })
    });
    Some((said.collect(), any))
}

#[derive(Debug, Clone, Copy)]
enum Value {
    True,
    False,
    Whole(u64),
    Other,
}

struct Reader<'a>(&'a [char]);

impl Reader<'_> {
    fn skip(&mut self, these: &[char]) {
        while self.0.first().is_some_and(|first| these.contains(first)) {
            self.0 = &self.0[1..];
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        let there = self.0.first() == Some(&wanted);
        if there {
            self.0 = &self.0[1..];
        }
        there
    }

    fn next(&mut self) -> Option<char> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn while_is(&mut self, wanted: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(first) = self.0.first().copied().filter(|first| wanted(*first)) {
            taken.push(first);
            self.0 = &self.0[1..];
        }
        taken
    }

    /// Section 4.2.3.3.
    fn key(&mut self) -> Option<String> {
        let key = self.while_is(|next| {
            next.is_ascii_lowercase() || next.is_ascii_digit() || "_-.*".contains(next)
        });
        let starts = |first: char| first.is_ascii_lowercase() || first == '*';
        key.starts_with(starts).then_some(key)
    }

    /// An item or an inner list, without its parameters.
    fn member(&mut self) -> Option<Value> {
        if !self.take('(') {
            return self.bare();
        }
        loop {
            self.skip(&[' ']);
            if self.take(')') {
                return Some(Value::Other);
            }
            self.bare()?;
            self.parameters()?;
            if !matches!(self.0.first()?, ' ' | ')') {
                return None;
            }
        }
    }

    /// Section 4.2.3.2.
    fn parameters(&mut self) -> Option<()> {
        while self.take(';') {
            self.skip(&[' ']);
            self.key()?;
            if self.take('=') {
                self.bare()?;
            }
        }
        Some(())
    }

    /// Section 4.2.3.1.
    fn bare(&mut self) -> Option<Value> {
        match *self.0.first()? {
            '-' | '0'..='9' => self.number(),
            '"' => self.string(),
            ':' => self.bytes(),
            '?' => self.boolean(),
            '%' => self.display(),
            '@' => {
                self.next();
                // a date is a whole number
                let before = self.0;
                self.number()?;
                let taken = &before[..before.len() - self.0.len()];
                (!taken.contains(&'.')).then_some(Value::Other)
            }
            first if first.is_ascii_alphabetic() || first == '*' => {
                self.while_is(|next| {
                    next.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~:/".contains(next)
                });
                Some(Value::Other)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Value> {
        let negative = self.take('-');
        let whole = self.while_is(|next| next.is_ascii_digit());
        if whole.is_empty() {
            return None;
        }
        if self.take('.') {
            let part = self.while_is(|next| next.is_ascii_digit());
            let valid = whole.len() <= 12 && (1..=3).contains(&part.len());
            return valid.then_some(Value::Other);
        }
        let value: u64 = whole.parse().ok().filter(|_| whole.len() <= 15)?;
        Some(if negative && value > 0 {
            Value::Other
        } else {
            Value::Whole(value)
        })
    }

    fn string(&mut self) -> Option<Value> {
        self.next();
        loop {
            match self.next()? {
                '"' => return Some(Value::Other),
                '\\' if !matches!(self.next()?, '"' | '\\') => return None,
                '\\' | ' '..='~' => {}
                _ => return None,
            }
        }
    }

    fn boolean(&mut self) -> Option<Value> {
        self.next();
        match self.next()? {
            '1' => Some(Value::True),
            '0' => Some(Value::False),
            _ => None,
        }
    }

    /// Bytes in base 64. "Parsers SHOULD NOT fail when "=" padding is not present" (section 4.2.7), or half of it.
    fn bytes(&mut self) -> Option<Value> {
        self.next();
        let text = self.while_is(|next| next != ':');
        let digits = text.trim_end_matches('=');
        let padding = text.len() - digits.len();
        let valid = digits
            .chars()
            .all(|digit| digit.is_ascii_alphanumeric() || "+/".contains(digit));
        let whole = match digits.len() % 4 {
            0 => padding == 0,
            2 => padding <= 2,
            3 => padding <= 1,
            _ => false,
        };
        (self.take(':') && valid && whole).then_some(Value::Other)
    }

    /// Section 4.2.10.
    fn display(&mut self) -> Option<Value> {
        self.next();
        if !self.take('"') {
            return None;
        }
        let mut bytes = Vec::new();
        loop {
            match self.next()? {
                '"' => return String::from_utf8(bytes).ok().map(|_| Value::Other),
                '%' => {
                    let pair = [self.next()?, self.next()?];
                    let digit = |digit: char| {
                        let lower = !digit.is_ascii_uppercase();
                        digit.to_digit(16).filter(|_| lower)
                    };
                    let byte = digit(pair[0])? * 16 + digit(pair[1])?;
                    bytes.push(u8::try_from(byte).ok()?);
                }
                other @ ' '..='~' => bytes.push(u8::try_from(other).ok()?),
                _ => return None,
            }
        }
    }
}
