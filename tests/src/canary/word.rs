//! The word that must not be said, and how it is found.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::fmt::Write as _;
use std::process::abort;
use std::sync::LazyLock;

/// Stands in every canary, and nowhere else in this repository but here.
pub const WORD: &str = "kestrel";

/// A number that is one: in keys, subjects and values.
pub const NUMBER: u64 = 7_319_073_190_731;

/// What has to be written in another way in a URL, in JSON and by `Debug`, so that each way is met.
const SPECIAL: &str = "%/:@?#[]&+\"'\\\u{fc}";

/// A text about `what` that must not be said, with the word on both sides of what has to be escaped: a part
/// of it is found as well.
#[must_use]
pub fn canary(what: &str) -> String {
    format!("{WORD}-{what}-{SPECIAL}-{what}-{WORD}")
}

/// As it stands in a URL.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

/// Where `text` says it: what stands around each place.
pub(super) fn heard(text: &str) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let mut places = Vec::new();
    for form in FORMS.iter() {
        for (at, _) in lower.match_indices(form) {
            let from = text.floor_char_boundary(at.saturating_sub(160));
            let to = text.ceil_char_boundary(at + form.len() + 80);
            places.push(text[from..to].to_owned());
        }
    }
    places
}

/// Holds that `text`, which is `what`, does not say it.
///
/// # Panics
/// When it does.
#[track_caller]
pub fn assert_unheard(what: &str, text: &str) {
    let complaint = complaint(what, text);
    assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
}

/// Ends this process when `text`, which is `what`, says it: whoever asks may be anywhere, where a panic
/// would not be the end of a test.
#[expect(clippy::print_stderr, reason = "it is the last thing that is said")]
pub(crate) fn end_if_heard(what: &str, text: &str) {
    if let Some(complaint) = complaint(what, text) {
        eprintln!("{complaint}");
        abort();
    }
}

fn complaint(what: &str, text: &str) -> Option<String> {
    let places = heard(text);
    let all = places.join("\n---\n");
    (!places.is_empty()).then(|| format!("{what} says it in {} places:\n{all}", places.len()))
}

/// The ways of writing it, in lower case.
static FORMS: LazyLock<Vec<String>> = LazyLock::new(forms);

fn forms() -> Vec<String> {
    let mut forms = vec![NUMBER.to_string()];
    let each = |write: &dyn Fn(u8) -> String, between: &str| {
        let parts: Vec<String> = WORD.bytes().map(write).collect();
        parts.join(between)
    };
    for between in ["", ", ", ",\n    "] {
        forms.push(each(&|byte| char::from(byte).to_string(), between));
        forms.push(each(&|byte| format!("'{}'", char::from(byte)), between));
        forms.push(each(&|byte| byte.to_string(), between));
        forms.push(each(&|byte| format!("{byte:02x}"), between));
        forms.push(each(&|byte| format!("0x{byte:x}"), between));
    }
    forms.push(each(&|byte| format!("%{byte:02x}"), ""));
    forms.push(each(&|byte| format!("\\x{byte:02x}"), ""));
    forms.push(each(&|byte| format!("\\u{{{byte:x}}}"), ""));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_saying_it_is_heard() {
        let canary = canary("password");
        let hex: String = canary.bytes().map(|byte| format!("{byte:02X}")).collect();
        let all_encoded: String = canary.bytes().map(|byte| format!("%{byte:02X}")).collect();
        for said in [
            canary.clone(),
            canary.to_uppercase(),
            percent_encoded(&canary),
            all_encoded,
            format!("{canary:?}"),
            format!("{:#?}", Some(&canary)),
            format!("{:?}", canary.as_bytes()),
            format!("{:#?}", canary.as_bytes()),
            format!("{:x?}", canary.as_bytes()),
            format!("{:?}", canary.chars().collect::<Vec<_>>()),
            canary.as_bytes().escape_ascii().to_string(),
            canary.escape_unicode().to_string(),
            canary.escape_default().to_string(),
            serde_json::to_string(&canary).unwrap(),
            hex,
            // a part of it, from either side
            canary[..20].to_owned(),
            canary[canary.len() - 20..].to_owned(),
            format!("{:?}", Some(NUMBER)),
        ] {
            for text in [said.clone(), format!("before it {said} after it")] {
                assert!(!heard(&text).is_empty(), "not heard in {text}");
            }
        }
    }

    #[test]
    fn nothing_is_heard_where_nothing_is_said() {
        for text in [
            "",
            "Redis is away reason=\"it does not answer\"",
            "kest rel",
            "731907319073",
        ] {
            assert!(heard(text).is_empty(), "{text}");
        }
    }
}
