//! Histories of key 0 by hand. Times are in milliseconds.

use std::time::Duration;

use super::bounds::{Bounds, Outage};
use super::event::{Event, Process, Reach, Status, Trouble, Version, What};
use super::instant::{Instant, Span};

pub(super) const BOUNDS: Bounds = Bounds {
    ttl: Duration::from_secs(60),
    message: Duration::from_millis(100),
    silence: Duration::from_secs(2),
    outage: None,
    recovery: Duration::from_millis(10),
    slack: Duration::from_millis(10),
    patience: Duration::from_secs(5),
};

pub(super) const OUTAGE: Outage = Outage {
    grace: Duration::from_secs(10),
    ttl: Duration::from_secs(30),
    unasked: Duration::from_secs(5),
};

pub(super) fn at(begin: u64, end: u64) -> Span {
    let at = |millis| Instant::at(Duration::from_millis(millis));
    Span::new(at(begin), at(end))
}

fn event(process: Process, span: Span, what: What) -> Event {
    Event {
        process,
        span,
        what,
    }
}

pub(super) fn write(version: Version, span: Span) -> Event {
    event(0, span, What::Write { key: 0, version })
}

pub(super) fn invalidation(process: Process, span: Span, reach: Reach) -> Event {
    let what = What::Invalidate {
        by: "key".to_owned(),
        keys: vec![0],
        reach,
    };
    event(process, span, what)
}

pub(super) fn put(process: Process, version: Version, span: Span) -> Event {
    let what = What::Put {
        key: 0,
        version,
        reach: Reach::Everywhere,
    };
    event(process, span, what)
}

/// One that loaded `brought` and returned it.
pub(super) fn refresh(process: Process, brought: Option<Version>, span: Span) -> Event {
    let what = What::Refresh {
        key: 0,
        brought,
        dropped: false,
        reach: Reach::Everywhere,
    };
    event(process, span, what)
}

pub(super) fn read(process: Process, found: Version, status: Status, span: Span) -> Event {
    let what = What::Read {
        key: 0,
        found: Some(found),
        status,
    };
    event(process, span, what)
}

pub(super) fn load(process: Process, brought: Option<Version>, span: Span, flight: Span) -> Event {
    let what = What::Load {
        key: 0,
        brought,
        flight,
        dropped: false,
    };
    event(process, span, what)
}

pub(super) fn feed(process: Process, span: Span) -> Event {
    event(process, span, What::Trouble(Trouble::Feed))
}

pub(super) fn data(process: Process, span: Span) -> Event {
    event(process, span, What::Trouble(Trouble::Data))
}

pub(super) fn wiped(when: u64) -> Event {
    event(0, at(when, when), What::Wiped)
}
