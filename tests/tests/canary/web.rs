//! The layers, with requests and answers that must not be said.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::extract::FromRequestParts as _;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Request, Response};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};
use tower_redis::Toolkit;
use tower_redis::limit::{Decision, OnUnavailable, Policy, Quota};
use tower_redis::middleware::PeerAddr;
use tower_redis::middleware::http_cache::{KeyParts, RequestDirective};
use tower_redis::middleware::rate_limit::{
    Cookie, Extension, FieldVersion, ForwardedField, ForwardedIp, FoundOut, Global, MatchedPath,
    PathParam, PeerIp, PerPolicy, RateLimited, Unidentified,
};

use crate::said::Said;
use tests::canary::{canary, percent_encoded};

type Answer = Response<Full<Bytes>>;

/// A handler whose answer may be kept and must not be said.
async fn handler(_: Request<Full<Bytes>>) -> Result<Answer, Infallible> {
    let mut answer = Response::new(Full::from(canary("body")));
    let maxage = HeaderValue::from_static("max-age=60");
    answer.headers_mut().insert(CACHE_CONTROL, maxage);
    Ok(answer)
}

/// A handler whose answer ends before its end.
async fn longer_than_it_is(request: Request<Full<Bytes>>) -> Result<Answer, Infallible> {
    let mut answer = handler(request).await?;
    let length = HeaderValue::from_static("4711");
    answer.headers_mut().insert(CONTENT_LENGTH, length);
    Ok(answer)
}

fn request() -> Request<Full<Bytes>> {
    let uri = format!("/{0}?{0}={0}", percent_encoded(&canary("uri")));
    let mut request = Request::new(Full::from(canary("request")));
    *request.uri_mut() = uri.parse().unwrap();
    let value = HeaderValue::from_bytes(canary("subject").as_bytes()).unwrap();
    request.headers_mut().insert(API_KEY, value);
    request
        .extensions_mut()
        .insert(PeerAddr(([192, 0, 2, 1], 4711).into()));
    request
}

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Two calls through every layer: one that is let through and loads, one that is answered from the cache,
/// or refused.
pub(crate) async fn all(toolkit: &Toolkit, said: &mut Said) {
    let key = KeyParts::new().cookie(&canary("cookie"));
    said.debug(&key);
    said.debug(&RequestDirective::NoCache);
    let heard = Arc::new(Mutex::new(Said::default()));
    let hears = Arc::clone(&heard);
    let cache = toolkit.cache_layer().key(key).bypass(move |request| {
        hears.lock().unwrap().debug(request);
        false
    });
    said.debug(&cache);
    said.debug(&cache.purger());
    let mut cached = cache.layer(service_fn(handler));
    said.debug(&cached);
    for _ in 0..2 {
        let answering = cached.ready().await.unwrap().call(request());
        said.debug(&answering);
        let body = answering.await.unwrap().into_body();
        said.debug(&body);
        let body = body.collect().await.unwrap().to_bytes();
        assert_eq!(body, canary("body"));
    }
    let foreground = cache.clone().foreground();
    said.debug(&foreground);
    let mut foreground = foreground.layer(service_fn(handler));
    said.debug(&foreground);
    let answering = foreground.ready().await.unwrap().call(request());
    said.debug(&answering);
    answering.await.unwrap();
    said.and(std::mem::take(&mut *heard.lock().unwrap()));
    cache.purger().all().await;
    let mut cut_short = cache.layer(service_fn(longer_than_it_is));
    let cut_short = cut_short.ready().await.unwrap().call(request());
    let body = cut_short.await.unwrap().into_body();
    said.error(&body.collect().await.unwrap_err());

    let policy = Policy::per_header(API_KEY, Quota::per_minute(1));
    let policy = policy.on_unavailable(OnUnavailable::Closed);
    said.debug(&policy);
    said.debug(&policy.clone().into_extractor());
    let layer = toolkit.rate_limit_layer(policy).unwrap();
    said.debug(&layer);
    let scope = toolkit.scope_layer();
    said.debug(&scope);
    let mut limited = scope.layer(layer.layer(service_fn(handler)));
    said.debug(&limited);
    said.debug(&layer.layer(service_fn(handler)));
    for _ in 0..2 {
        let answering = limited.ready().await.unwrap().call(request());
        said.debug(&answering);
        let (head, body) = answering.await.unwrap().into_parts();
        said.debug(&body);
        let status = head.status;
        if status.is_success() {
            continue;
        }
        // what a client is told besides the names of fields
        said.note("a refusal", &format!("{:?}", head.headers));
        let told = body.collect().await.unwrap().to_bytes();
        said.note("a refusal", &String::from_utf8_lossy(&told));
    }
    let inner = layer.layer(service_fn(handler)).oneshot(request());
    drop(inner);
    let mut alone = layer.layer(service_fn(handler));
    let answering = alone.ready().await.unwrap().call(request());
    said.debug(&answering);
    drop(answering);

    let key = canary("subject");
    let decision = layer.limiter().check(key.as_str()).await;
    said.display(&RateLimited::new(layer.limiter(), decision));
    said.debug(&PeerAddr(([192, 0, 2, 1], 4711).into()));
    said.debug(&PeerIp::default());
    said.debug(&ForwardedIp::behind(["10.0.0.0/8"]).unwrap());
    said.debug(&FieldVersion::Draft8);
    said.debug(&ForwardedField::Forwarded);
    said.debug(&Cookie::new("sid"));
    said.debug(&Extension::<u64>::new());
    said.debug(&Global);
    said.debug(&PerPolicy((PeerIp::new(), Cookie::new("sid"))));
    said.debug(&Unidentified::new("a help"));
    let (mut parts, _) = request().into_parts();
    let none = Decision::from_request_parts(&mut parts, &()).await;
    said.failure(none);
    parts.extensions.clear();
    said.failure(PeerAddr::from_request_parts(&mut parts, &()).await);
    said.debug(&MatchedPath);
    said.debug(&FoundOut::by(canary));
    said.debug(&PathParam::new("id"));
    said.debug(&RateLimited::new(layer.limiter(), decision));
}
