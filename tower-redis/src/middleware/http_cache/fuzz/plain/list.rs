//! Lists and directives (RFC 9110 sections 5.6.1 and 5.6.4, RFC 9111 section 5.2).

/// One directive: its name in lower case, and what it is said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) argument: Argument,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    Absent,
    Seconds(u64),
    /// Something else.
    Other,
}

/// The members of all `lines`, without the spaces around them and without those that are empty.
pub(crate) fn members(lines: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for line in lines {
        let mut member = Vec::new();
        let mut rest = &line[..];
        while let Some((first, behind)) = rest.split_first() {
            let length = if *first == b'"' { quoted(behind) } else { None };
            let (taken, behind) = match length {
                Some(length) => rest.split_at(length),
                None => rest.split_at(rest.len() - behind.len()),
            };
            rest = behind;
            if taken == b"," {
                all.push(std::mem::take(&mut member));
            } else {
                member.extend_from_slice(taken);
            }
        }
        all.push(member);
    }
    let all = all.into_iter().map(trimmed);
    all.filter(|member| !member.is_empty()).collect()
}

/// The length of the quoted string whose first quote lies before `behind`, if it ends.
fn quoted(behind: &[u8]) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in behind.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 2),
            _ => {}
        }
    }
    None
}

fn trimmed(mut text: Vec<u8>) -> Vec<u8> {
    while matches!(text.first(), Some(b' ' | b'\t')) {
        text.remove(0);
    }
    while matches!(text.last(), Some(b' ' | b'\t')) {
        text.pop();
    }
    text
}

/// The directives of all `lines`.
pub(crate) fn directives(lines: &[Vec<u8>]) -> Vec<Said> {
    let members = members(lines);
    members.iter().map(|member| directive(member)).collect()
}

fn directive(member: &[u8]) -> Said {
    let mut halves = member.splitn(2, |byte| *byte == b'=');
    let name = halves.next().unwrap_or_default().to_vec();
    let argument = match halves.next() {
        None => Argument::Absent,
        // there is no space before `=`
        Some(_) if trimmed(name.clone()).len() < name.len() => Argument::Other,
        Some(text) => seconds(&plain(text)).map_or(Argument::Other, Argument::Seconds),
    };
    let name = String::from_utf8_lossy(&trimmed(name)).to_ascii_lowercase();
    Said { name, argument }
}

/// Whether a member that is no directive has `name` in it, by itself.
pub(crate) fn is_hidden_in(lines: &[Vec<u8>], name: &str) -> bool {
    let is_odd = |member: &Vec<u8>| {
        let text = String::from_utf8_lossy(member).into_owned();
        let (name, argument) = match text.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None => (&*text, None),
        };
        !is_word(name) || argument.is_some_and(|argument| !is_word(argument) && !is_quote(member))
    };
    let members = members(lines).into_iter().filter(is_odd);
    let text = members.map(|member| String::from_utf8_lossy(&member).to_ascii_lowercase());
    text.into_iter().any(|text| {
        let mut words = text.split(|letter: char| !is_word(letter.encode_utf8(&mut [0; 4])));
        words.any(|word| word == name)
    })
}

fn is_word(text: &str) -> bool {
    const NONE: &str = "\"(),/:;<=>?@[\\]{}";
    let fits = |letter: char| letter.is_ascii_graphic() && !NONE.contains(letter);
    !text.is_empty() && text.chars().all(fits)
}

/// Whether what stands behind the first `=` is a quoted string and nothing else.
fn is_quote(member: &[u8]) -> bool {
    let mut halves = member.splitn(2, |byte| *byte == b'=');
    let argument = halves.nth(1).unwrap_or_default();
    argument.starts_with(b"\"") && quoted(&argument[1..]) == Some(argument.len())
}

/// What stands between quotes, or a token as it is.
fn plain(text: &[u8]) -> Vec<u8> {
    if text.len() < 2 || !text.starts_with(b"\"") || !text.ends_with(b"\"") {
        return text.to_vec();
    }
    let (mut plain, mut escaped) = (Vec::new(), false);
    for byte in &text[1..text.len() - 1] {
        if *byte == b'\\' && !escaped {
            escaped = true;
        } else {
            plain.push(*byte);
            escaped = false;
        }
    }
    if escaped {
        plain.push(b'\\');
    }
    plain
}

/// Delta-seconds (RFC 9111 section 1.2.2).
pub(crate) fn seconds(text: &[u8]) -> Option<u64> {
    let text = String::from_utf8(text.to_vec()).ok()?;
    let digits = !text.is_empty() && text.chars().all(|digit| digit.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}
