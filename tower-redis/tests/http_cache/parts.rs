//! Parts: stored, reused, combined and completed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::header::HeaderMap;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use tower::ServiceExt as _;

use crate::origin::{Answer, Content, Site, request, respond, settle};

const TEXT: &str = "0123456789";

fn field<'a>(fields: &'a HeaderMap, name: &str) -> Option<&'a str> {
    fields.get(name).map(|value| value.to_str().unwrap())
}

/// The answer of an origin that knows ranges, and conditions on `tag`.
fn serve(
    request: &Request<()>,
    tag: Option<&'static str>,
    more: &[(&'static str, &str)],
) -> Response<Content> {
    let fields = request.headers();
    let mut said = vec![("cache-control", "max-age=9")];
    said.extend(tag.map(|tag| ("etag", tag)));
    said.extend(more);
    let asked = field(fields, "if-none-match");
    if asked.is_some_and(|asked| tag.is_some_and(|tag| asked.contains(tag))) {
        return respond(304, &said, "");
    }
    let counts = field(fields, "if-range").is_none_or(|condition| Some(condition) == tag);
    let range = field(fields, "range").filter(|_| counts);
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return respond(200, &said, TEXT);
    };
    let (first, last) = range.split_once('-').unwrap();
    let (first, last) = match (first, last) {
        ("", length) => (
            TEXT.len() - length.parse::<usize>().unwrap(),
            TEXT.len() - 1,
        ),
        (first, "") => (first.parse().unwrap(), TEXT.len() - 1),
        (first, last) => (first.parse().unwrap(), last.parse().unwrap()),
    };
    let place = format!("bytes {first}-{last}/{}", TEXT.len());
    said.push(("content-range", &place));
    respond(206, &said, &TEXT[first..=last])
}

fn serving(tag: Option<&'static str>) -> Site {
    Site::new(move |request| serve(request, tag, &[]))
}

async fn part(site: &Site, range: &str) -> Answer {
    site.get_with("/", &[("range", range)]).await
}

/// The ranges that the origin was asked for, and on what condition.
fn asked(site: &Site) -> (Option<String>, Option<String>) {
    let seen = site.last_seen();
    let owned = |name| field(&seen, name).map(str::to_owned);
    (owned("range"), owned("if-range"))
}

fn some(range: &str, tag: &str) -> (Option<String>, Option<String>) {
    (Some(range.into()), Some(tag.into()))
}

#[tokio::test]
async fn a_part_is_stored_and_answers_what_is_within_it() {
    for tag in [Some("\"1\""), Some("W/\"1\""), None] {
        let site = serving(tag);
        let first = part(&site, "bytes=4-8").await;
        assert_eq!(first.cache(), "fwd=uri-miss; fwd-status=206; stored");
        assert_eq!((first.status.as_u16(), &*first.body), (206, &b"45678"[..]));
        site.pass_time(2);
        for (range, place, body) in [
            ("bytes=4-8", "bytes 4-8/10", "45678"),
            ("bytes=6-7", "bytes 6-7/10", "67"),
            ("bytes=4-5,6-6", "bytes 4-6/10", "456"),
        ] {
            let within = part(&site, range).await;
            assert_eq!(
                (within.status.as_u16(), &*within.body),
                (206, body.as_bytes())
            );
            assert_eq!(within.field("content-range"), Some(place));
            assert_eq!(
                within.field("content-length"),
                Some(&*body.len().to_string())
            );
            assert_eq!((within.cache(), within.age()), ("hit; ttl=7", Some(2)));
            assert_eq!(within.field("etag"), tag);
        }
        assert_eq!(site.calls(), 1);
        let beyond = part(&site, "bytes=0-1").await;
        assert_eq!(beyond.cache(), "fwd=partial; fwd-status=206; stored");
        assert!(part(&site, "bytes=4-8").await.is_hit(), "both are there");
        assert!(part(&site, "bytes=1-1").await.is_hit());
        assert_eq!(site.calls(), 2);
        let head = site.ask("HEAD", "/").await;
        assert_eq!(
            head.cache(),
            "fwd=partial; fwd-status=200; detail=\"method\""
        );
    }
}

#[tokio::test]
async fn a_part_at_the_end_answers_what_is_counted_from_there() {
    let site = serving(None);
    part(&site, "bytes=-5").await;
    for range in ["bytes=-5", "bytes=5-", "bytes=7-99", "bytes=-1"] {
        assert!(part(&site, range).await.is_hit(), "{range}");
    }
    assert!(!part(&site, "bytes=4-").await.is_hit());
}

#[tokio::test]
async fn a_part_whose_length_or_place_is_in_doubt_is_not_stored() {
    const OK: (&str, &str) = ("cache-control", "max-age=9");
    for (fields, body) in [
        // the length that it says is not the length that it has
        (&[OK, ("content-range", "bytes 4-9/10")][..], "01234"),
        (&[OK, ("content-range", "bytes 4-7/10")], "01234"),
        (
            &[
                OK,
                ("content-range", "bytes 4-8/10"),
                ("content-length", "6"),
            ],
            "01234",
        ),
        (&[OK, ("content-range", "bytes 4-8/8")], "01234"),
        (&[OK, ("content-range", "lines 4-8/10")], "01234"),
        (
            &[OK, ("content-type", "multipart/byteranges; boundary=x")],
            "01234",
        ),
    ] {
        let site = Site::new(move |_| respond(206, fields, body));
        let range = "bytes=4-8";
        let answer = part(&site, range).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (206, body.as_bytes())
        );
        let detail = answer
            .cache()
            .split_once("detail=")
            .map(|(_, detail)| detail);
        assert!(
            [Some("\"range\""), Some("\"incomplete\"")].contains(&detail),
            "{fields:?}: {}",
            answer.cache()
        );
        assert!(!part(&site, range).await.is_hit());
        assert_eq!(site.calls(), 2);
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for_and_joined() {
    for (parts, missing) in [
        (&["bytes=0-4"][..], "bytes=5-"),
        (&["bytes=5-9"], "bytes=0-4"),
        (&["bytes=0-2", "bytes=7-9"], "bytes=3-6"),
        (&["bytes=0-2", "bytes=3-5"], "bytes=6-"),
        (&["bytes=0-4", "bytes=3-6"], "bytes=7-"),
    ] {
        let site = serving(Some("\"1\""));
        for range in parts {
            part(&site, range).await;
        }
        let whole = site.get("/").await;
        assert_eq!(asked(&site), some(missing, "\"1\""), "{parts:?}");
        assert_eq!(
            (whole.status.as_u16(), &*whole.body),
            (200, TEXT.as_bytes())
        );
        assert_eq!(whole.cache(), "fwd=partial; fwd-status=206; stored");
        assert_eq!(whole.field("content-length"), Some("10"));
        assert_eq!(whole.field("content-range"), None);
        let hit = site.get("/").await;
        assert_eq!((hit.status.as_u16(), &*hit.body), (200, TEXT.as_bytes()));
        assert!(hit.is_hit());
        assert_eq!(hit.field("content-length"), Some("10"));
        assert!(part(&site, "bytes=1-8").await.is_hit());
        assert_eq!(site.calls(), parts.len() + 1);
    }
}

#[tokio::test]
async fn a_wider_range_is_completed_too() {
    let site = serving(Some("\"1\""));
    part(&site, "bytes=2-4").await;
    for (wanted, missing, body) in [
        ("bytes=3-6", "bytes=5-6", "3456"),
        ("bytes=1-5", "bytes=1-1", "12345"),
        ("bytes=4-", "bytes=7-", "456789"),
        ("bytes=-10", "bytes=0-0", TEXT),
    ] {
        let answer = part(&site, wanted).await;
        assert_eq!(asked(&site), some(missing, "\"1\""), "{wanted}");
        assert_eq!(
            (answer.status.as_u16(), &*answer.body),
            (206, body.as_bytes())
        );
        assert_eq!(
            answer.field("content-length"),
            Some(&*body.len().to_string())
        );
        assert!(part(&site, wanted).await.is_hit());
    }
    let whole = site.get("/").await;
    assert_eq!((&*whole.body, whole.is_hit()), (TEXT.as_bytes(), true));
}

#[tokio::test]
async fn two_parts_between_which_bytes_are_missing_stay_two() {
    let site = serving(Some("\"1\""));
    part(&site, "bytes=3-6").await;
    assert_eq!(site.get("/").await.body, TEXT);
    // one range would not do
    assert_eq!(asked(&site), (None, None));
}

#[tokio::test]
async fn without_a_strong_validator_nothing_is_joined() {
    for tag in [Some("W/\"1\""), None] {
        let site = serving(tag);
        part(&site, "bytes=0-4").await;
        part(&site, "bytes=5-9").await;
        let whole = site.get("/").await;
        assert_eq!(whole.cache(), "fwd=partial; fwd-status=200; stored");
        assert_eq!(asked(&site), (None, None));
        assert_eq!(whole.body, TEXT);
    }
}

#[tokio::test]
async fn a_date_is_a_strong_validator_when_it_is_old_enough() {
    // a `ManualClock` begins with the year 2026
    for (modified, strong) in [
        ("Wed, 31 Dec 2025 23:59:00 GMT", true),
        ("Wed, 31 Dec 2025 23:59:01 GMT", false),
        ("yesterday", false),
    ] {
        let site = Site::new(move |request| {
            let fields = request.headers();
            let counts = field(fields, "if-range").is_none_or(|date| date == modified);
            let mut asked = crate::origin::request("GET", "/", &[]);
            if let Some(range) = fields.get("range").filter(|_| counts) {
                asked.headers_mut().insert("range", range.clone());
            }
            let date = "Thu, 01 Jan 2026 00:00:00 GMT";
            serve(&asked, None, &[("last-modified", modified), ("date", date)])
        });
        part(&site, "bytes=0-4").await;
        let whole = site.get("/").await;
        assert_eq!(whole.body, TEXT);
        let expected = if strong {
            some("bytes=5-", modified)
        } else {
            (None, None)
        };
        assert_eq!(asked(&site), expected, "{modified}");
        assert!(site.get("/").await.is_hit());
    }
}

#[tokio::test]
async fn joined_fields_are_those_of_the_last_part_and_what_it_does_not_say() {
    let calls = AtomicUsize::new(0);
    let site = Site::new(move |request| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        let more =
            [("x-call", &*call.to_string()), ("x-first", "1")].map(|(n, v)| (n, v.to_owned()));
        let more: Vec<_> = more.iter().map(|(name, value)| (*name, &**value)).collect();
        // to one who has parts it need not say all (RFC 9110 section 15.3.7)
        serve(request, Some("\"1\""), &more[..2 - call.min(1)])
    });
    part(&site, "bytes=0-4").await;
    site.pass_time(5);
    for answer in [site.get("/").await, site.get("/").await] {
        assert_eq!(answer.field("x-call"), Some("1"));
        assert_eq!(answer.field("x-first"), Some("1"));
        assert_eq!(answer.field("content-length"), Some("10"));
    }
    assert_eq!(site.get("/").await.cache(), "hit; ttl=9");
}

#[tokio::test]
async fn a_representation_that_has_changed_is_got_anew() {
    let calls = AtomicUsize::new(0);
    let site = Site::new(move |request| {
        let tags = ["\"1\"", "\"2\""];
        serve(
            request,
            Some(tags[calls.fetch_add(1, Ordering::SeqCst).min(1)]),
            &[],
        )
    });
    part(&site, "bytes=0-4").await;
    let whole = site.get("/").await;
    assert_eq!(asked(&site), some("bytes=5-", "\"1\""));
    assert_eq!(
        (whole.status.as_u16(), &*whole.body),
        (200, TEXT.as_bytes())
    );
    assert_eq!(whole.field("etag"), Some("\"2\""));
    assert_eq!(part(&site, "bytes=0-4").await.field("etag"), Some("\"2\""));
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn an_origin_that_does_not_see_the_condition_is_asked_once_more() {
    let tags = ["\"1\"", "\"2\""];
    for odd in [206, 416] {
        let calls = AtomicUsize::new(0);
        let site = Site::new(move |request| {
            let call = calls.fetch_add(1, Ordering::SeqCst);
            match (call, odd) {
                (1, 206) => {
                    let place = ("content-range", "bytes 5-9/10");
                    let fields = [("cache-control", "max-age=9"), ("etag", tags[1]), place];
                    respond(206, &fields, "fghij")
                }
                (1, _) => respond(416, &[], ""),
                _ => serve(request, Some(tags[call.min(1)]), &[]),
            }
        });
        part(&site, "bytes=0-4").await;
        let whole = site.get_with("/", &[("x-mine", "1")]).await;
        assert_eq!(
            (whole.status.as_u16(), &*whole.body),
            (200, TEXT.as_bytes())
        );
        assert_eq!(whole.cache(), "fwd=partial; fwd-status=200; stored");
        assert_eq!(asked(&site), (None, None));
        assert_eq!(site.last_seen()["x-mine"], "1");
        assert_eq!(site.calls(), 3);
        assert!(site.get("/").await.is_hit());
    }
}

#[tokio::test]
async fn a_newer_part_of_something_else_takes_the_place_of_what_is_stored() {
    let calls = AtomicUsize::new(0);
    let site = Site::new(move |request| {
        let tags = ["\"1\"", "\"2\""];
        serve(
            request,
            Some(tags[calls.fetch_add(1, Ordering::SeqCst).min(1)]),
            &[],
        )
    });
    site.get("/").await;
    let anew = [("range", "bytes=0-4"), ("cache-control", "no-cache")];
    assert_eq!(site.get_with("/", &anew).await.field("etag"), Some("\"2\""));
    assert!(part(&site, "bytes=0-4").await.is_hit());
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_part_renews_the_whole_that_it_is_of() {
    let site = serving(Some("\"1\""));
    site.get("/").await;
    site.pass_time(20);
    // the origin knows no conditions this time
    let fresh = Site::new(|_| {
        let place = ("content-range", "bytes 0-1/10");
        respond(
            206,
            &[("cache-control", "max-age=9"), ("etag", "\"1\""), place],
            "01",
        )
    });
    let behind = tower::Layer::layer(&site.layer, fresh.origin.clone());
    let asked = request("GET", "/", &[("range", "bytes=0-1")]);
    let answer = behind.oneshot(asked).await.unwrap();
    assert_eq!(answer.status(), 206);
    drop(answer);
    let whole = site.get("/").await;
    assert_eq!(
        (&*whole.body, whole.cache()),
        (TEXT.as_bytes(), "hit; ttl=9")
    );
}

#[tokio::test]
async fn stale_parts_are_validated_together() {
    let site = serving(Some("\"1\""));
    part(&site, "bytes=0-1").await;
    part(&site, "bytes=5-6").await;
    site.pass_time(20);
    let renewed = part(&site, "bytes=5-5").await;
    assert_eq!((renewed.status.as_u16(), &*renewed.body), (206, &b"5"[..]));
    assert_eq!(renewed.cache(), "fwd=stale; fwd-status=304; stored");
    assert_eq!(site.last_seen()["if-none-match"], "\"1\"");
    for range in ["bytes=0-1", "bytes=5-6"] {
        assert_eq!(part(&site, range).await.cache(), "hit; ttl=9");
    }
    assert_eq!(site.calls(), 3);
}

#[tokio::test]
async fn a_part_for_who_has_others_is_stored_with_those_alone() {
    let site = serving(Some("\"1\""));
    let condition = [("range", "bytes=5-6"), ("if-range", "\"1\"")];
    let answer = site.get_with("/", &condition).await;
    assert_eq!(
        answer.cache(),
        "fwd=uri-miss; fwd-status=206; detail=\"range\""
    );
    part(&site, "bytes=0-4").await;
    let answer = site.get_with("/", &condition).await;
    assert_eq!(answer.cache(), "fwd=partial; fwd-status=206; stored");
    assert!(part(&site, "bytes=0-6").await.is_hit());
}

#[tokio::test]
async fn small_parts_do_not_drive_out_variants() {
    let site = Site::new(|request| serve(request, None, &[("vary", "accept")]));
    for accept in ["a/a", "b/b", "c/c"] {
        site.get_with("/", &[("accept", accept)]).await;
    }
    for at in 0..10 {
        for accept in ["d/d", "e/e"] {
            let range = format!("bytes={at}-{at}");
            site.get_with("/", &[("accept", accept), ("range", &range)])
                .await;
        }
    }
    for accept in ["a/a", "b/b", "c/c"] {
        assert!(site.get_with("/", &[("accept", accept)]).await.is_hit());
    }
}

type Pieces = tokio::sync::mpsc::UnboundedReceiver<&'static str>;

/// A site that has the first half, and whose origin sends the rest as it is told.
async fn half_there() -> (Site, tokio::sync::mpsc::UnboundedSender<&'static str>) {
    let (sender, pieces) = tokio::sync::mpsc::unbounded_channel();
    let pieces = Arc::new(std::sync::Mutex::new(Some(pieces)));
    let site = Site::new(move |request| {
        let Some("bytes=5-") = field(request.headers(), "range") else {
            return serve(request, Some("\"1\""), &[]);
        };
        let pieces: Pieces = pieces.lock().unwrap().take().unwrap();
        let frames = futures_util::stream::unfold(pieces, async |mut pieces| {
            let piece = pieces.recv().await?;
            Some((Ok(Frame::data(Bytes::from(piece))), pieces))
        });
        serve(request, Some("\"1\""), &[]).map(|_| StreamBody::new(frames).boxed_unsync())
    });
    part(&site, "bytes=0-4").await;
    (site, sender)
}

#[tokio::test]
async fn what_is_there_is_sent_before_the_rest_has_come() {
    let (site, rest) = half_there().await;
    let response = site.service.clone().oneshot(request("GET", "/", &[])).await;
    let mut body = response.unwrap().into_body();
    for (piece, expected) in [(None, "01234"), (Some("56"), "56"), (Some("789"), "789")] {
        if let Some(piece) = piece {
            rest.send(piece).unwrap();
        }
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), expected);
    }
    drop(rest);
    assert!(body.frame().await.is_none());
    settle().await;
    assert!(site.get("/").await.is_hit());
}

#[tokio::test]
async fn many_who_want_the_whole_ask_for_the_rest_once() {
    let (site, rest) = half_there().await;
    let all: Vec<_> = (0..10)
        .map(|_| {
            let site = site.clone();
            tokio::spawn(async move { site.get("/").await })
        })
        .collect();
    settle().await;
    rest.send("56789").unwrap();
    drop(rest);
    for one in all {
        assert_eq!(one.await.unwrap().body, TEXT);
    }
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn a_rest_that_ends_early_is_neither_joined_nor_passed_off_as_whole() {
    let (site, rest) = half_there().await;
    rest.send("56").unwrap();
    drop(rest);
    let response = site.service.clone().oneshot(request("GET", "/", &[])).await;
    let mut body = response.unwrap().into_body();
    for expected in ["01234", "56"] {
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), expected);
    }
    assert!(body.frame().await.unwrap().is_err());
    assert!(body.frame().await.is_none());
    assert!(part(&site, "bytes=0-4").await.is_hit());
    assert!(!part(&site, "bytes=5-6").await.is_hit());
}
