//! The origin's answer to a GET: what of it is stored, and what the client gets.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap};
use http::{Method, Response, StatusCode, response};
use http_body::Body;

use super::answer::from_stored;
use super::ask::Ask;
use super::body::CacheBody;
use super::body_error::BoxError;
use super::cache_status::CacheStatus;
use super::inner_body::boxed;
use super::keeper::{Keeper, send_on};
use super::pump::{Ended, Pump};
use super::reader::Reader;
use super::rfc9111::directives::delta_seconds;
use super::rfc9111::freshness::Exchanged;
use super::rfc9111::storing::Answered;
use super::rfc9111::validation::{confirms, is_conditional, not_modified, updated};
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{keep_apart, store};
use super::stored::{Head, Stored, date_or};

/// The origin's answer to a GET, not yet looked at.
pub(crate) struct Received<'a> {
    pub(crate) ask: &'a Ask,
    /// The fields of the client's request.
    pub(crate) client: HeaderMap,
    pub(crate) exchanged: Exchanged,
    pub(crate) status: CacheStatus,
    pub(crate) right: Right,
}

impl Received<'_> {
    fn answered<'b>(&'b self, status: StatusCode, fields: &'b HeaderMap) -> Answered<'b> {
        Answered {
            method: &Method::GET,
            request: &self.client,
            asked: &self.ask.directives,
            status,
            response: fields,
            date: date_or(fields, self.exchanged.wall),
            rules: &self.ask.shared.rules,
            origin: &self.ask.origin,
        }
    }

    /// Section 4.3.3, 304: what is stored is still good, with the fields of the answer.
    pub(crate) fn confirmed<B: Body>(
        mut self,
        stored: &Stored,
        fields: &HeaderMap,
    ) -> Response<CacheBody<B>> {
        let shared = &self.ask.shared;
        let now = self.exchanged.received;
        let asked = (&Method::GET, Some(&self.client));
        if !confirms(fields, &stored.head.fields) {
            // section 4.3.4: it must not update what it does not speak of
            send_on(&mut self.right);
            let status = self.status.because(Reason::OtherValidator);
            return from_stored(shared, stored, asked, now, &status);
        }
        let fields = updated(&stored.fields_received(), fields);
        let answered = self.answered(stored.head.status, &fields);
        let last = || stored.head.confirmed(&answered, &self.exchanged);
        match Head::new(&answered, &self.exchanged).map_err(|reason| (reason, last())) {
            Ok(head) => {
                let renewed = Arc::new(Stored::new(head, stored.body.clone(), now));
                self.status.stored = true;
                let answer = from_stored(shared, &renewed, asked, now, &self.status);
                store(&shared.engine, self.right, renewed, &self.client);
                answer
            }
            Err((reason, head)) => {
                // it may not be kept any longer
                send_on(&mut self.right);
                shared.engine.drop_near(self.ask.key.as_bytes());
                // but the client gets the fields of the 304, which say the same to the caches behind this one
                let last = Stored::new(head, stored.body.clone(), now);
                from_stored(shared, &last, asked, now, &self.status.because(reason))
            }
        }
    }

    /// Section 4.3.3, any other status: the answer itself.
    pub(crate) async fn full<B>(
        mut self,
        mut parts: response::Parts,
        body: B,
    ) -> Response<CacheBody<B>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let shared = &self.ask.shared;
        let answered = self.answered(parts.status, &parts.headers);
        let keepable = Head::new(&answered, &self.exchanged).and_then(|head| {
            let limit = shared.body_limit(self.ask.key.as_bytes(), &head);
            let limit = limit.ok_or(Reason::TooLarge)?;
            Ok((head, limit, announced(&parts.headers, &body, limit)?))
        });
        let (head, limit, announced) = match keepable {
            Ok(keepable) => keepable,
            Err(reason) => {
                shared.engine.counts().failed_loads.bump();
                if parts.status.is_server_error() {
                    // when it is well again, they had better wait for one of them
                    send_on(&mut self.right);
                } else {
                    keep_apart(&shared.engine, self.right);
                }
                let status = self.status.because(reason);
                shared.finish(&status, &mut parts.headers);
                return Response::from_parts(parts, CacheBody::passing(body));
            }
        };
        let shareable = head.is_shareable(self.exchanged.received);
        if !shareable {
            send_on(&mut self.right);
        }
        let conditional = is_conditional(&self.client).then(|| self.client.clone());
        let keeper = Keeper {
            engine: shared.engine.clone(),
            right: self.right,
            head,
            request: self.client,
            sent: self.exchanged.sent,
            announced,
            limit,
            length: 0,
        };
        let (tape, mut reader) = Reader::first(shared.engine.clock().clone(), body.size_hint());
        let mut pump = Pump::new(boxed(body), keeper, tape);
        // most bodies are there at once; they are stored before the client reads a byte
        let stored = match poll_fn(|cx| Poll::Ready(Pin::new(&mut pump).poll(cx))).await {
            Poll::Ready(Ended::Stored(stored)) => Some(stored),
            Poll::Ready(Ended::NotStored(reason)) => {
                self.status = self.status.because(reason);
                None
            }
            Poll::Pending => {
                let coming = pump.coming(shareable);
                reader.drive(pump, shared.engine.tasks());
                coming
            }
        };
        self.status.stored = stored.is_some();
        let body = match stored {
            Some(stored) => {
                if let Some(client) = conditional
                    && not_modified(&client, stored.head.status, &stored.head.fields)
                {
                    // the client has what the origin is sending
                    let asked = (&Method::GET, Some(&client));
                    let now = self.exchanged.received;
                    return from_stored(shared, &stored, asked, now, &self.status);
                }
                if reader.is_whole() {
                    CacheBody::whole(stored.body.clone(), reader.trailers())
                } else {
                    CacheBody::taped(reader)
                }
            }
            None => CacheBody::taped(reader),
        };
        shared.finish(&self.status, &mut parts.headers);
        Response::from_parts(parts, body)
    }
}

/// The length a body should have, if that is known.
fn announced<B: Body>(fields: &HeaderMap, body: &B, limit: usize) -> Result<Option<u64>, Reason> {
    let hint = body.size_hint();
    let mut lengths = fields
        .get_all(CONTENT_LENGTH)
        .iter()
        .map(|line| delta_seconds(line.as_bytes()));
    let announced = match lengths.next() {
        None => hint.exact(),
        // not a length, or two that differ (RFC 9110 section 8.6)
        Some(first) if first.is_none() || lengths.any(|next| next != first) => {
            return Err(Reason::Incomplete);
        }
        Some(first) => first,
    };
    let least = announced.unwrap_or(0).max(hint.lower());
    if usize::try_from(least).map_or(true, |least| least > limit) {
        return Err(Reason::TooLarge);
    }
    Ok(announced)
}
