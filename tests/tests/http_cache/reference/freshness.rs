//! How long a response is fresh and how old it is, RFC 9111 section 4.2.

use super::date;
use super::directives::{Directives, Seconds, delta};
use super::ranges::Part;
use crate::history::Options;
use crate::message::Fields;

/// A response as it is stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// The fields of the request that it answers.
    pub(crate) asked: Fields,
    pub(crate) status: u16,
    pub(crate) fields: Fields,
    pub(crate) text: String,
    /// Which bytes the text is, if it is not all of them.
    pub(crate) part: Option<Part>,
    pub(crate) requested: u64,
    pub(crate) received: u64,
}

/// RFC 9110 section 15.1; 206 is not stored.
const HEURISTIC: [u16; 11] = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];

impl Stored {
    pub(crate) fn directives(&self, options: &Options) -> Directives {
        Directives::of_response(&self.fields, options)
    }

    /// When it was made, section 4.2.3.
    pub(crate) fn date(&self) -> u64 {
        let date = self.fields.first("date").and_then(date::read_any_case);
        date.unwrap_or(self.received)
    }

    /// Which of several is the most recent, section 4. A date that cannot be read tells nothing.
    pub(crate) fn recency(&self) -> u64 {
        self.fields
            .first("date")
            .and_then(date::read_any_case)
            .unwrap_or(0)
    }

    /// Its age at `now`, section 4.2.3.
    pub(crate) fn age(&self, now: u64) -> u64 {
        let first = self.fields.first("age").unwrap_or_default();
        let first = first.split(',').next().unwrap_or_default().trim();
        let age_value = delta(first).unwrap_or(0);
        let apparent_age = self.received.saturating_sub(self.date());
        let response_delay = self.received - self.requested;
        let corrected_age_value = age_value.saturating_add(response_delay);
        let corrected_initial_age = apparent_age.max(corrected_age_value);
        corrected_initial_age.saturating_add(now - self.received)
    }

    /// Its freshness lifetime by its own word, section 4.2.1.
    pub(crate) fn explicit_lifetime(&self, options: &Options) -> Option<u64> {
        let directives = self.directives(options);
        for name in ["s-maxage", "max-age"] {
            match directives.seconds(name) {
                Seconds::Are(seconds) => return Some(seconds),
                // encouraged to consider it stale
                Seconds::Invalid => return Some(0),
                Seconds::Absent => {}
            }
        }
        if directives.targeted {
            return None;
        }
        let lines = self.fields.lines("expires");
        let first = lines.first()?;
        // section 5.3: what is no date is in the past
        let expires = date::read_any_case(first).filter(|_| lines.iter().all(|line| line == first));
        let expires = expires.unwrap_or(0);
        Some(expires.saturating_sub(self.date()))
    }

    /// Its lifetime, section 4.2.2 for one that does not say it.
    pub(crate) fn lifetime(&self, options: &Options) -> Option<u64> {
        self.explicit_lifetime(options)
            .or_else(|| self.guessed_lifetime(options))
    }

    fn guessed_lifetime(&self, options: &Options) -> Option<u64> {
        let public = self.directives(options).has_plain("public");
        if !public && !self.is_heuristic() || self.fields.has("set-cookie") {
            return None;
        }
        let changed = self
            .fields
            .first("last-modified")
            .and_then(date::read_any_case);
        let since = changed.map(|changed| self.date().saturating_sub(changed));
        if let (Some((part, longest)), Some(since)) = (options.heuristic, since) {
            let guessed = (since * u64::from(part) / 100).min(longest);
            if guessed > 0 {
                return Some(guessed);
            }
        }
        let of_status = options
            .status_ttl
            .filter(|(status, _)| *status == self.status);
        let ttl = of_status.map(|(_, ttl)| ttl).or(options.default_ttl);
        ttl.filter(|ttl| *ttl > 0)
    }

    /// When it is of no use any more: it is while it is fresh, and a day longer if it can be then.
    pub(crate) fn of_use_until(&self, options: &Options) -> i128 {
        const DAY: i128 = 24 * 60 * 60;
        let fresh = self.remaining(self.received, options).max(0);
        let of_use = self.has_validator() || !self.never_stale(options);
        let windows = ["stale-while-revalidate", "stale-if-error"].map(|name| {
            match self.directives(options).seconds(name) {
                Seconds::Are(seconds) if !self.never_stale(options) => i128::from(seconds),
                _ => 0,
            }
        });
        let stale = if of_use {
            DAY.max(windows[0]).max(windows[1])
        } else {
            0
        };
        i128::from(self.received) + fresh + stale
    }

    /// Seconds it is still fresh, or below zero for how long it has been stale.
    pub(crate) fn remaining(&self, now: u64, options: &Options) -> i128 {
        let lifetime = self.lifetime(options).unwrap_or(0);
        i128::from(lifetime) - i128::from(self.age(now))
    }

    pub(crate) fn is_fresh(&self, now: u64, options: &Options) -> bool {
        self.remaining(now, options) > 0
    }

    pub(crate) fn is_heuristic(&self) -> bool {
        HEURISTIC.contains(&self.status)
    }

    pub(crate) fn has_validator(&self) -> bool {
        let changed = self.fields.first("last-modified");
        self.fields.has("etag") || changed.is_some_and(|changed| date::read(changed).is_some())
    }

    /// Whether it may not be served stale, section 4.2.4.
    pub(crate) fn never_stale(&self, options: &Options) -> bool {
        let directives = self.directives(options);
        let names = [
            "must-revalidate",
            "proxy-revalidate",
            "no-cache",
            "s-maxage",
        ];
        names.iter().any(|name| directives.has(name))
    }
}
