//! The origin's answer to a GET: what of it is stored, and what the client gets.

use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, IF_RANGE};
use http::{Method, Response, StatusCode, response};
use http_body::Body;

use crate::cache::hold::Hold;

use super::answer::from_stored;
use super::ask::Ask;
use super::body::CacheBody;
use super::body_error::BoxError;
use super::cache_status::CacheStatus;
use super::inner_body::boxed;
use super::keeper::{Keeper, send_on};
use super::pump::{Ended, Pump};
use super::reader::Reader;
use super::rfc9110::conditions::{is_conditional, not_modified};
use super::rfc9110::ranges::ContentRange;
use super::rfc9111::combining::are_of_one;
use super::rfc9111::directives::delta_seconds;
use super::rfc9111::freshness::Exchanged;
use super::rfc9111::storing::Answered;
use super::rfc9111::validation::{confirms, updated};
use super::rfc9111::verdict::Reason;
use super::right::Right;
use super::shared::{drop_selected, not_stored, store_all};
use super::stored::{Head, Stored, date_or};

/// The origin's answer to a GET, not yet looked at.
pub(crate) struct Received<'a> {
    pub(crate) ask: &'a Ask,
    /// The fields of the client's request.
    pub(crate) client: HeaderMap,
    pub(crate) exchanged: Exchanged,
    pub(crate) status: CacheStatus,
    pub(crate) right: Right,
    /// Whether the request that it answers was for a range.
    pub(crate) ranged: bool,
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

    fn head(&self, status: StatusCode, fields: &HeaderMap) -> Result<Head, Reason> {
        Head::new(&self.answered(status, fields), &self.exchanged)
    }

    /// What there would be to keep of the response, and how long its body has to be if that is known by now.
    fn keepable(&self, parts: &response::Parts) -> Result<(Head, Option<u64>), Reason> {
        if !self.ranged {
            return Ok((self.head(parts.status, &parts.headers)?, None));
        }
        match parts.status {
            StatusCode::OK => Ok((self.head(parts.status, &parts.headers)?, None)),
            StatusCode::PARTIAL_CONTENT => self.part(&parts.headers),
            StatusCode::NOT_MODIFIED => Err(Reason::Status),
            // whatever it is, a range has brought it about: it is none for who wants all
            _ => Err(Reason::Range),
        }
    }

    /// Section 3.3: a 206, "as if it were an incomplete 200". Several ranges in one body are not kept.
    fn part(&self, fields: &HeaderMap) -> Result<(Head, Option<u64>), Reason> {
        let part = ContentRange::of(fields).ok_or(Reason::Range)?;
        let kept = self
            .ask
            .shared
            .kept(self.ask.key.as_bytes(), self.exchanged.received);
        let mut known = Vec::new();
        if let Some(kept) = &kept {
            let of_one = kept.value().selected(&self.client);
            known.extend(of_one.filter(|known| are_of_one(&known.head.fields, fields)));
        }
        // the newest is the first, and counts the most
        let known = known.into_iter().rev().map(|known| known.fields_received());
        let head = match known.reduce(|older, newer| updated(&older, &newer)) {
            Some(known) => self.head(StatusCode::OK, &updated(&known, fields)),
            // RFC 9110 section 15.3.7: to one with `If-Range` it need not have all fields of the representation
            None if self.client.contains_key(IF_RANGE) => Err(Reason::Range),
            None => self.head(StatusCode::OK, fields),
        };
        let length = part.length();
        Ok((head?.of_part(part), Some(length)))
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
        match self.renewed(stored, fields) {
            Ok(renewed) => {
                self.status.stored = true;
                let answer = from_stored(shared, &renewed, asked, now, &self.status);
                let mut all = vec![renewed];
                all.extend(self.others_renewed(stored, fields));
                store_all(&shared.engine, self.right, all, &self.client);
                answer
            }
            Err(reason) => {
                send_on(&mut self.right);
                // but the client gets the fields of the 304, which say the same to the caches behind this one
                let fields = updated(&stored.fields_received(), fields);
                let answered = self.answered(stored.head.status, &fields);
                let head = stored.head.confirmed(&answered, &self.exchanged);
                let last = Stored::new(head, stored.body.clone(), now);
                let answer = from_stored(shared, &last, asked, now, &self.status.because(reason));
                if !reason.is_of_request() && stored.head.selection.matches(&self.client) {
                    // it may not be kept any longer
                    drop_selected(&shared.engine, self.right, &self.client);
                }
                answer
            }
        }
    }

    fn renewed(&self, stored: &Stored, fields: &HeaderMap) -> Result<Arc<Stored>, Reason> {
        let fields = updated(&stored.fields_received(), fields);
        let mut head = self.head(stored.head.status, &fields)?;
        if let Some(part) = &stored.head.part {
            head = head.of_part(part.clone());
        }
        let now = self.exchanged.received;
        Ok(Arc::new(Stored::new(head, stored.body.clone(), now)))
    }

    /// Section 4.3.4: "All the stored responses in the initial set with one of those same strong validators are
    /// identified for update". Of one representation several are stored only where they are parts.
    fn others_renewed(&self, stored: &Stored, fields: &HeaderMap) -> Vec<Arc<Stored>> {
        let kept = stored.head.part.as_ref().and_then(|_| {
            let key = self.ask.key.as_bytes();
            self.ask.shared.kept(key, self.exchanged.received)
        });
        let Some(kept) = kept else {
            return Vec::new();
        };
        let is_other = |other: &&Arc<Stored>| {
            other.head.part != stored.head.part
                && are_of_one(&other.head.fields, &stored.head.fields)
        };
        let others = kept.value().selected(&self.client).filter(is_other);
        others
            .filter_map(|other| self.renewed(other, fields).ok())
            .collect()
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
        let keepable = self.keepable(&parts).and_then(|(head, length)| {
            let limit = shared.body_limit(self.ask.key.as_bytes(), &head);
            let limit = limit.ok_or(Reason::TooLarge)?;
            let announced = announced(&parts.headers, &body, limit)?;
            match (announced, length) {
                (Some(one), Some(other)) if one != other => Err(Reason::Range),
                (announced, length) => Ok((head, limit, announced.or(length))),
            }
        });
        let (head, limit, announced) = match keepable {
            Ok(keepable) => keepable,
            Err(reason) => {
                shared.engine.counts().failed_loads.bump();
                let (engine, right) = (&shared.engine, self.right);
                not_stored(engine, right, &self.client, parts.status, reason);
                let status = self.status.because(reason);
                shared.finish(&status, &mut parts.headers);
                return Response::from_parts(parts, CacheBody::passing(body));
            }
        };
        let is_part = head.part.is_some();
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
        let (clock, share) = (shared.engine.clock().clone(), shared.allowance.share());
        let (tape, mut reader) = Reader::first(clock, body.size_hint(), share);
        let mut pump = Pump::new(boxed(body), keeper, tape);
        // most bodies are there at once; they are stored before the client reads a byte
        let stored = match poll_fn(|cx| Poll::Ready(Pin::new(&mut pump).poll(cx))).await {
            Poll::Ready(Ended::Stored(stored)) => Some(stored),
            Poll::Ready(Ended::NotStored(reason)) => {
                self.status = self.status.because(reason);
                None
            }
            Poll::Pending => {
                let coming = pump.coming(shareable && !is_part);
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
                if is_part || !reader.is_whole() {
                    CacheBody::taped(reader)
                } else {
                    CacheBody::whole(stored.body.clone(), reader.trailers())
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
