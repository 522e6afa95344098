//! What to do with a request. A hit ends here.

use std::sync::Arc;

use http::{Method, Request, Response, Version};
use http_body::Body;

use super::answer::{from_stored, only_if_cached};
use super::ask::Ask;
use super::body::CacheBody;
use super::cache_status::CacheStatus;
use super::exchange::collapsed;
use super::key::{Endangered, Target};
use super::passage::Passage;
use super::pick::{hit, pick};
use super::post::Posted;
use super::rfc9110::conditions::{has_origin_precondition, is_plain};
use super::rfc9111::directives::RequestDirectives;
use super::rfc9111::invalidation::is_safe;
use super::rfc9111::reuse::{Reuse, Unusable};
use super::rfc9111::verdict::{Forward, Reason};
use super::rules::RequestHead;
use super::safety::{has_content, has_other_method};
use super::shared::Shared;
use super::stored::Stored;
use crate::cache::hold::Hold;

/// What is to be done with a request.
#[derive(Debug)]
pub(crate) enum Course<B: Body> {
    /// Nothing more: here is the answer.
    Answer(Response<CacheBody<B>>),
    /// It goes to the inner service, and its answer is not stored.
    Pass(Passage),
    /// It goes to the inner service, and its answer may be one to GET, too.
    Post(Posted, Passage),
    /// It goes to the inner service unless another one's answer will do, and may be stored.
    Exchange(Ask),
    /// It may be answered from Redis, and its answer is not stored.
    Look(Ask),
    /// Here is the answer, and what is stored is to be validated.
    Behind(Response<CacheBody<B>>, Ask),
}

/// Decides what to do with a request. A hit ends here.
///
/// What is stale is answered before it is validated if that `can_be_behind`, and an empty `Q` can be made for it.
pub(crate) fn course<Q: 'static, B: Body>(
    shared: &Arc<Shared>,
    request: &Request<Q>,
    can_be_behind: bool,
) -> Course<B> {
    let pass = |why, reason| Course::Pass(Passage::new(shared, why, reason));
    let engine = &shared.engine;
    let (method, fields) = (request.method(), request.headers());
    if !engine.enabled() {
        engine.counts().bypassed.bump();
        let mut passage = Passage::new(shared, Forward::Bypass, Some(Reason::Disabled));
        // the other processes may keep what it changes
        passage.endangered = (!is_safe(method)).then(|| Endangered::by(request));
        return Course::Pass(passage);
    }
    if *method != Method::GET && *method != Method::HEAD {
        let mut passage = Passage::new(shared, Forward::Method, None);
        passage.endangered = (!is_safe(method)).then(|| Endangered::by(request));
        return match Posted::by(shared, request) {
            Some(posted) => Course::Post(posted, passage),
            None => Course::Pass(passage),
        };
    }
    let plain = is_plain(fields);
    let directives = if plain {
        RequestDirectives::default()
    } else {
        shared.asked(fields)
    };
    let bypass = |reason| {
        if directives.only_if_cached {
            return Course::Answer(only_if_cached());
        }
        pass(Forward::Bypass, Some(reason))
    };
    // from HTTP/2 on, content needs no field that tells of it
    let may_hide = request.version() > Version::HTTP_11;
    if !plain && has_content(fields) || may_hide && shared.empty.has_content(request.body()) {
        return bypass(Reason::Content);
    }
    if !plain && has_other_method(fields) {
        return bypass(Reason::MethodOverride);
    }
    let head = RequestHead::of(request);
    if shared
        .rules
        .bypass
        .as_ref()
        .is_some_and(|bypass| bypass(&head))
    {
        return bypass(Reason::Bypassed);
    }
    let target = match Target::of(request) {
        Ok(target) => target,
        Err(reason) => return bypass(reason),
    };
    if !plain && has_origin_precondition(fields) {
        return bypass(Reason::Precondition);
    }
    let parts = &shared.rules.key;
    let (key, now) = (target.key(parts, fields), engine.clock().coarse());
    let found = shared.kept(key.as_bytes(), now);
    let picked = match &found {
        None => Err(Unusable::of(Forward::UriMiss)),
        Some(entry) => pick(entry.value(), (method, fields), &directives, now),
    };
    let asking = |key, forward, alone| Ask {
        shared: Arc::clone(shared),
        alone,
        origin: target.origin().into(),
        call: shared.call(&target),
        key,
        method: method.clone(),
        directives,
        forward,
    };
    let answer = |stored: &Stored, how| {
        let asked = (method, (!plain).then_some(fields));
        from_stored(shared, stored, asked, now, &hit(stored, how, now))
    };
    // few requests need one
    let behind = || can_be_behind && shared.empty.knows::<Q>();
    match picked {
        Ok((stored, Reuse::Fresh)) => {
            engine.counts().near_hits.bump();
            Course::Answer(answer(stored, Reuse::Fresh))
        }
        Ok((stored, how)) if how == Reuse::Accepted || directives.only_if_cached || behind() => {
            engine.counts().stale_hits.bump();
            let response = answer(stored, how);
            if how == Reuse::Accepted || !behind() {
                return Course::Answer(response);
            }
            Course::Behind(response, asking(key, Forward::Stale, false))
        }
        Err(_) if directives.only_if_cached && !engine.is_shared() => {
            Course::Answer(only_if_cached())
        }
        picked => {
            let forward = picked.map_or_else(|unusable| unusable.why, |_| Forward::Stale);
            if *method == Method::HEAD || directives.only_if_cached {
                let ask = asking(key, forward, false);
                if *method == Method::HEAD
                    && let Some(coming) = ask.coming(fields)
                {
                    let status = CacheStatus::forward(forward);
                    return Course::Answer(collapsed(shared, &coming, method, fields, status));
                }
                return Course::Look(ask);
            }
            let alone = found.as_ref().is_some_and(|entry| {
                let stored = entry.value().select(method, fields);
                entry.value().is_apart(now) || stored.is_some_and(|s| s.head.is_for_one())
            });
            Course::Exchange(asking(key, forward, alone))
        }
    }
}
