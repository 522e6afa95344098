//! Section 4.3.5: what an answer to HEAD says of the response to GET that is stored.

use std::sync::Arc;

use http::header::HeaderMap;
use http::{Method, StatusCode};

use crate::cache::flight::Permit;
use crate::cache::hold::Direct;

use super::ask::Ask;
use super::rfc9111::freshness::Exchanged;
use super::rfc9111::storing::Answered;
use super::rfc9111::validation::{speaks_of, updated};
use super::shared::{Shared, store};
use super::stored::{Head, Stored, Variants, date_or};

/// The response to GET that a HEAD on its way to the origin would have been answered with.
#[derive(Debug)]
pub(crate) struct Freshens {
    stored: Arc<Stored>,
    ask: Ask,
    client: HeaderMap,
    permit: Permit<Direct<Variants>>,
}

impl Freshens {
    /// `None` when nothing is stored for the request.
    pub(crate) fn by(ask: Ask, client: &HeaderMap) -> Option<Self> {
        let stored = ask.selected(client)?;
        let permit = ask.permit();
        Some(Self {
            stored,
            client: client.clone(),
            permit,
            ask,
        })
    }

    /// Takes in the answer: "if the validators match, the cache SHOULD update the stored response; otherwise it
    /// SHOULD consider it to be stale". What is considered stale is dropped here, so that nobody gets it when
    /// the origin cannot be reached either.
    pub(crate) fn take(self, status: StatusCode, fields: &HeaderMap, exchanged: &Exchanged) {
        // of any other status nothing is said: it may be the answer to a condition, or a failure
        if status != StatusCode::OK {
            return;
        }
        let shared = &self.ask.shared;
        let renewed = speaks_of(fields, &self.stored.head.fields)
            .then(|| self.renewed(shared, fields, exchanged))
            .flatten();
        match renewed {
            Some(renewed) => store(&shared.engine, self.permit, renewed, &self.client),
            None => {
                shared.engine.drop_near(self.ask.key.as_bytes());
            }
        }
    }

    fn renewed(
        &self,
        shared: &Shared,
        fields: &HeaderMap,
        exchanged: &Exchanged,
    ) -> Option<Arc<Stored>> {
        let fields = updated(&self.stored.fields_received(), fields);
        let answered = Answered {
            method: &Method::GET,
            request: &self.client,
            asked: &self.ask.directives,
            status: self.stored.head.status,
            response: &fields,
            date: date_or(&fields, exchanged.wall),
            rules: &shared.rules,
        };
        let head = Head::new(&answered, exchanged).ok()?;
        let body = self.stored.body.clone();
        Some(Arc::new(Stored::new(head, body, exchanged.received)))
    }
}
