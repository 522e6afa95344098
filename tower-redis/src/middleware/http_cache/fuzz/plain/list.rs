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
