//! Which requests count, and how much.

use std::fmt;
use std::sync::Arc;

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::request::Parts;
use http::{Method, Request};

use crate::limit::Quota;

type Skip = Arc<dyn Fn(&Parts) -> bool + Send + Sync>;
type Cost = Arc<dyn Fn(&Parts) -> u32 + Send + Sync>;
type QuotaOf = Arc<dyn Fn(&Parts) -> Quota + Send + Sync>;

#[derive(Clone, Default)]
pub(super) struct Rules {
    pub(super) skip: Vec<Skip>,
    pub(super) cost: Option<Cost>,
    pub(super) quota: Option<QuotaOf>,
}

/// How a request counts.
pub(super) struct Counted {
    pub(super) cost: u32,
    /// By another quota than that of the policy.
    pub(super) quota: Option<Quota>,
}

impl Rules {
    /// Whether there are none, as most layers have it.
    #[inline]
    pub(super) fn are_none(&self) -> bool {
        self.skip.is_empty() && self.cost.is_none() && self.quota.is_none()
    }

    /// How a request counts, `None` if it does not.
    pub(super) fn of<B>(&self, request: Request<B>) -> (Request<B>, Option<Counted>) {
        let (parts, body) = request.into_parts();
        let skipped = self.skip.iter().any(|skip| skip(&parts));
        let counted = (!skipped).then(|| Counted {
            cost: self.cost.as_ref().map_or(1, |cost| cost(&parts)),
            quota: self.quota.as_ref().map(|quota| quota(&parts)),
        });
        (Request::from_parts(parts, body), counted)
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// What a browser asks before a request to another origin (the CORS protocol of the Fetch standard).
pub(super) fn is_preflight(parts: &Parts) -> bool {
    parts.method == Method::OPTIONS
        && parts.headers.contains_key(ORIGIN)
        && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}
