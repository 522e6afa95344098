//! A dictionary of RFC 8941 (section 4.2.2), as far as the histories write any.

/// Its members, each with the text of its value: digits, what a string holds, a token, `?0`, and `None` for true.
/// Nothing if it is none. Of a name that comes twice the last counts.
pub(crate) fn read(text: &str) -> Option<Vec<(String, Option<String>)>> {
    let mut all: Vec<(String, Option<String>)> = Vec::new();
    let mut rest = text.trim_matches(' ');
    while !rest.is_empty() {
        let name = take(&mut rest, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
        });
        if !name.starts_with(|first: char| first.is_ascii_lowercase() || first == '*') {
            return None;
        }
        let value = match rest.strip_prefix('=') {
            Some(behind) => {
                rest = behind;
                value(&mut rest)?
            }
            None => None,
        };
        parameters(&mut rest)?;
        all.retain(|(known, _)| *known != name);
        all.push((name, value));
        rest = rest.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(',')?.trim_start_matches([' ', '\t']);
        if rest.is_empty() {
            return None;
        }
    }
    Some(all)
}

fn take(rest: &mut &str, wanted: impl Fn(u8) -> bool) -> String {
    let end = rest
        .bytes()
        .position(|byte| !wanted(byte))
        .unwrap_or(rest.len());
    let (taken, behind) = rest.split_at(end);
    *rest = behind;
    taken.to_owned()
}

fn parameters(rest: &mut &str) -> Option<()> {
    while let Some(behind) = rest.strip_prefix(';') {
        *rest = behind.trim_start_matches(' ');
        let name = take(rest, |byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.*".contains(&byte)
        });
        if !name.starts_with(|first: char| first.is_ascii_lowercase() || first == '*') {
            return None;
        }
        if let Some(behind) = rest.strip_prefix('=') {
            *rest = behind;
            value(rest)?;
        }
    }
    Some(())
}

/// An item without its parameters. What is neither digits nor text is told as what no directive takes.
fn value(rest: &mut &str) -> Option<Option<String>> {
    let first = rest.bytes().next()?;
    match first {
        b'"' => {
            let (mut text, mut end) = (String::new(), None);
            let mut characters = rest.char_indices().skip(1);
            while let Some((at, character)) = characters.next() {
                match character {
                    '"' => {
                        end = Some(at + 1);
                        break;
                    }
                    '\\' => match characters.next()? {
                        (_, escaped @ ('"' | '\\')) => text.push(escaped),
                        _ => return None,
                    },
                    ' '..='~' => text.push(character),
                    _ => return None,
                }
            }
            *rest = &rest[end?..];
            // no number, whatever it holds
            Some(Some(format!("{text:?}")))
        }
        b'?' => {
            let (said, behind) = (rest.get(..2)?, rest.get(2..)?);
            *rest = behind;
            match said {
                "?1" => Some(None),
                "?0" => Some(Some("?0".to_owned())),
                _ => None,
            }
        }
        b'0'..=b'9' | b'-' => {
            let sign = take(rest, |byte| byte == b'-');
            let whole = take(rest, |byte| byte.is_ascii_digit());
            if sign.len() > 1 || whole.is_empty() || whole.len() > 15 {
                return None;
            }
            if let Some(behind) = rest.strip_prefix('.') {
                *rest = behind;
                let part = take(rest, |byte| byte.is_ascii_digit());
                if whole.len() > 12 || !(1..=3).contains(&part.len()) {
                    return None;
                }
                return Some(Some(format!("{sign}{whole}.{part}")));
            }
            Some(Some(format!("{sign}{whole}")))
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'*' => Some(Some(take(rest, |byte| {
            byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte)
        }))),
        _ => None,
    }
}
