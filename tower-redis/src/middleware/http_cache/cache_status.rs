//! The `Cache-Status` field (RFC 9211): what this cache did with a request, on every answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;

use super::recent::Recent;
use super::rfc9111::freshness::Remaining;
use super::rfc9111::verdict::{Forward, Reason};

pub(crate) const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// A cache's name as a member of the field: a token, or a string when it is none (section 2).
#[derive(Debug, Clone)]
pub(crate) struct Name {
    /// No other name has it.
    id: u64,
    plain: Box<str>,
    /// The beginning of the member that most answers have.
    hit: Box<str>,
}

impl Name {
    pub(crate) fn new(name: &str) -> Self {
        let tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&byte);
        let starts = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '*');
        if starts && name.bytes().all(tchar) {
            return Self::written(name);
        }
        let mut quoted = String::from("\"");
        for character in name.chars() {
            match character {
                '"' | '\\' => quoted.extend(['\\', character]),
                ' '..='~' => quoted.push(character),
                // a string of RFC 8941 has nothing else
                _ => quoted.push('_'),
            }
        }
        quoted.push('"');
        Self::written(&quoted)
    }

    fn written(name: &str) -> Self {
        static NAMES: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NAMES.fetch_add(1, Ordering::Relaxed),
            plain: name.into(),
            hit: format!("{name}; hit; ttl=").into(),
        }
    }
}

/// What was done with one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CacheStatus {
    pub(crate) handling: Handling,
    /// For how long what is stored stays fresh, or how long it has been stale.
    pub(crate) ttl: Option<Remaining>,
    /// The status code the origin answered with.
    pub(crate) fwd_status: Option<StatusCode>,
    pub(crate) stored: bool,
    /// Whether the request waited for another one, and whether that spared it its own.
    pub(crate) collapsed: Option<bool>,
    pub(crate) detail: Option<Reason>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Handling {
    /// Answered from what is stored.
    Hit,
    Forward(Forward),
}

impl CacheStatus {
    pub(crate) fn new(handling: Handling) -> Self {
        Self {
            handling,
            ttl: None,
            fwd_status: None,
            stored: false,
            collapsed: None,
            detail: None,
        }
    }

    pub(crate) fn forward(why: Forward) -> Self {
        Self::new(Handling::Forward(why))
    }

    /// Answered from what is stored.
    pub(crate) fn hit(remaining: Remaining) -> Self {
        Self::new(Handling::Hit).with_ttl(remaining)
    }

    pub(crate) fn with_ttl(mut self, remaining: Remaining) -> Self {
        self.ttl = Some(remaining);
        self
    }

    pub(crate) fn because(mut self, reason: Reason) -> Self {
        self.detail = Some(reason);
        self
    }

    /// Appends this cache's member: behind those of the caches nearer to the origin (section 2).
    pub(crate) fn append(&self, name: &Name, fields: &mut HeaderMap) {
        fields.append(CACHE_STATUS, self.member(name));
    }

    /// This cache's member.
    pub(crate) fn member(&self, name: &Name) -> HeaderValue {
        thread_local! {
            static HITS: Recent<(u64, u64)> = const { Recent::new() };
        }
        let member = match self.of_plain_hit() {
            Some(ttl) => {
                let write = || self.written(name);
                let known = HITS.try_with(|hits| hits.value((name.id, ttl), ttl, write));
                // a thread that is being torn down has none
                known.unwrap_or_else(|_| write())
            }
            None => self.written(name),
        };
        tracing::debug!(status = %member.to_str().unwrap_or_default(), "http cache");
        member
    }

    /// For how many seconds what is stored stays fresh, if that is all that there is to tell of a hit.
    fn of_plain_hit(&self) -> Option<u64> {
        match *self {
            Self {
                handling: Handling::Hit,
                ttl: Some(Remaining::Fresh(ttl)),
                fwd_status: None,
                stored: false,
                collapsed: None,
                detail: None,
            } => Some(ttl.as_secs()),
            _ => None,
        }
    }

    fn written(&self, name: &Name) -> HeaderValue {
        let mut member = Member::new();
        self.write(name, &mut member);
        // a `Name` has nothing that a field cannot hold; an empty list says nothing
        HeaderValue::from_bytes(&member).unwrap_or_else(|_| HeaderValue::from_static(""))
    }

