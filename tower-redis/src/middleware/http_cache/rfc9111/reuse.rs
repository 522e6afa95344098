//! Section 4: may a stored response, which the request has selected, answer it without asking; and
//! section 4.2.4 with RFC 5861, what it is good for when it is not fresh any more.

use std::time::Duration;

use crate::clock::Moment;

use super::directives::{RequestDirectives, ResponseDirectives};
use super::freshness::Freshness;
use super::verdict::Forward;
#[cfg(any(test, feature = "testing"))]
use crate::middleware::http_cache::fault::HttpCacheFault;

/// How a stored response may be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reuse {
    /// It is fresh.
    Fresh,
    /// It is stale, and the client takes it (section 5.2.1.2).
    Accepted,
    /// It is stale, and may be used while it is validated behind (RFC 5861 section 3).
    WhileRevalidating,
}

/// Why a stored response may not be used, and when it may be after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unusable {
    pub(crate) why: Forward,
    pub(crate) otherwise: Otherwise,
}

impl Unusable {
    /// Nothing is stored, or nothing that could be used whatever happens.
    pub(crate) fn of(why: Forward) -> Self {
        let otherwise = Otherwise::default();
        Self { why, otherwise }
    }
}

/// When a response that has to be validated may be used without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Otherwise {
    /// The origin cannot be reached (section 4.2.4, "disconnected").
    pub(crate) disconnected: bool,
    /// It answers that it has failed: 500, 502, 503 or 504 (RFC 5861 section 4).
    pub(crate) failed: bool,
}

/// How the stored response may be used at `now`, or why the request has to go forward.
pub(crate) fn reuse(
    asked: &RequestDirectives,
    stored: &ResponseDirectives,
    freshness: &Freshness,
    now: Moment,
) -> Result<Reuse, Unusable> {
    let forward = |why| Err(Unusable::of(why));
    let fresh = freshness.is_fresh(now);
    // section 5.2.2.4: not "without forwarding it for validation and receiving a successful response"
    if stored.no_cache {
        return forward(Forward::Stale);
    }
    // sections 5.2.1.4, 5.2.1.1 and 5.2.1.3: what the client prefers is honoured
    let too_old = |seconds| freshness.age(now) > Duration::from_secs(seconds);
    let too_short = |seconds| {
        let needed = freshness
            .age(now)
            .saturating_add(Duration::from_secs(seconds));
        // what is stale is so even for one who wants it fresh for 0 seconds
        freshness.lifetime < needed
    };
    if asked.no_cache
        || asked.max_age.is_some_and(too_old)
        || asked.min_fresh.is_some_and(too_short)
    {
        let why = if fresh {
            Forward::Request
        } else {
            Forward::Stale
        };
        return forward(why);
    }
    if fresh {
        return Ok(Reuse::Fresh);
    }
    // section 4.2.4: not "if it is prohibited by an explicit in-protocol directive". Section 5.2.1.1: one who
    // says `max-age` wants nothing stale, "unless the max-stale request directive is also present".
    if forbids_stale(stored) || (asked.max_age.is_some() && asked.max_stale.is_none()) {
        return forward(Forward::Stale);
    }
    // an age that does not fit is the longest there is, and within a window without end
    let staleness = freshness.staleness(now).min(Duration::from_secs(u64::MAX));
    // section 5.2.1.2: "no more than the specified number of seconds"; RFC 5861: "up to"
    let within =
        |window: Option<u64>| window.is_some_and(|window| staleness <= Duration::from_secs(window));
    if within(asked.max_stale) {
        return Ok(Reuse::Accepted);
    }
    // 0 is also what stands for a number that cannot be read, and permits nothing
    let granted = |window: Option<u64>| within(window.filter(|window| *window > 0));
    if granted(stored.stale_while_revalidate) {
        return Ok(Reuse::WhileRevalidating);
    }
    let otherwise = Otherwise {
        disconnected: true,
        failed: granted(stored.stale_if_error) || granted(asked.stale_if_error),
    };
    Err(Unusable {
        why: Forward::Stale,
        otherwise,
    })
}

/// Whether a response may not be used once it is stale, whatever happens: sections 5.2.2.2, 5.2.2.4,
/// 5.2.2.8 and 5.2.2.10 ("s-maxage incorporates the semantics of proxy-revalidate").
pub(crate) fn forbids_stale(stored: &ResponseDirectives) -> bool {
    #[cfg(any(test, feature = "testing"))]
    if stored.must_revalidate && HttpCacheFault::StaleInSpiteOfMustRevalidate.is_committed() {
        return false;
    }
    stored.no_cache
        || stored.must_revalidate
        || stored.proxy_revalidate
        || stored.s_maxage.is_some()
}

