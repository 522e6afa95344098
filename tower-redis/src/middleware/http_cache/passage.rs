//! A request that is not looked up or not stored, while it is with the inner service.

use std::sync::Arc;

use http::Response;
use http::header::HeaderMap;
use http_body::Body;

use crate::clock::Moment;

use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::freshens::Freshens;
use super::key::{Endangered, keys};
use super::rfc9111::freshness::{Exchanged, append_missing_date};
use super::rfc9111::invalidation::{is_non_error, other_targets};
use super::rfc9111::verdict::{Forward, Reason};
use super::shared::Shared;

/// A request that is not looked up or not stored, while it is with the inner service.
#[derive(Debug)]
pub(crate) struct Passage {
    shared: Arc<Shared>,
    status: CacheStatus,
    pub(crate) endangered: Option<Endangered>,
    /// What an answer to HEAD speaks of.
    pub(crate) freshens: Option<Box<Freshens>>,
    sent: Moment,
}

impl Passage {
    pub(crate) fn new(shared: &Arc<Shared>, why: Forward, reason: Option<Reason>) -> Self {
        let mut status = CacheStatus::forward(why);
        status.detail = reason;
        Self {
            shared: Arc::clone(shared),
            status,
            endangered: None,
            freshens: None,
            sent: shared.now(),
        }
    }

    /// The inner service's answer, on its way out.
    pub(crate) fn answer<B: Body>(mut self, response: Response<B>) -> Response<CacheBody<B>> {
        if let Some(endangered) = &self.endangered
            && is_non_error(response.status())
        {
            self.invalidate(endangered, response.headers());
        }
        let (mut parts, body) = response.into_parts();
        self.status.fwd_status = Some(parts.status);
        let exchanged = Exchanged {
            sent: self.sent,
            received: self.shared.now(),
            wall: self.shared.engine.clock().wall(),
        };
        append_missing_date(&mut parts.headers, exchanged.wall);
        if let Some(freshens) = self.freshens.take() {
            freshens.take(parts.status, &parts.headers, &exchanged);
        }
        self.status.append(&self.shared.name, &mut parts.headers);
        Response::from_parts(parts, CacheBody::passing(body))
    }

    /// Section 4.4: the target URI, and those named by the answer.
    fn invalidate(&self, endangered: &Endangered, response: &HeaderMap) {
        let drop_all = |authority: &str, path: &str| {
            for key in keys(authority, path) {
                self.shared.engine.drop_near(key.as_bytes());
            }
        };
        for (authority, path) in endangered.targets() {
            drop_all(authority, path);
            for other in other_targets(response, authority, path) {
                drop_all(authority, &other);
            }
        }
    }
}
