//! A request that is not looked up or not stored, while it is with the inner service.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt as _;
use http::header::HeaderMap;
use http::{Response, response};
use http_body::Body;

use crate::cache::tags::Severity;

use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::freshens::Freshens;
use super::key::{Endangered, keys, origins};
use super::purge::Purge;
use super::rfc9111::freshness::append_missing_date;
use super::rfc9111::invalidation::{is_non_error, other_targets};
use super::rfc9111::verdict::{Forward, Reason};
use super::shared::Shared;
use super::tags::invalidated_groups;

/// Telling the other processes.
pub(crate) type Telling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A request that is not looked up or not stored, while it is with the inner service.
#[derive(Debug)]
pub(crate) struct Passage {
    shared: Arc<Shared>,
    status: CacheStatus,
    pub(crate) endangered: Option<Endangered>,
    /// What an answer to HEAD speaks of.
    pub(crate) freshens: Option<Box<Freshens>>,
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
        }
    }

    /// The inner service's answer, on its way out, and what has to be done before it goes.
    pub(crate) fn answer<B: Body>(
        mut self,
        response: Response<B>,
    ) -> (Response<CacheBody<B>>, Option<Telling>) {
        let (mut parts, body) = response.into_parts();
        let telling = self.invalidated(&parts);
        self.status.fwd_status = Some(parts.status);
        let wall = self.shared.engine.clock().wall();
        append_missing_date(&mut parts.headers, wall);
        if let Some(freshens) = self.freshens.take() {
            freshens.take(parts.status, &parts.headers, wall);
        }
        self.shared.finish(&self.status, &mut parts.headers);
        let response = Response::from_parts(parts, CacheBody::passing(body));
        (response, telling)
    }

    /// What the answer makes invalid is gone in this process, and what is left is to tell the others.
    pub(crate) fn invalidated(&mut self, parts: &response::Parts) -> Option<Telling> {
        let endangered = self.endangered.take();
        let endangered = endangered.filter(|_| is_non_error(parts.status));
        endangered.and_then(|them| self.invalidate(&them, Some(&parts.headers)))
    }

    /// Section 4.4: the target URI, and those named by the answer. It is done in this process at once; what is left
    /// is to tell the others.
    fn invalidate(&self, endangered: &Endangered, response: Option<&HeaderMap>) -> Option<Telling> {
        let parts = &self.shared.rules.key;
        let (mut urls, mut groups) = (Vec::new(), Vec::new());
        for (authority, path) in endangered.targets() {
            urls.extend(keys(parts, authority, path));
            let Some(response) = response else {
                continue;
            };
            for other in other_targets(response, authority, path) {
                urls.extend(keys(parts, authority, &other));
            }
            for origin in origins(authority) {
                groups.extend(invalidated_groups(response, &origin));
            }
        }
        let purge = Purge::of(&self.shared, urls, groups);
        let mut telling: Telling = Box::pin(async move {
            purge.run(Severity::Remove).await;
        });
        // in this process it takes no time
        match telling.as_mut().now_or_never() {
            Some(()) => None,
            None => Some(telling),
        }
    }
}

/// Nobody knows whether a request took effect whose answer never came.
impl Drop for Passage {
    fn drop(&mut self) {
        if let Some(endangered) = self.endangered.take()
            && let Some(telling) = self.invalidate(&endangered, None)
        {
            // without a runtime this process is all that is told
            let _ = self.shared.engine.tasks().start(telling);
        }
    }
}
