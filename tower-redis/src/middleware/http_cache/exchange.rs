//! One request, from lookup to store: the only state machine.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, RANGE};
use http::{Method, Request, Response, StatusCode, response};
use http_body::Body;
use tokio::sync::OwnedSemaphorePermit;
use tower_service::Service;

use crate::cache::flight::{Outcome, Permit, Turn};
use crate::clock::Moment;
use crate::key::KeyWriter;

use super::answer::{from_stored, only_if_cached};
use super::body::CacheBody;
use super::cache_status::{CacheStatus, Handling};
use super::keeper::{Keeper, send_on};
use super::key::{Endangered, Target, keys};
use super::rfc9111::directives::{RequestDirectives, delta_seconds};
use super::rfc9111::freshness::{Exchanged, append_missing_date};
use super::rfc9111::invalidation::{is_non_error, is_safe, other_targets};
use super::rfc9111::reuse::reuse;
use super::rfc9111::storing::Answered;
use super::rfc9111::validation::{
    ask, confirms, has_origin_precondition, has_validator, is_conditional, not_modified, updated,
};
use super::rfc9111::verdict::{Forward, Reason};
use super::shared::{Shared, store};
use super::stored::{Head, Stored, Variants, date_or};
use super::tape::{Ended, tape};

/// What is to be done with a request.
#[derive(Debug)]
pub(crate) enum Course<B: Body> {
    /// Nothing more: here is the answer.
    Answer(Response<CacheBody<B>>),
    /// It goes to the inner service, and its answer is not stored.
    Pass(Passage),
    /// It goes to the inner service unless another one's answer will do, and may be stored.
    Exchange(Ask),
}

/// A request that is not looked up or not stored, while it is with the inner service.
#[derive(Debug)]
pub(crate) struct Passage {
    shared: Arc<Shared>,
    status: CacheStatus,
    endangered: Option<Endangered>,
}

/// What a GET that found nothing usable asks.
#[derive(Debug)]
pub(crate) struct Ask {
    shared: Arc<Shared>,
    key: KeyWriter,
    directives: RequestDirectives,
    forward: Forward,
}

/// Decides what to do with a request. A hit ends here.
pub(crate) fn course<Q, B: Body>(shared: &Arc<Shared>, request: &Request<Q>) -> Course<B> {
    let pass = |why, reason| Course::Pass(Passage::new(shared, why, reason));
    let engine = &shared.engine;
    if !engine.enabled() {
        engine.counts().bypassed.bump();
        return pass(Forward::Bypass, Some(Reason::Disabled));
    }
    let (method, fields) = (request.method(), request.headers());
    if *method != Method::GET && *method != Method::HEAD {
        let mut passage = Passage::new(shared, Forward::Method, None);
        passage.endangered = (!is_safe(method)).then(|| Endangered::by(request));
        return Course::Pass(passage);
    }
    let directives = RequestDirectives::of(fields);
    let bypass = |reason| {
        if directives.only_if_cached {
            return Course::Answer(only_if_cached(shared));
        }
        pass(Forward::Bypass, Some(reason))
    };
    let target = match Target::of(request) {
        Ok(target) => target,
        Err(reason) => return bypass(reason),
    };
    // section 14.2 of RFC 9110: a range means something to GET alone
    if *method == Method::GET && fields.contains_key(RANGE) {
        return bypass(Reason::Range);
    }
    if has_origin_precondition(fields) {
        return bypass(Reason::Precondition);
    }
    let (key, now) = (target.key(), engine.now());
    let found = engine.find(key.as_bytes());
    let usable = match &found {
        None => Err(Forward::UriMiss),
        Some(entry) => pick(&entry.value, fields, &directives, now),
    };
    match usable {
        Ok(stored) => {
            engine.counts().near_hits.bump();
            let status = hit(stored, now);
            Course::Answer(from_stored(shared, stored, (method, fields), now, &status))
        }
        Err(_) if directives.only_if_cached => Course::Answer(only_if_cached(shared)),
        Err(forward) if *method == Method::HEAD => {
            engine.counts().misses.bump();
            pass(forward, Some(Reason::Method))
        }
        Err(forward) => Course::Exchange(Ask {
            shared: Arc::clone(shared),
            key,
            directives,
            forward,
        }),
    }
}

