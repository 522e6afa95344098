//! A call under way, which writes down how it went when it ends or is dropped.

use std::ops::Deref;
use std::sync::{Mutex, OnceLock};

use tests::torture::{Instant, Key, Reach, Span, Status, Version, What};

use crate::keys::Value;

/// Where calls are made.
pub(crate) trait Scene {
    fn now(&self) -> Instant;

    fn add(&self, span: Span, what: What);

    /// What has not ended by now never will.
    fn is_over(&self) -> bool;

    /// How often Redis did not answer so far.
    fn failures(&self) -> u64;
}

/// What is called for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Read,
    Put(Version),
    Refresh,
}

/// A call under way.
pub(crate) struct Call<S: Deref<Target: Scene>> {
    scene: S,
    kind: Kind,
    key: Key,
    pub(crate) begin: Instant,
    failures: u64,
    /// Its load: from when to when, and what it brought.
    load: Mutex<Option<(Span, Option<Version>)>>,
    end: OnceLock<Instant>,
}

impl<S: Deref<Target: Scene>> Call<S> {
    pub(crate) fn begin(scene: S, kind: Kind, key: Key) -> Self {
        Self {
            begin: scene.now(),
            failures: scene.failures(),
            scene,
            kind,
            key,
            load: Mutex::default(),
            end: OnceLock::new(),
        }
    }

    pub(crate) async fn load(
        &self,
        loading: impl Future<Output = Result<Version, ()>>,
    ) -> Result<Value, ()> {
        let begin = self.scene.now();
        *self.load.lock().unwrap() = Some((Span { begin, end: None }, None));
        let brought = loading.await;
        let span = Span::new(begin, self.scene.now());
        *self.load.lock().unwrap() = Some((span, brought.ok()));
        brought.map(Value::from)
    }

    /// It has returned.
    pub(crate) fn end(&self) -> Instant {
        *self.end.get_or_init(|| self.scene.now())
    }

    /// It has returned what it read.
    pub(crate) fn found<E>(&self, found: Result<Value, E>, status: Status) {
        let end = self.end();
        let found = found.ok().map(|value| value.version);
        self.read(Some(end), found, status);
    }

    fn read(&self, end: Option<Instant>, found: Option<Version>, status: Status) {
        let key = self.key;
        let begin = self.begin;
        let what = What::Read { key, found, status };
        self.scene.add(Span { begin, end }, what);
    }

    /// Whether Redis was told, as far as this shows.
    pub(crate) fn reach(&self) -> Reach {
        if self.end.get().is_some() && self.scene.failures() == self.failures {
            Reach::Everywhere
        } else {
            Reach::Pending
        }
    }
}

impl<S: Deref<Target: Scene>> Drop for Call<S> {
    fn drop(&mut self) {
        let (key, begin, ended) = (self.key, self.begin, self.end.get().copied());
        let now = self.scene.now();
        let load = self.load.get_mut().unwrap().take();
        let (dropped, reach) = (ended.is_none(), self.reach());
        let hangs = dropped && self.scene.is_over();
        let end = ended.or((!hangs).then_some(now));
        let what = match self.kind {
            Kind::Read => {
                if hangs {
                    self.read(None, None, Status::Coalesced);
                }
                let Some((mut span, brought)) = load else {
                    return;
                };
                span.end = span.end.or(Some(now));
                let flight = Span::new(begin, ended.unwrap_or(now));
                let what = What::Load {
                    key,
                    brought,
                    flight,
                    dropped,
                };
                return self.scene.add(span, what);
            }
            Kind::Put(version) => What::Put {
                key,
                version,
                reach,
            },
            Kind::Refresh => What::Refresh {
                key,
                brought: load.and_then(|(_, brought)| brought),
                dropped,
                reach,
            },
        };
        self.scene.add(Span { begin, end }, what);
    }
}
