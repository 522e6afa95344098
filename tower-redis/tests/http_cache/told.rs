//! Exchanges told as text, so that many of them fit on a page beside the sentence that they hold.
//!
//! ```text
//! # a sentence of the RFC; each has a cache and an origin of its own
//! < 200 | etag: "1" || text        what the origin says from now on
//! <? 304 | etag: "1"               the same to a request with a condition
//! <- 206 | ..                      the same to a request with a range
//! > GET /a | range: bytes=0-1      a request
//! = 206 hit; | age: 0 | -date || t what it gets: status, how Cache-Status begins, fields, fields that are not there, body
//! ? etag: "1" | -range             fields of the last request that reached the origin
//! calls 2                          how many did
//! wait 10                          seconds
//! ```

use std::fmt;
use std::sync::{Arc, Mutex};

use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tower_redis::middleware::http_cache::CacheLayer;

use crate::origin::{Answer, Content, Site, full, settle};

/// What an origin says.
#[derive(Clone, Debug, Default)]
struct Say {
    status: u16,
    fields: HeaderMap,
    body: String,
}

#[derive(Debug, Default)]
struct Script {
    plainly: Say,
    on_condition: Option<Say>,
    on_range: Option<Say>,
}

impl Script {
    fn answer(&self, request: &Request<()>) -> Response<Content> {
        let has = |name: &str| request.headers().contains_key(name);
        let conditional = has("if-none-match") || has("if-modified-since");
        let said = match (&self.on_condition, &self.on_range) {
            (Some(said), _) if conditional => said,
            (_, Some(said)) if has("range") => said,
            _ => &self.plainly,
        };
        let body = match request.method().as_str() {
            "HEAD" => String::new(),
            _ => said.body.clone(),
        };
        let mut response = Response::new(full(body));
        *response.status_mut() = said.status.try_into().unwrap();
        *response.headers_mut() = said.fields.clone();
        response
    }
}

/// `first | name: value | -name || body`
struct Line<'a> {
    first: &'a str,
    fields: Vec<(&'a str, &'a str)>,
    absent: Vec<&'a str>,
    body: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Self {
        let (head, body) = match text.split_once("||") {
            Some((head, body)) => (head, Some(body.trim())),
            None => (text, None),
        };
        let mut parts = head.split(" | ").map(str::trim);
        let first = parts.next().unwrap_or_default();
        let (mut fields, mut absent) = (Vec::new(), Vec::new());
        for part in parts {
            match (part.strip_prefix('-'), part.split_once(':')) {
                (Some(name), _) => absent.push(name),
                (None, Some((name, value))) => fields.push((name, value.trim())),
                (None, None) => unreachable!("no field: {part:?}"),
            }
        }
        Self {
            first,
            fields,
            absent,
            body,
        }
    }

    fn map(&self) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in &self.fields {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    /// What `fields` have otherwise.
    fn differs(&self, fields: &HeaderMap) -> Option<String> {
        let lines = |name: &str| {
            let lines = fields.get_all(name).iter();
            lines
                .map(|line| line.to_str().unwrap())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let present = self.absent.iter().find(|name| fields.contains_key(**name));
        if let Some(name) = present {
            return Some(format!("{name} is there: {}", lines(name)));
        }
        let other = self
            .fields
            .iter()
            .find(|(name, value)| lines(name) != *value)?;
        Some(format!("{}: {:?}", other.0, lines(other.0)))
    }
}

/// One sentence and what is done to hold it.
struct Case<'a> {
    rfc: &'static str,
    sentence: &'a str,
    at: &'a str,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RFC {}: {}\n  at `{}`", self.rfc, self.sentence, self.at)
    }
}

/// Plays all that is told.
pub(crate) async fn play(rfc: &'static str, told: &str) -> usize {
    play_with(rfc, told, |layer| layer).await
}

