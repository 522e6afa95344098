//! A request that is not looked up or not stored, while it is with the inner service.

use std::sync::Arc;

use http::Response;
use http::header::HeaderMap;
use http_body::Body;

use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::key::{Endangered, keys};
use super::rfc9111::freshness::append_missing_date;
use super::rfc9111::invalidation::{is_non_error, other_targets};
use super::rfc9111::verdict::{Forward, Reason};
use super::shared::Shared;

/// A request that is not looked up or not stored, while it is with the inner service.
#[derive(Debug)]
pub(crate) struct Passage {
    shared: Arc<Shared>,
    status: CacheStatus,
    pub(crate) endangered: Option<Endangered>,
}

impl Passage {
    pub(crate) fn new(shared: &Arc<Shared>, why: Forward, reason: Option<Reason>) -> Self {
        let mut status = CacheStatus::forward(why);
        status.detail = reason;
        Self {
            shared: Arc::clone(shared),
            status,
            endangered: None,
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
        append_missing_date(&mut parts.headers, self.shared.engine.clock().wall());
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
