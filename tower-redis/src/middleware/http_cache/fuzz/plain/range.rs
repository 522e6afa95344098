//! `Range` and `Content-Range` (RFC 9110 sections 14.2 and 14.4), by looking at each byte there is.

use super::list::seconds;

/// What is to be sent of so many bytes: all, or those from the first to the last, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    All,
    Between(u64, u64),
    Nothing,
}

/// What `line` wants of `complete` bytes.
pub(crate) fn wanted(line: &[u8], complete: u64) -> Wanted {
    let Some(specs) = specs(line) else {
        return Wanted::All;
    };
    if complete == 0
        && specs
            .iter()
            .any(|(first, last)| first.is_none() && *last > Some(0))
    {
        return Wanted::All;
    }
    let named = |at: &u64| {
        specs.iter().any(|(first, last)| match (first, last) {
            (Some(first), Some(last)) => first <= at && at <= last,
            (Some(first), None) => first <= at,
            (None, Some(last)) => complete - at <= *last,
            (None, None) => false,
        })
    };
    let named: Vec<u64> = (0..complete).filter(named).collect();
    match (named.first(), named.last()) {
        (Some(first), Some(last)) if named.len() as u64 == last - first + 1 => {
            Wanted::Between(*first, *last)
        }
        (Some(_), _) => Wanted::All,
        (None, _) => Wanted::Nothing,
    }
}

type Spec = (Option<u64>, Option<u64>);

/// At most 32, each with its first and its last position, or with how many are wanted of the end.
fn specs(line: &[u8]) -> Option<Vec<Spec>> {
    let text = std::str::from_utf8(line).ok()?;
    let (unit, set) = text.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let members = set
        .split(',')
        .map(|member| member.trim_matches([' ', '\t']));
    let specs: Option<Vec<Spec>> = members
        .filter(|member| !member.is_empty())
        .map(spec)
        .collect();
    specs.filter(|specs| (1..=32).contains(&specs.len()))
}

fn spec(member: &str) -> Option<Spec> {
    let (first, last) = member.split_once('-')?;
    let number = |text: &str| match text {
        "" => Some(None),
        text => seconds(text.as_bytes()).map(Some),
    };
    match (number(first)?, number(last)?) {
        (None, None) => None,
        (Some(first), Some(last)) if first > last => None,
        both => Some(both),
    }
}

/// The first and the last position that `line` tells, and the length of all.
pub(crate) fn told(line: &[u8]) -> Option<(u64, u64, Option<u64>)> {
    let text = std::str::from_utf8(line).ok()?.trim_matches([' ', '\t']);
    let said = text.get(6..)?;
    if !text[..6].eq_ignore_ascii_case("bytes ") {
        return None;
    }
    let number = |text: &str| -> Option<u64> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let (positions, complete) = said.split_once('/')?;
    let (first, last) = positions.split_once('-')?;
    let (first, last) = (number(first)?, number(last)?);
    let complete = if complete == "*" {
        None
    } else {
        Some(number(complete)?)
    };
    let valid = first <= last && last < u64::MAX && complete.is_none_or(|complete| last < complete);
    valid.then_some((first, last, complete))
}
