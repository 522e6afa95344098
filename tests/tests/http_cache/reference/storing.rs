//! What may be stored, RFC 9111 section 3, and which fields of it.

use super::directives::elements;
use super::freshness::Stored;
use crate::history::Options;
use crate::message::{Answer, Asked, Coming, Fields};

use super::directives::{Directives, Seconds};

/// Status codes that are not stored whatever they say: 206 by choice, 304 is none of itself, the others by RFC 6585.
const NEVER: [u16; 6] = [206, 304, 428, 429, 431, 511];

/// Those whose meaning is known (section 3: `must-understand`).
fn is_understood(status: u16) -> bool {
    const KNOWN: [u16; 42] = [
        200, 201, 202, 203, 204, 205, 300, 301, 302, 303, 305, 307, 308, 400, 401, 402, 403, 404,
        405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 426, 500, 501,
        502, 503, 504, 505, 304, 206,
    ];
    KNOWN.contains(&status)
}

/// All reasons not to store an answer, none if it is stored. `whole` is what is known of its body beforehand.
pub(crate) fn reasons(
    asked: &Asked,
    stored: &Stored,
    options: &Options,
    now: u64,
) -> Vec<&'static str> {
    let directives = stored.directives(options);
    let mut reasons = Vec::new();
    let mut because = |reason, holds: bool| {
        if holds {
            reasons.push(reason);
        }
    };
    let request = Directives::of_request(&asked.fields, options);
    because("request-no-store", request.has("no-store"));
    let status = stored.status;
    let must_understand = directives.has("must-understand");
    because("status", NEVER.contains(&status));
    because("not-understood", must_understand && !is_understood(status));
    because("no-store", directives.has("no-store") && !must_understand);
    because("private", directives.has("private"));
    // section 3.5
    let plain = ["public", "must-revalidate"];
    let s_maxage = matches!(directives.seconds("s-maxage"), Seconds::Are(1..));
    let shareable = plain.iter().any(|name| directives.has_plain(name)) || s_maxage;
    let authorized = asked.fields.has("authorization");
    because("authorization", authorized && !shareable);
    because(
        "vary-star",
        varies(&stored.fields).iter().any(|name| name == "*"),
    );
    let no_cache = directives.has("no-cache");
    // section 3: what says nothing else has to be public, or of a status that a cache may guess about
    let guessable = stored.is_heuristic() || directives.has_plain("public");
    let unsaid = stored.lifetime(options).is_none();
    because("no-freshness", unsaid && !(no_cache && guessable));
    because(
        "set-cookie",
        unsaid && !no_cache && stored.fields.has("set-cookie"),
    );
    let windows = ["stale-while-revalidate", "stale-if-error"];
    let windows = windows
        .iter()
        .any(|name| matches!(directives.seconds(name), Seconds::Are(1..)));
    let usable = stored.is_fresh(now, options) && !no_cache;
    let of_use = usable || stored.has_validator() || windows && !stored.never_stale(options);
    because("no-validator", !of_use);
    reasons
}

/// Whether all of the `reasons` lie in the request: then the answer says nothing of what others get.
pub(crate) fn lie_in_the_request(reasons: &[&str]) -> bool {
    let of_request = ["request-no-store", "authorization", "range"];
    !reasons.is_empty() && reasons.iter().all(|reason| of_request.contains(reason))
}

/// Whether a full answer with this status says that what is stored is not what there is (section 4.3.3). A failure of
/// the origin does not, nor a complaint about the request or who sent it.
pub(crate) fn says_what_there_is(status: u16) -> bool {
    const OF_TARGET: [u16; 5] = [404, 405, 410, 414, 451];
    (200..400).contains(&status) && status != 304 && status != 206 || OF_TARGET.contains(&status)
}

/// Whether the body contradicts what is said of it, as far as its head shows it (section 3.3).
pub(crate) fn is_incomplete(answer: &Answer) -> bool {
    let said = answer.fields.lines("content-length");
    let len = answer.text.len().to_string();
    answer.coming == Coming::Broken || said.iter().any(|said| *said != len)
}

/// The names in `Vary`.
pub(crate) fn varies(fields: &Fields) -> Vec<String> {
    let combined = fields.combined("vary").unwrap_or_default();
    let names = elements(&combined).into_iter();
    names.map(|name| name.to_ascii_lowercase()).collect()
}

/// Without those of the connection, section 3.1.
pub(crate) fn kept(fields: &Fields) -> Fields {
    const NEVER: [&str; 10] = [
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "trailer",
    ];
    let named = elements(&fields.combined("connection").unwrap_or_default());
    let mut kept = fields.clone();
    kept.0.retain(|(name, _)| {
        let named = named.iter().any(|named| named.eq_ignore_ascii_case(name));
        !named && !NEVER.contains(&name.as_str())
    });
    kept
}

/// Whether `stored` may answer a request with these fields, section 4.1.
pub(crate) fn matches(stored: &Stored, fields: &Fields) -> bool {
    let names = varies(&stored.fields);
    let same = |name: &String| selecting(&stored.asked, name) == selecting(fields, name);
    names.iter().all(|name| name != "*" && same(name))
}

/// A field as it counts for `Vary`: white space around the members of a list does not.
fn selecting(fields: &Fields, name: &str) -> Option<Vec<String>> {
    let combined = fields.combined(name)?;
    let combined = if name.starts_with("accept") {
        combined.to_ascii_lowercase()
    } else {
        combined
    };
    Some(elements(&combined))
}