/// The same with a cache that is set up so.
pub(crate) async fn play_with(
    rfc: &'static str,
    told: &str,
    set_up: fn(CacheLayer) -> CacheLayer,
) -> usize {
    let mut played = 0;
    for text in told.split("\n# ").skip(1) {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let sentence = lines.next().unwrap();
        case(rfc, sentence, lines, set_up).await;
        played += 1;
    }
    played
}

async fn case<'a>(
    rfc: &'static str,
    sentence: &'a str,
    lines: impl Iterator<Item = &'a str>,
    set_up: fn(CacheLayer) -> CacheLayer,
) {
    let script = Arc::<Mutex<Script>>::default();
    let told = Arc::clone(&script);
    let site = Site::new(move |request| told.lock().unwrap().answer(request)).with(set_up);
    let mut got: Option<Answer> = None;
    let mut looked = false;
    for at in lines {
        let case = Case { rfc, sentence, at };
        let (command, rest) = at.split_once(' ').unwrap();
        let line = Line::read(rest);
        match command {
            "<" | "<?" | "<-" => {
                let said = Say {
                    status: line.first.parse().unwrap(),
                    fields: line.map(),
                    body: line.body.unwrap_or_default().to_owned(),
                };
                let mut script = script.lock().unwrap();
                match command {
                    "<" => {
                        *script = Script {
                            plainly: said,
                            ..Script::default()
                        }
                    }
                    "<?" => script.on_condition = Some(said),
                    _ => script.on_range = Some(said),
                }
            }
            ">" => {
                let (method, uri) = line.first.split_once(' ').unwrap();
                let mut request = Request::new(());
                *request.method_mut() = method.parse().unwrap();
                *request.uri_mut() = uri.parse().unwrap();
                *request.headers_mut() = line.map();
                got = Some(site.send(request).await.unwrap());
                settle().await;
            }
            "=" => {
                looked = true;
                let got = got.as_ref().unwrap();
                let (status, begins) = line.first.split_once(' ').unwrap_or((line.first, ""));
                let differs = line.differs(&got.fields);
                let body = std::str::from_utf8(&got.body).unwrap();
                // what is the cache's own has none
                let said = match got.fields.contains_key("cache-status") {
                    true => got.cache(),
                    false => "",
                };
                let same = got.status.as_u16().to_string() == status
                    && said.starts_with(begins)
                    && differs.is_none()
                    && line.body.is_none_or(|expected| expected == body);
                let told = format!("{} {said} {body:?}", got.status);
                assert!(same, "{case}: {told} {differs:?}");
            }
            "?" => {
                looked = true;
                let line = Line::read(at);
                let fields = format!("x {}", &at[1..]);
                let differs =
                    Line::read(&fields.replacen("x ", "x | ", 1)).differs(&site.last_seen());
                assert!(
                    differs.is_none() && line.body.is_none(),
                    "{case}: {differs:?}"
                );
            }
            "calls" => {
                looked = true;
                assert_eq!(site.calls().to_string(), rest, "{case}");
            }
            "wait" => site.pass_time(rest.parse().unwrap()),
            _ => unreachable!("{case}: no command"),
        }
    }
    assert!(looked, "RFC {rfc}: {sentence}: nothing was looked at");
}

#[tokio::test]
async fn what_is_told_wrong_is_found() {
    const TOLD: &str =
        "\n# a sentence\n< 200 | cache-control: max-age=60 | a: 1 || x\n> GET / | b: 2\n";
    for (line, holds) in [
        (
            "= 200 fwd=uri-miss; | a: 1 | -c || x\n? b: 2 | -c\ncalls 1",
            true,
        ),
        ("= 201", false),
        ("= 200 hit;", false),
        ("= 200 fwd | a: 2", false),
        ("= 200 fwd | -a", false),
        ("= 200 fwd || y", false),
        ("? b: 1", false),
        ("? -b", false),
        ("calls 2", false),
        ("wait 1", false),
    ] {
        let told = format!("{TOLD}{line}\n");
        let played = tokio::spawn(async move { play("0", &told).await });
        assert_eq!(played.await.is_ok(), holds, "{line}");
    }
}