/// The response that may answer a request now, or why it has to go forward.
fn pick<'a>(
    variants: &'a Variants,
    request: &HeaderMap,
    directives: &RequestDirectives,
    now: Moment,
) -> Result<&'a Arc<Stored>, Forward> {
    let stored = variants.select(request).ok_or(Forward::VaryMiss)?;
    let head = &stored.head;
    reuse(directives, &head.directives, &head.freshness, now).map(|()| stored)
}

fn hit(stored: &Stored, now: Moment) -> CacheStatus {
    CacheStatus::new(Handling::Hit {
        remaining: stored.head.freshness.remaining(now),
    })
}

impl Passage {
    fn new(shared: &Arc<Shared>, why: Forward, reason: Option<Reason>) -> Self {
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
                self.shared.engine.invalidate(key.as_bytes());
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

/// What waiting for another request's answer came to.
enum Waited {
    /// Its answer is good for this one, too. `true` when it was waited for.
    Answered(Arc<Stored>, bool),
    /// Ask the origin.
    Ask {
        permit: Permit<Variants>,
        /// Held until the origin has answered, where many were sent to it at once.
        turn: Option<OwnedSemaphorePermit>,
        waited: bool,
    },
}

impl Ask {
    /// Whether the answer to another request could be the answer to this one, and the other way
    /// round: one with a condition may be answered 304, and one that insists on the origin's own
    /// word or forbids to store its answer has nothing to give or take.
    fn coalesces(&self, request: &HeaderMap) -> bool {
        let asked = &self.directives;
        !(is_conditional(request) || asked.no_store || asked.no_cache || asked.max_age == Some(0))
    }

    fn permit(&self) -> Permit<Variants> {
        let engine = &self.shared.engine;
        engine.permit(self.key.as_bytes(), engine.premises::<&str>(&[]))
    }

    fn usable(&self, variants: &Variants, request: &HeaderMap) -> Option<Arc<Stored>> {
        let now = self.shared.engine.now();
        pick(variants, request, &self.directives, now).ok().cloned()
    }

    fn usable_now(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        self.usable(&entry.value, request)
    }

    /// Waits for the answer to another request for the same URI, if there is one under way.
    async fn wait(&self, request: &HeaderMap) -> Waited {
        let engine = &self.shared.engine;
        if !self.coalesces(request) {
            return Waited::Ask {
                permit: self.permit(),
                turn: None,
                waited: false,
            };
        }
        let mut waited = false;
        loop {
            let premises = engine.premises::<&str>(&[]);
            let helps = |variants: &Variants| self.usable(variants, request).is_some();
            let follower = match engine.join_for(self.key.as_bytes(), premises, helps) {
                Turn::Hit(entry) => match self.usable(&entry.value, request) {
                    Some(stored) => return Waited::Answered(stored, waited),
                    None => continue,
                },
                Turn::Lead(permit) | Turn::Alone(permit) => {
                    return Waited::Ask {
                        permit,
                        turn: None,
                        waited,
                    };
                }
                Turn::Follow(follower) => follower,
            };
            waited = true;
            let gate = match follower.outcome().await {
                // the one that was waited for is gone; take its place
                None => continue,
                Some(Outcome::Value(entry)) => match self.usable(&entry.value, request) {
                    Some(stored) => return Waited::Answered(stored, true),
                    None => None,
                },
                Some(Outcome::Failed(_)) => None,
                Some(Outcome::Released(gate)) => Some(gate),
            };
            let turn = match gate {
                // nobody closes a gate; were it closed, asking at once would still be right
                Some(gate) => gate.acquire_owned().await.ok(),
                None => None,
            };
            if let Some(stored) = self.usable_now(request) {
                return Waited::Answered(stored, true);
            }
            return Waited::Ask {
                permit: self.permit(),
                turn,
                waited,
            };
        }
    }
}

/// A GET that found nothing usable: waits for another's answer, or asks the origin and stores what it
/// says.
///
/// Cancellation: dropped, it stores nothing, and one of those who wait for it asks the origin.
pub(crate) async fn exchange<S, Q, B>(
    ask_for: Ask,
    mut service: S,
    request: Request<Q>,
) -> Result<Response<CacheBody<B>>, S::Error>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Send,
{
    let shared = &ask_for.shared;
    let counts = shared.engine.counts();
    let mut status = CacheStatus::forward(ask_for.forward);
    let (mut parts, content) = request.into_parts();
    let (permit, turn) = match ask_for.wait(&parts.headers).await {
        Waited::Answered(stored, waited) => {
            let now = shared.engine.now();
            if waited {
                counts.misses.bump();
                counts.coalesced.bump();
                status.collapsed = Some(true);
            } else {
                counts.near_hits.bump();
                status = hit(&stored, now);
            }
            let asked = (&Method::GET, &parts.headers);
            return Ok(from_stored(shared, &stored, asked, now, &status));
        }
        Waited::Ask {
            permit,
            turn,
            waited,
        } => {
            status.collapsed = waited.then_some(false);
            (permit, turn)
        }
    };
    counts.misses.bump();

    let client = parts.headers.clone();
    let validated = ask_for.to_validate(&client);
    if let Some(stored) = &validated {
        ask(&mut parts.headers, &stored.head.fields);
    }
    let (sent, started) = (shared.engine.now(), shared.engine.clock().now());
    let node = Arc::clone(permit.node());
    let request = Request::from_parts(parts, content);
    let answered = node.around(async { service.call(request).await }).await;
    drop(turn);
    counts.loads.bump();
    let took = shared.engine.clock().now().since(started);
    counts
        .load_nanos
        .add(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    let response = match answered {
        Ok(response) => response,
        Err(error) => {
            counts.failed_loads.bump();
            permit.settle().tell(Outcome::released());
            return Err(error);
        }
    };
    let (mut parts, body) = response.into_parts();
    let exchanged = Exchanged {
        sent,
        received: shared.engine.now(),
        wall: shared.engine.clock().wall(),
    };
    append_missing_date(&mut parts.headers, exchanged.wall);
    status.fwd_status = Some(parts.status);
    let received = Received {
        ask: &ask_for,
        client,
        exchanged,
        status,
        permit,
    };
    Ok(match validated {
        Some(stored) if parts.status == StatusCode::NOT_MODIFIED => {
            received.confirmed(&stored, &parts.headers)
        }
        _ => received.full(parts, body).await,
    })
}

impl Ask {
    /// What is stored for the request, if the origin can be asked whether it is still good. A request
    /// that forbids to store its answer cannot renew it either (section 5.2.1.5).
    fn to_validate(&self, request: &HeaderMap) -> Option<Arc<Stored>> {
        if self.directives.no_store {
            return None;
        }
        let entry = self.shared.engine.find(self.key.as_bytes())?;
        let stored = entry.value.select(request)?;
        has_validator(&stored.head.fields).then(|| Arc::clone(stored))
    }
}

/// The origin's answer to a GET, not yet looked at.
struct Received<'a> {
    ask: &'a Ask,
    /// The fields of the client's request.
    client: HeaderMap,
    exchanged: Exchanged,
    status: CacheStatus,
    permit: Permit<Variants>,
}

impl Received<'_> {
    fn head(&self, status: StatusCode, fields: &HeaderMap) -> Result<Head, Reason> {
        let answered = Answered {
            method: &Method::GET,
            request: &self.client,
            asked: &self.ask.directives,
            status,
            response: fields,
            date: date_or(fields, self.exchanged.wall),
            default_ttl: self.ask.shared.default_ttl,
        };
        Head::new(&answered, &self.exchanged)
    }

    /// Section 4.3.3, 304: what is stored is still good, with the fields of the answer.
    fn confirmed<B: Body>(mut self, stored: &Stored, fields: &HeaderMap) -> Response<CacheBody<B>> {
        let shared = &self.ask.shared;
        let now = self.exchanged.received;
        let as_it_was = |status: &CacheStatus| {
            let asked = (&Method::GET, &self.client);
            from_stored(shared, stored, asked, now, status)
        };
        if !confirms(fields, &stored.head.fields) {
            // section 4.3.4: it must not update what it does not speak of
            send_on(&mut self.permit);
            return as_it_was(&self.status.because(Reason::OtherValidator));
        }
        let fields = updated(&stored.head.fields, fields);
        match self.head(stored.head.status, &fields) {
            Ok(head) => {
                let renewed = Arc::new(Stored::new(head, stored.body.clone(), now));
                self.status.stored = true;
                let asked = (&Method::GET, &self.client);
                let answer = from_stored(shared, &renewed, asked, now, &self.status);
                store(&shared.engine, self.permit, renewed, &self.client);
                answer
            }
            Err(reason) => {
                // it may not be kept any longer
                send_on(&mut self.permit);
                shared.engine.invalidate(self.ask.key.as_bytes());
                as_it_was(&self.status.because(reason))
            }
        }
    }

    /// Section 4.3.3, any other status: the answer itself.
    async fn full<B>(mut self, mut parts: response::Parts, body: B) -> Response<CacheBody<B>>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Send,
    {
        let shared = &self.ask.shared;
        let keepable = self
            .head(parts.status, &parts.headers)
            .and_then(|head| Ok((head, announced(&parts.headers, &body, shared.max_body)?)));
        let (head, announced) = match keepable {
            Ok(keepable) => keepable,
            Err(reason) => {
                shared.engine.counts().failed_loads.bump();
                send_on(&mut self.permit);
                let status = self.status.because(reason);
                status.append(&shared.name, &mut parts.headers);
                return Response::from_parts(parts, CacheBody::passing(body));
            }
        };
        if !head.is_shareable(self.exchanged.received) {
            send_on(&mut self.permit);
        }
        let node = Arc::clone(self.permit.node());
        let conditional = is_conditional(&self.client).then(|| self.client.clone());
        let keeper = Keeper {
            engine: shared.engine.clone(),
            permit: self.permit,
            head,
            request: self.client,
            announced,
            limit: shared.max_body,
            kept: Vec::new(),
        };
        let (mut pump, mut reader) = tape(body, keeper);
        // most bodies are there at once; what they make is stored before the client reads a byte
        let at_once = node.around(std::future::poll_fn(|cx| {
            std::task::Poll::Ready(pump.pull(cx))
        }));
        let body = match at_once.await {
            std::task::Poll::Ready(Ended::Stored(stored)) => {
                self.status.stored = true;
                if let Some(client) = conditional
                    && not_modified(&client, stored.head.status, &stored.head.fields)
                {
                    // the client has what the origin has just sent
                    let asked = (&Method::GET, &client);
                    let now = self.exchanged.received;
                    return from_stored(shared, &stored, asked, now, &self.status);
                }
                if reader.is_whole() {
                    CacheBody::whole(stored.body.clone(), reader.into_trailers())
                } else {
                    CacheBody::taped(reader)
                }
            }
            std::task::Poll::Ready(Ended::NotStored(reason)) => {
                self.status = self.status.because(reason);
                CacheBody::taped(reader)
            }
            std::task::Poll::Pending => {
                self.status.stored = true;
                reader.drive(pump);
                CacheBody::taped(reader)
            }
        };
        self.status.append(&shared.name, &mut parts.headers);
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
