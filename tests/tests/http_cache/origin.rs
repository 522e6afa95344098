//! The origin of the histories as a service.

use std::collections::VecDeque;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body::{Body, Frame, SizeHint};
use tower::Service;
use tower_redis::testing::ManualClock;

use crate::history::Script;
use crate::message::{Answer, Asked, Coming, Fields};

/// The origin, or its body, failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the origin failed")
    }
}

impl std::error::Error for Failed {}

/// A body of two parts.
#[derive(Debug)]
pub(crate) struct Content {
    parts: VecDeque<Result<Bytes, Failed>>,
    exact: Option<u64>,
}

impl Content {
    fn of(answer: &Answer) -> Self {
        let mut text = Bytes::from(answer.text.clone());
        let exact = (answer.coming == Coming::Whole).then_some(text.len() as u64);
        let mut parts = VecDeque::new();
        if answer.coming == Coming::Streamed {
            parts.push_back(Ok(text.split_to(text.len() / 2)));
        }
        parts.push_back(Ok(text));
        if answer.coming == Coming::Broken {
            parts.push_back(Err(Failed));
        }
        parts.retain(|part| part.as_ref().map_or(true, |part| !part.is_empty()));
        Self { parts, exact }
    }
}

impl Body for Content {
    type Data = Bytes;
    type Error = Failed;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Failed>>> {
        let part = self.parts.pop_front();
        Poll::Ready(part.map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.parts.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.exact
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// What the origin says now, and what it was asked.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) script: Option<Script>,
    pub(crate) asked: Vec<Asked>,
    /// How often it was asked before.
    pub(crate) before: usize,
}

impl World {
    /// Asks it: what it answers, after how many seconds.
    pub(crate) fn ask(&mut self, asked: Asked) -> (u64, Option<Answer>) {
        let n = self.before + self.asked.len();
        let script = self.script.as_ref().unwrap();
        let answer = (script.delay, script.answer(&asked, n));
        self.asked.push(asked);
        answer
    }

    /// What it was asked since the last time.
    pub(crate) fn take(&mut self) -> Vec<Asked> {
        self.before += self.asked.len();
        std::mem::take(&mut self.asked)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) clock: ManualClock,
}

impl Service<Request<()>> for Origin {
    type Response = Response<Content>;
    type Error = Failed;
    type Future = Ready<Result<Response<Content>, Failed>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failed>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let asked = Asked {
            method: request.method().as_str().to_owned(),
            url: request.uri().to_string(),
            fields: read(request.headers()),
        };
        let (delay, answer) = self.world.lock().unwrap().ask(asked);
        self.clock.advance(Duration::from_secs(delay));
        ready(answer.map(|answer| response(&answer)).ok_or(Failed))
    }
}

pub(crate) fn read(fields: &HeaderMap) -> Fields {
    let lines = fields.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), value.into_owned())
    });
    Fields(lines.collect())
}

pub(crate) fn write(fields: &Fields) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in &fields.0 {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    map
}

fn response(answer: &Answer) -> Response<Content> {
    let mut response = Response::new(Content::of(answer));
    *response.status_mut() = answer.status.try_into().unwrap();
    *response.headers_mut() = write(&answer.fields);
    response
}
