//! Section 4.3.5: what an answer to HEAD says of the response to GET that is stored, and what that is for where there
//! is none.

use std::sync::Arc;
use std::time::SystemTime;

use http::header::HeaderMap;
use http::{Method, Response, StatusCode};
use http_body::Body;

use crate::clock::Moment;

use super::ask::Ask;
use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::forward::in_place_of;
use super::rfc9111::freshness::Exchanged;
use super::rfc9111::storing::Answered;
use super::rfc9111::validation::{speaks_of, updated};
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{Failure, Shared, drop_selected, store};
use super::stored::{Head, Stored, date_or};

/// The response to GET that a HEAD on its way to the origin would have been answered with.
#[derive(Debug)]
pub(crate) struct Freshens {
    stored: Arc<Stored>,
    ask: Ask,
    client: HeaderMap,
    right: Right,
    sent: Moment,
}

impl Freshens {
    /// `None` when nothing is stored for the request.
    pub(crate) fn by(ask: Ask, client: &HeaderMap) -> Option<Self> {
        let stored = ask.selected(client)?;
        let right = ask.right();
        Some(Self {
            stored,
            client: client.clone(),
            right,
            sent: ask.shared.now(),
            ask,
        })
    }

    /// What answers in place of an origin that has failed, as it would a GET.
    pub(crate) fn instead<B: Body>(
        &self,
        failure: Failure,
        fwd_status: Option<StatusCode>,
    ) -> Option<Response<CacheBody<B>>> {
        let stored = self.ask.instead(&self.client, failure)?;
        let shared = &self.ask.shared;
        let counts = shared.engine.counts();
        // counted as a miss, it has found something after all
        counts.found_after_all.bump();
        counts.stale_hits.bump();
        let mut status = CacheStatus::forward(self.ask.forward);
        status.fwd_status = fwd_status;
        let asked = (&self.ask.method, &self.client);
        Some(in_place_of(shared, &stored, failure, asked, &status))
    }

    /// Takes in the answer: "if the validators match, the cache SHOULD update the stored response; otherwise it
    /// SHOULD consider it to be stale". What is considered stale is dropped here, so that nobody gets it when
    /// the origin cannot be reached either.
    pub(crate) fn take(self, status: StatusCode, fields: &HeaderMap, wall: SystemTime) {
        // of any other status nothing is said: it may be the answer to a condition, or a failure
        if status != StatusCode::OK {
            return;
        }
        let shared = &self.ask.shared;
        let exchanged = Exchanged {
            sent: self.sent,
            received: shared.now(),
            wall,
        };
        // a 200 says that what another status says is over
        let speaks = self.stored.head.status == StatusCode::OK;
        let speaks = speaks && speaks_of(fields, &self.stored.head.fields);
        match self.renewed(shared, fields, &exchanged) {
            // it is for the one who asked, and says nothing of what others get
            Err(reason) if reason.is_of_request() => {}
            Ok(renewed) if speaks => store(&shared.engine, self.right, renewed, &self.client),
            Ok(_) | Err(_) => drop_selected(&shared.engine, self.right, &self.client),
        }
    }

    fn renewed(
        &self,
        shared: &Shared,
        fields: &HeaderMap,
        exchanged: &Exchanged,
    ) -> Result<Arc<Stored>, Reason> {
        let fields = updated(&self.stored.fields_received(), fields);
        let answered = Answered {
            method: &Method::GET,
            request: &self.client,
            asked: &self.ask.directives,
            status: self.stored.head.status,
            response: &fields,
            date: date_or(&fields, exchanged.wall),
            rules: &shared.rules,
            origin: &self.ask.origin,
        };
        let head = Head::new(&answered, exchanged)?;
        let body = self.stored.body.clone();
        Ok(Arc::new(Stored::new(head, body, exchanged.received)))
    }
}
