//! Ranges of a complete stored response.

use crate::origin::{Site, ok, request, respond};

const THEN: &str = "Wed, 31 Dec 2025 00:00:00 GMT";

/// Ten bytes, once.
fn digits() -> Site {
    Site::new(|_| {
        let fields = [
            ("cache-control", "max-age=9"),
            ("etag", "\"1\""),
            ("last-modified", THEN),
            ("content-type", "text/plain"),
            ("vary", "accept"),
        ];
        respond(200, &fields, "0123456789")
    })
}

#[tokio::test]
async fn a_range_is_cut_from_a_complete_response() {
    let site = digits();
    site.get("/").await;
    for (range, place, body) in [
        ("bytes=0-1", "bytes 0-1/10", "01"),
        ("bytes=8-", "bytes 8-9/10", "89"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=-99", "bytes 0-9/10", "0123456789"),
        ("bytes=0-3, 2-4, 5-5", "bytes 0-5/10", "012345"),
    ] {
        let part = site.get_with("/", &[("range", range)]).await;
        assert_eq!((part.status.as_u16(), &*part.body), (206, body.as_bytes()));
        assert_eq!(part.field("content-range"), Some(place));
        assert_eq!(part.field("content-length"), Some(&*body.len().to_string()));
        assert_eq!(part.cache(), "hit; ttl=9", "{range}");
        // RFC 9110 section 15.3.7: what a 206 has to have, and all else of the 200
        for field in ["date", "cache-control", "etag", "vary", "content-type"] {
            assert!(part.field(field).is_some(), "{field}");
        }
        assert_eq!(part.age(), Some(0));
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn what_is_no_range_for_us_is_answered_in_full() {
    let site = digits();
    site.get("/").await;
    let many = format!("bytes={}", vec!["0-0"; 500].join(","));
    for range in ["bytes=0-0, 5-6", "lines=1-2", "bytes=3-1", "bytes=x", &many] {
        let whole = site.get_with("/", &[("range", range)]).await;
        assert_eq!(
            (whole.status.as_u16(), whole.body.len()),
            (200, 10),
            "{range}"
        );
        assert_eq!(whole.field("content-range"), None);
        assert!(whole.is_hit());
    }
    let head = request("HEAD", "/", &[("range", "bytes=0-1")]);
    let head = site.send(head).await.unwrap();
    assert_eq!(head.status, 200);
    assert_eq!(head.field("content-length"), Some("10"));
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn a_range_beyond_the_end_is_told_where_that_is() {
    let site = digits();
    site.get("/").await;
    for range in ["bytes=10-", "bytes=99-100", "bytes=-0"] {
        let none = site.get_with("/", &[("range", range)]).await;
        assert_eq!((none.status.as_u16(), none.body.len()), (416, 0), "{range}");
        assert_eq!(none.field("content-range"), Some("bytes */10"));
        assert_eq!(none.field("content-length"), Some("0"));
        assert_eq!(none.field("vary"), Some("accept"));
        for field in [
            "etag",
            "last-modified",
            "cache-control",
            "content-type",
            "age",
        ] {
            assert_eq!(none.field(field), None, "{field}");
        }
        assert!(none.is_hit());
    }
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn conditions_come_first_and_then_if_range() {
    let site = digits();
    site.get("/").await;
    let range = ("range", "bytes=0-1");
    for (conditions, status) in [
        (&[("if-none-match", "\"1\"")][..], 304),
        (&[("if-none-match", "\"2\"")], 206),
        (&[("if-modified-since", THEN)], 304),
        (&[("if-range", "\"1\"")], 206),
        (&[("if-range", "\"2\"")], 200),
        (&[("if-range", "W/\"1\"")], 200),
        (&[("if-range", THEN)], 206),
        (&[("if-range", "Tue, 30 Dec 2025 00:00:00 GMT")], 200),
        (&[("if-none-match", "\"1\""), ("if-range", "\"2\"")], 304),
    ] {
        let answer = site.get_with("/", &[conditions, &[range]].concat()).await;
        assert_eq!(answer.status, status, "{conditions:?}");
        assert!(answer.is_hit());
    }
    let beyond = [("range", "bytes=99-"), ("if-range", "\"2\"")];
    assert_eq!(site.get_with("/", &beyond).await.status, 200);
    // without a range it says nothing (RFC 9110 section 13.1.5)
    let whole = site.get_with("/", &[("if-range", "\"2\"")]).await;
    assert_eq!((whole.status.as_u16(), whole.is_hit()), (200, true));
    assert_eq!(site.calls(), 1);
}

#[tokio::test]
async fn a_range_of_what_is_no_200_is_all_of_it() {
    let site = Site::new(|_| respond(404, &[("cache-control", "max-age=9")], "missing"));
    site.get("/").await;
    let answer = site.get_with("/", &[("range", "bytes=0-1")]).await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.body),
        (404, &b"missing"[..])
    );
    assert!(answer.is_hit());
}

#[tokio::test]
async fn a_whole_response_to_a_range_is_stored_and_passed_on() {
    let site = Site::new(|_| ok("max-age=9", "0123456789"));
    let range = [("range", "bytes=0-1")];
    let first = site.get_with("/", &range).await;
    assert_eq!((first.status.as_u16(), first.body.len()), (200, 10));
    assert_eq!(first.cache(), "fwd=uri-miss; fwd-status=200; stored");
    let second = site.get_with("/", &range).await;
    assert_eq!((second.status.as_u16(), &*second.body), (206, &b"01"[..]));
    assert!(site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_stale_response_is_validated_for_a_range() {
    let site = Site::new(|request| {
        let fields = [("cache-control", "max-age=9"), ("etag", "\"1\"")];
        match request.headers().get("if-none-match") {
            Some(_) => respond(304, &fields, ""),
            None => respond(200, &fields, "0123456789"),
        }
    });
    site.get("/").await;
    site.pass_time(20);
    let part = site.get_with("/", &[("range", "bytes=2-3")]).await;
    assert_eq!((part.status.as_u16(), &*part.body), (206, &b"23"[..]));
    assert_eq!(part.cache(), "fwd=stale; fwd-status=304; stored");
    assert_eq!(site.last_seen()["if-none-match"], "\"1\"");
    assert_eq!(site.last_seen()["range"], "bytes=2-3");
    assert_eq!(site.get("/").await.body, "0123456789");
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn an_error_that_a_range_provokes_is_not_kept() {
    for status in [400, 404, 416, 500] {
        let site = Site::new(move |request| match request.headers().get("range") {
            Some(_) => respond(status, &[("cache-control", "max-age=9")], "no"),
            None => ok("max-age=9", "yes"),
        });
        let error = site.get_with("/", &[("range", "bytes=0-1")]).await;
        let said = format!("fwd=uri-miss; fwd-status={status}; detail=\"range\"");
        assert_eq!(error.cache(), said);
        assert_eq!(site.get("/").await.body, "yes");
    }
}
