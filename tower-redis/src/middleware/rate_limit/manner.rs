//! How a layer treats its requests once they are decided about.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Response};

use crate::limit::{Decision, Limiter};

use super::answers::Answers;
use super::fields::Fields;
use super::grpc;
use super::rejection::RateLimited;

type Respond = Arc<dyn Fn(RateLimited) -> Response<Bytes> + Send + Sync>;

#[derive(Clone)]
pub(super) struct Manner {
    pub(super) fields: Arc<Fields>,
    pub(super) respond: Option<Respond>,
}

impl Manner {
    pub(super) fn of(limiter: &Limiter) -> Self {
        Self {
            fields: Arc::new(Fields::of(limiter, Answers::default())),
            respond: None,
        }
    }

    /// What a request with these fields gets that `decision` refuses.
    pub(super) fn refuse(&self, decision: Decision, asked: &HeaderMap) -> Response<Bytes> {
        let fields = Arc::clone(&self.fields);
        let refused = RateLimited::with(fields, decision, grpc::content_type(asked));
        match &self.respond {
            Some(respond) => respond(refused),
            None => refused.into_response(),
        }
    }
}

impl fmt::Debug for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manner")
            .field("fields", &self.fields)
            .finish_non_exhaustive()
    }
}