/// Whether the origin has said that a response may be used once it is stale (RFC 5861).
pub(crate) fn is_good_when_stale(stored: &ResponseDirectives) -> bool {
    let windows = [stored.stale_while_revalidate, stored.stale_if_error];
    !forbids_stale(stored) && windows.into_iter().flatten().any(|window| window > 0)
}

#[cfg(test)]
mod tests {
    use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue};

    use super::*;

    const NEVER: Otherwise = Otherwise {
        disconnected: false,
        failed: false,
    };
    const DISCONNECTED: Otherwise = Otherwise {
        disconnected: true,
        failed: false,
    };
    const FAILED: Otherwise = Otherwise {
        disconnected: true,
        failed: true,
    };

    fn stale(otherwise: Otherwise) -> Result<Reuse, Unusable> {
        Err(Unusable {
            why: Forward::Stale,
            otherwise,
        })
    }

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
        let request = Err(Unusable {
            why: Forward::Request,
            otherwise: NEVER,
        });
        for (asked, stored, after, expected) in [
            ("", "", 0, Ok(Reuse::Fresh)),
            ("", "must-revalidate", 49, Ok(Reuse::Fresh)),
            ("", "", 50, stale(DISCONNECTED)),
            ("", "must-revalidate", 50, stale(NEVER)),
            ("", "proxy-revalidate", 50, stale(NEVER)),
            ("", "s-maxage=60", 50, stale(NEVER)),
            ("", "no-cache", 0, stale(NEVER)),
            ("no-cache", "", 0, request),
            ("no-cache", "", 50, stale(NEVER)),
            ("no-store", "", 0, Ok(Reuse::Fresh)),
            ("max-age=30", "", 20, Ok(Reuse::Fresh)),
            ("max-age=30", "", 21, request),
            ("max-age=0", "", 0, request),
            ("max-age=1000", "", 50, stale(NEVER)),
            ("max-age=1000", "stale-while-revalidate=5", 51, stale(NEVER)),
            ("max-age=1000, max-stale=5", "", 51, Ok(Reuse::Accepted)),
            ("min-fresh=30", "", 20, Ok(Reuse::Fresh)),
            ("min-fresh=30", "", 21, request),
            ("max-stale", "", 5000, Ok(Reuse::Accepted)),
            ("max-stale=100", "", 150, Ok(Reuse::Accepted)),
            ("max-stale=100", "", 151, stale(DISCONNECTED)),
            ("max-stale", "must-revalidate", 50, stale(NEVER)),
            ("max-stale, max-age=5", "", 50, stale(NEVER)),
            ("max-stale, min-fresh=1", "", 50, stale(NEVER)),
            ("max-stale, min-fresh=0", "", 51, stale(NEVER)),
            ("min-fresh=0", "", 49, Ok(Reuse::Fresh)),
            ("", "stale-while-revalidate=x", 50, stale(DISCONNECTED)),
            ("", "stale-if-error=x", 50, stale(DISCONNECTED)),
            (
                "",
                "stale-while-revalidate=5",
                55,
                Ok(Reuse::WhileRevalidating),
            ),
            ("", "stale-while-revalidate=5", 56, stale(DISCONNECTED)),
            (
                "",
                "stale-while-revalidate=5, s-maxage=60",
                51,
                stale(NEVER),
            ),
            ("no-cache", "stale-while-revalidate=5", 51, stale(NEVER)),
            ("", "stale-if-error=5", 55, stale(FAILED)),
            ("", "stale-if-error=5", 56, stale(DISCONNECTED)),
            ("stale-if-error=5", "", 55, stale(FAILED)),
            ("", "stale-if-error=5, must-revalidate", 51, stale(NEVER)),
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

    #[test]
    fn max_stale_without_a_number_takes_any_age() {
        let freshness = Freshness {
            lifetime: Duration::from_secs(60),
            initial_age: Duration::from_secs(u64::MAX),
            received: Moment::default(),
        };
        let asked = RequestDirectives {
            max_stale: Some(u64::MAX),
            ..RequestDirectives::default()
        };
        let stored = ResponseDirectives::default();
        let later = Moment::default().after(Duration::from_secs(20));
        assert_eq!(
            reuse(&asked, &stored, &freshness, later),
            Ok(Reuse::Accepted)
        );
    }
}
