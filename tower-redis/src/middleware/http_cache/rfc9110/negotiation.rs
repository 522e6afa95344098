//! Section 12.5: what a client prefers, and when two clients prefer the same.

use http::header::{ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE, HeaderName};
use smallvec::SmallVec;

use crate::middleware::http_cache::rfc9111::fields::pass_quoted;

/// Whether the field is a list of what a client prefers.
pub(crate) fn is_preference(name: &HeaderName) -> bool {
    [ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, ACCEPT_LANGUAGE].contains(name)
}

/// Whether the members of such a field are compared without regard to case: all but those of `Accept`, whose
/// parameters "might or might not be case-sensitive" (section 8.3.1).
pub(crate) fn folds(name: &HeaderName) -> bool {
    is_preference(name) && *name != ACCEPT
}

/// Whether two lists of one such field say the same. Weights tell what is preferred, and a member without one has the
/// weight 1 (section 12.4.2); that some recipients read a preference from the order too is "behavior [that] cannot be
/// relied upon" (section 12.5.4). So the order, case and whitespace do not count, nor how a weight is written.
pub(crate) fn are_same<'a>(
    name: &HeaderName,
    one: impl Iterator<Item = &'a [u8]>,
    other: impl Iterator<Item = &'a [u8]>,
) -> bool {
    let one: SmallVec<[&[u8]; 8]> = one.collect();
    let other: SmallVec<[&[u8]; 8]> = other.collect();
    // most that differ have other letters
    one.len() == other.len()
        && letters(&one) == letters(&other)
        && normalised(name, &one) == normalised(name, &other)
}

/// A sum over the letters, of which a weight has none but `q`.
fn letters(members: &[&[u8]]) -> u64 {
    let bytes = members
        .iter()
        .copied()
        .flatten()
        .map(u8::to_ascii_lowercase);
    let letters = bytes.filter(|byte| byte.is_ascii_lowercase() && *byte != b'q');
    letters.map(u64::from).sum()
}

fn normalised(name: &HeaderName, members: &[&[u8]]) -> Vec<Vec<u8>> {
    let members = members.iter();
    let mut members: Vec<_> = members.map(|member| preference(name, member)).collect();
    members.sort_unstable();
    members
}

/// `text/html;level=1;q=0.50` as `text/html;level=1;q=500`.
fn preference(name: &HeaderName, member: &[u8]) -> Vec<u8> {
    let mut parameters = parameters(member);
    let mut said = parameters.next().unwrap_or_default().to_ascii_lowercase();
    for parameter in parameters {
        let weight = parameter
            .get(..2)
            .filter(|start| start.eq_ignore_ascii_case(b"q="))
            .and_then(|_| thousandths(&parameter[2..]));
        match weight {
            // the weight of a member that does not say it
            Some(1000) => {}
            Some(weight) => said.extend_from_slice(format!(";q={weight}").as_bytes()),
            None => {
                said.push(b';');
                if folds(name) {
                    said.extend(parameter.to_ascii_lowercase());
                } else {
                    let end = parameter.iter().position(|byte| *byte == b'=');
                    let (key, value) = parameter.split_at(end.unwrap_or(parameter.len()));
                    said.extend(key.to_ascii_lowercase());
                    said.extend_from_slice(value);
                }
            }
        }
    }
    said
}

/// What stands between the semicolons of a member; one in a quoted string separates nothing.
pub(crate) fn parameters(member: &[u8]) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut quotes) = (Some(member), true);
    std::iter::from_fn(move || {
        let line = rest?;
        let mut at = 0;
        while at < line.len() && line[at] != b';' {
            if line[at] == b'"' && quotes {
                at = pass_quoted(line, at, &mut quotes);
            }
            at += 1;
        }
        rest = line.get(at + 1..);
        Some(line[..at.min(line.len())].trim_ascii())
    })
}

/// A weight: `qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )`.
fn thousandths(value: &[u8]) -> Option<u16> {
    let (whole, fraction) = value.split_first()?;
    let digits = match fraction {
        [] => fraction,
        [b'.', digits @ ..] => digits,
        _ => return None,
    };
    if digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |at: usize| digits.get(at).map_or(0, |digit| u16::from(digit - b'0'));
    let part = digit(0) * 100 + digit(1) * 10 + digit(2);
    match whole {
        b'0' => Some(part),
        b'1' if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn same(name: &HeaderName, one: &str, other: &str) -> bool {
        let members = |line: &'static str| line.split(',').map(|member| member.trim().as_bytes());
        let leaked = |line: &str| members(String::leak(line.to_owned()));
        are_same(name, leaked(one), leaked(other))
    }

    #[test]
    fn what_is_the_same_and_what_is_not() {
        let language = ACCEPT_LANGUAGE;
        for (name, one, other, expected) in [
            (&language, "en, de", "de, en", true),
            (&language, "en, de", "EN, De", true),
            (&language, "en;q=0.8, de;q=0.5", "de;q=0.5,en;q=0.8", true),
            (&language, "en;q=0.8, de;q=0.5", "en;q=0.5,de;q=0.8", false),
            (&language, "en;q=1, de", "en,de;q=1.000", true),
            (&language, "en ; Q=0.50", "en;q=0.5", true),
            (&language, "en;q=0", "en", false),
            (&language, "en;q=0.001", "en;q=0.002", false),
            // no weight
            (&language, "en;q=1.1", "en", false),
            (&language, "en;q=2", "en", false),
            (&language, "en;q=0.1234", "en;q=0.123", false),
            (&language, "en;q=", "en", false),
            (&language, "en", "en, en", false),
            (&language, "ad", "bc", false),
            (&ACCEPT_ENCODING, "gzip, br", "BR, gzip", true),
            (&ACCEPT_ENCODING, "gzip, br", "gzip", false),
            (&ACCEPT, "text/html, a/b;q=0.5", "A/B;Q=0.5,Text/HTML", true),
            (&ACCEPT, "a/b;p=X", "a/b;P=X", true),
            (&ACCEPT, "a/b;p=X", "a/b;p=x", false),
            (&ACCEPT, "a/b;p=\";q=1\"", "a/b;p=\"\"", false),
        ] {
            assert_eq!(same(name, one, other), expected, "{one} | {other}");
            assert_eq!(same(name, other, one), expected, "{other} | {one}");
        }
    }

    proptest! {
        #[test]
        fn any_order_is_the_same_and_another_weight_is_not(
            members in proptest::collection::vec(("[a-z]{1,3}", 0_u16..=1000), 1..5),
            turn in 0_usize..5, changed in 0_usize..5, by in 1_u16..1000,
        ) {
            let written = |members: &[(String, u16)]| {
                let each = members.iter().map(|(name, weight)| {
                    format!("{name};q={}.{:03}", weight / 1000, weight % 1000)
                });
                each.collect::<Vec<_>>().join(", ")
            };
            let mut turned = members.clone();
            turned.rotate_left(turn % members.len());
            prop_assert!(same(&ACCEPT_LANGUAGE, &written(&members), &written(&turned)));
            let at = changed % members.len();
            turned[at].1 = (turned[at].1 + by) % 1001;
            prop_assert!(!same(&ACCEPT_LANGUAGE, &written(&members), &written(&turned)));
        }

        #[test]
        fn any_list_is_read(one in "[ -~]{0,30}", other in "[ -~]{0,30}") {
            prop_assert!(same(&ACCEPT, &one, &one));
            prop_assert_eq!(same(&ACCEPT, &one, &other), same(&ACCEPT, &other, &one));
        }
    }
}