    fn write(&self, name: &Name, member: &mut Member) {
        let mut push = |text: &str| member.extend_from_slice(text.as_bytes());
        match (self.handling, self.ttl) {
            (Handling::Hit, Some(_)) => push(&name.hit),
            (Handling::Hit, None) => {
                push(&name.plain);
                push("; hit");
            }
            (Handling::Forward(why), _) => {
                push(&name.plain);
                push("; fwd=");
                push(why.as_str());
            }
        }
        if let Some(ttl) = self.ttl {
            if !matches!(self.handling, Handling::Hit) {
                push("; ttl=");
            }
            push(itoa::Buffer::new().format(integer(ttl)));
        }
        if let Some(status) = &self.fwd_status {
            push("; fwd-status=");
            push(status.as_str());
        }
        if self.stored {
            push("; stored");
        }
        match self.collapsed {
            Some(true) => push("; collapsed"),
            Some(false) => push("; collapsed=?0"),
            None => {}
        }
        if let Some(reason) = self.detail {
            push("; detail=\"");
            push(reason.as_str());
            push("\"");
        }
    }
}

/// A member while it is written: one is on every answer, and most fit without an allocation.
type Member = SmallVec<[u8; 64]>;

/// Whole seconds, below zero for what is stale (section 2.4); an integer of a structured field has at most
/// fifteen digits.
fn integer(remaining: Remaining) -> i64 {
    let seconds = |duration: Duration| {
        i64::try_from(duration.as_secs()).map_or(MOST, |seconds| seconds.min(MOST))
    };
    match remaining {
        Remaining::Fresh(duration) => seconds(duration),
        Remaining::Stale(duration) => -seconds(duration),
    }
}

const MOST: i64 = 999_999_999_999_999;

#[cfg(test)]
mod tests {
    use super::*;

    fn written(status: CacheStatus, name: &str) -> String {
        let mut fields = HeaderMap::new();
        status.append(&Name::new(name), &mut fields);
        fields[CACHE_STATUS].to_str().unwrap().to_owned()
    }

    /// What is written once for a second is not that of another layer.
    #[test]
    fn each_name_has_members_of_its_own() {
        let names = ["one", "two"].map(Name::new);
        let hit = CacheStatus::hit(Remaining::Fresh(Duration::from_secs(5)));
        for _ in 0..2 {
            let members = names.each_ref().map(|name| hit.member(name));
            assert_eq!(members, ["one; hit; ttl=5", "two; hit; ttl=5"]);
        }
        let longer = hit.with_ttl(Remaining::Fresh(Duration::from_secs(6)));
        assert_eq!(longer.member(&names[0]), "one; hit; ttl=6");
        let why = hit.because(Reason::MaxStale);
        assert_eq!(
            why.member(&names[0]),
            "one; hit; ttl=5; detail=\"max-stale\""
        );
    }

    #[test]
    fn members() {
        let fresh = |seconds| Remaining::Fresh(Duration::from_secs(seconds));
        let hit = |seconds| CacheStatus::hit(fresh(seconds));
        assert_eq!(written(hit(5), "c"), "c; hit; ttl=5");
        let stale = CacheStatus::hit(Remaining::Stale(Duration::from_secs(5)));
        assert_eq!(
            written(stale.because(Reason::MaxStale), "c"),
            "c; hit; ttl=-5; detail=\"max-stale\""
        );
        assert_eq!(written(hit(u64::MAX), "c"), "c; hit; ttl=999999999999999");
        let mut miss = CacheStatus::forward(Forward::UriMiss);
        assert_eq!(written(miss, "c"), "c; fwd=uri-miss");
        miss.fwd_status = Some(StatusCode::OK);
        miss.stored = true;
        miss.collapsed = Some(false);
        assert_eq!(
            written(miss, "c"),
            "c; fwd=uri-miss; fwd-status=200; stored; collapsed=?0"
        );
    }

    #[test]
    fn names() {
        for (name, expected) in [
            ("tower-redis", "tower-redis"),
            ("a.example:80/x", "a.example:80/x"),
            ("my cache", "\"my cache\""),
            ("1st", "\"1st\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("caf\u{e9}\n", "\"caf__\""),
            ("", "\"\""),
        ] {
            assert_eq!(&*Name::new(name).plain, expected);
        }
    }
}
