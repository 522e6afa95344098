//! Hears everything that this process logs, and every panic.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::error::Error;
use std::fmt::{self, Debug, Write as _};
use std::panic;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Event, Metadata, Subscriber};

use crate::canary::word::end_if_heard;

static KEPT: Mutex<Option<String>> = Mutex::new(None);

/// Listens from now on, to every thread. Who says the word ends the process.
///
/// # Panics
/// When another listens to all that is logged.
pub fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        set_global_default(Ears).unwrap();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            note(&format!("PANIC {panic}\n{panic:?}"));
            before(panic);
        }));
    });
}

/// Listens, and keeps what is heard from now on.
pub fn keep() {
    listen();
    kept().get_or_insert_default();
}

/// Everything that was kept so far.
#[must_use]
pub fn heard() -> String {
    kept().clone().unwrap_or_default()
}

fn kept() -> MutexGuard<'static, Option<String>> {
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(line: &str) {
    end_if_heard("what is logged", line);
    if let Some(kept) = &mut *kept() {
        kept.push_str(line);
        kept.push('\n');
    }
}

/// Takes everything, of every level and target, spans as well.
struct Ears;

impl Ears {
    fn note(of: &str, metadata: &Metadata<'_>, fields: &Line) {
        let (level, target, name) = (metadata.level(), metadata.target(), metadata.name());
        note(&format!("{of} {level} {target} {name}:{}", fields.0));
    }
}

impl Subscriber for Ears {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::always()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let mut line = Line::default();
        span.record(&mut line);
        Self::note("span", span.metadata(), &line);
        Id::from_u64(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line::default();
        values.record(&mut line);
        note(&format!("span:{}", line.0));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        Self::note("event", event.metadata(), &line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The fields of one event or span.
#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value} ({value:?})").unwrap();
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        write!(self.0, " {field}={}", with_sources(value)).unwrap();
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?} ({value:#?})").unwrap();
    }
}

/// All that can be had of an error: its texts, and those of all it came from.
#[must_use]
pub fn with_sources(error: &dyn Error) -> String {
    let mut all = String::new();
    let mut next = Some(error);
    while let Some(error) = next {
        write!(all, "{error} {error:#} {error:?} {error:#?} <- ").unwrap();
        next = error.source();
    }
    all
}

impl Debug for Ears {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ears")
    }
}

#[cfg(test)]
mod tests {
    use tracing::field::Empty;

    use super::*;

    #[test]
    fn whatever_is_logged_anywhere_is_heard() {
        keep();
        std::thread::spawn(|| {
            let span = tracing::trace_span!(target: "elsewhere", "a span", first = "span-1", later = Empty);
            span.record("later", "span-2");
            span.in_scope(|| {
                tracing::trace!(target: "somewhere", field = "event-1", other = ?Some("event-2"), "event-{}", 3);
            });
            let error = std::io::Error::other(fmt::Error);
            tracing::error!(error = &error as &(dyn Error + 'static), "event-4");
            panic::catch_unwind(|| panic!("panic-{}", 1)).unwrap_err();
        })
        .join()
        .unwrap();
        let all = heard();
        for said in [
            "elsewhere",
            "a span",
            "span-1",
            "span-2",
            "somewhere",
            "event-1",
            "event-2",
            "event-3",
            "event-4",
            "an error occurred when formatting",
            "panic-1",
        ] {
            assert!(all.contains(said), "{said} was not heard in\n{all}");
        }
    }
}
