//! Section 4: may a stored response, which the request has selected, answer it without asking.

use std::time::Duration;

use crate::clock::Moment;

use super::directives::{RequestDirectives, ResponseDirectives};
use super::freshness::Freshness;
use super::verdict::Forward;

/// Whether the stored response may be used at `now`, or why the request has to go forward.
///
/// Nothing stale is ever served (section 4.2.4 permits that only on conditions), so `must-revalidate`
/// and `proxy-revalidate` need no rule of their own, and the request's `max-stale`, which a cache may
/// ignore (section 5.2.1), is.
pub(crate) fn reuse(
    asked: &RequestDirectives,
    stored: &ResponseDirectives,
    freshness: &Freshness,
    now: Moment,
) -> Result<(), Forward> {
    // section 5.2.2.4: not "without forwarding it for validation and receiving a successful response"
    if stored.no_cache || !freshness.is_fresh(now) {
        return Err(Forward::Stale);
    }
    // sections 5.2.1.4, 5.2.1.1 and 5.2.1.3: what the client prefers is honoured
    let too_old = |seconds| freshness.age(now) > Duration::from_secs(seconds);
    let too_short = |seconds| freshness.remaining(now) < Duration::from_secs(seconds);
    if asked.no_cache
        || asked.max_age.is_some_and(too_old)
        || asked.min_fresh.is_some_and(too_short)
    {
        return Err(Forward::Request);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};

    use super::*;

    #[test]
    fn verdicts() {
        let fields = |line: &'static str| {
            let mut fields = HeaderMap::new();
            fields.insert(CACHE_CONTROL, HeaderValue::from_static(line));
            fields
        };
        let freshness = Freshness {
            lifetime: Duration::from_secs(60),
            initial_age: Duration::from_secs(10),
            received: Moment::default(),
        };
        for (asked, stored, after, expected) in [
            ("", "", 0, Ok(())),
            ("", "must-revalidate", 49, Ok(())),
            ("", "", 50, Err(Forward::Stale)),
            ("max-stale", "", 50, Err(Forward::Stale)),
            ("max-stale=100", "", 50, Err(Forward::Stale)),
            ("", "no-cache", 0, Err(Forward::Stale)),
            ("no-cache", "", 0, Err(Forward::Request)),
            ("no-cache", "", 50, Err(Forward::Stale)),
            ("no-store", "", 0, Ok(())),
            ("max-age=30", "", 20, Ok(())),
            ("max-age=30", "", 21, Err(Forward::Request)),
            ("max-age=0", "", 0, Err(Forward::Request)),
            ("max-age=1000", "", 50, Err(Forward::Stale)),
            ("min-fresh=30", "", 20, Ok(())),
            ("min-fresh=30", "", 21, Err(Forward::Request)),
        ] {
            let verdict = reuse(
                &RequestDirectives::of(&fields(asked)),
                &ResponseDirectives::of(&fields(stored)),
                &freshness,
                Moment::default().after(Duration::from_secs(after)),
            );
            assert_eq!(
                verdict, expected,
                "asked `{asked}`, stored `{stored}`, after {after} s"
            );
        }
    }
}
