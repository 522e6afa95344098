//! Loads as spans.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tower_redis::cache::Cache;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

use crate::{brings, settle, toolkit};

/// Keeps spans of this library, and which of them are entered.
#[derive(Debug, Clone, Default)]
struct Spans(Arc<Mutex<(Vec<String>, Vec<u64>)>>);

impl Spans {
    /// The spans that the caller is in.
    fn entered(&self) -> Vec<String> {
        let spans = self.0.lock().unwrap();
        let name = |id: &u64| spans.0[usize::try_from(*id).unwrap() - 1].clone();
        spans.1.iter().map(name).collect()
    }

    fn made(&self) -> usize {
        self.0.lock().unwrap().0.len()
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.push_str(&format!(" {field}={value:?}"));
    }
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
            && *metadata.level() == Level::DEBUG
            && metadata.target().starts_with("tower_redis::cache")
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut text = Text(span.metadata().name().to_owned());
        span.record(&mut text);
        let mut spans = self.0.lock().unwrap();
        spans.0.push(text.0);
        span::Id::from_u64(spans.0.len() as u64)
    }

    fn enter(&self, id: &span::Id) {
        self.0.lock().unwrap().1.push(id.into_u64());
    }

    fn exit(&self, id: &span::Id) {
        let left = self.0.lock().unwrap().1.pop();
        assert_eq!(left, Some(id.into_u64()));
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {}
}

#[tokio::test]
async fn a_load_and_a_refresh_are_spans_with_the_name_of_their_cache() {
    const SECOND: Duration = Duration::from_secs(1);
    let spans = Spans::default();
    // where there is one alone, what another thread comes to first is taken to be of no interest to anybody
    let _another = tracing::Dispatch::new(Spans::default());
    let _listens = tracing::subscriber::set_default(spans.clone());
    let (toolkit, clock) = toolkit();
    let cache: Cache<u64, u64> = toolkit
        .cache("numbers")
        .ttl(SECOND)
        .stale_while_revalidate(SECOND)
        .build()
        .unwrap();
    let seen = Arc::<Mutex<Vec<String>>>::default();
    let load = || {
        let (spans, seen) = (spans.clone(), Arc::clone(&seen));
        move || async move {
            tokio::task::yield_now().await;
            seen.lock().unwrap().extend(spans.entered());
            Ok::<_, Infallible>(7)
        }
    };
    let taken = || std::mem::take(&mut *seen.lock().unwrap());
    let (loads, refreshes) = (
        ["cache.load cache=\"numbers\""],
        ["cache.refresh cache=\"numbers\""],
    );
    cache.get_or_load(&1, load()).await.unwrap();
    assert_eq!(taken(), loads);
    cache.get_or_load_detached(&2, load()).await.unwrap();
    assert_eq!(taken(), loads);
    let inner = load();
    let many = |_| {
        let inner = inner.clone();
        async move { inner().await.map(|seven| [(3, seven)]) }
    };
    cache.get_or_load_many(&[3, 4], many).await.unwrap();
    assert_eq!(taken(), loads);
    let warm = load();
    cache.warm([5]).run(|_| warm.clone()()).await;
    assert_eq!(taken(), loads);
    cache.refresh(&1, load()).await.unwrap();
    assert_eq!(taken(), refreshes);
    clock.advance(SECOND);
    cache.get_or_load_detached(&2, load()).await.unwrap();
    settle().await;
    assert_eq!(
        taken(),
        refreshes,
        "what was stale is loaded anew behind it"
    );

    let made = spans.made();
    assert_eq!(made, 6);
    assert_eq!(cache.get_or_load(&2, || brings(8)).await, Ok(7));
    assert_eq!(spans.made(), made, "a hit is none");
    assert!(spans.entered().is_empty());
}
