use crate::origin::{Site, full, ok, respond};
use http::Response;

async fn detail(
    response: impl Fn() -> Response<crate::origin::Content> + Send + Sync + 'static,
) -> String {
    let site = Site::new(move |_| response());
    let first = site.get("/").await.cache().to_owned();
    site.get("/").await;
    assert_eq!(site.calls(), 2, "{first}");
    first
}

#[tokio::test]
async fn what_is_not_stored_says_why() {
    for (fields, expected) in [
        (&[("cache-control", "max-age=9, no-store")][..], "no-store"),
        (&[("cache-control", "max-age=9, private")], "private"),
        (&[("cache-control", "no-cache")], "no-validator"),
        (
            &[("cache-control", "max-age=9"), ("vary", "*")],
            "vary-star",
        ),
        (
            &[("cache-control", "max-age=9"), ("content-length", "2")],
            "incomplete",
        ),
        (
            &[("cache-control", "max-age=9"), ("content-length", "x")],
            "incomplete",
        ),
        (&[("expires", "0")], "no-validator"),
        (&[], "no-freshness"),
    ] {
        let said = detail(move || respond(200, fields, "abc")).await;
        assert_eq!(
            said,
            format!("fwd=uri-miss; fwd-status=200; detail=\"{expected}\"")
        );
    }
    let part = detail(|| respond(206, &[("cache-control", "max-age=9")], "x")).await;
    assert_eq!(part, "fwd=uri-miss; fwd-status=206; detail=\"status\"");
}

#[tokio::test]
async fn any_final_status_with_explicit_freshness() {
    for status in [203, 204, 299, 301, 302, 307, 400, 404, 410, 500, 503, 999] {
        let site = Site::new(move |_| respond(status, &[("cache-control", "max-age=9")], ""));
        site.get("/").await;
        let hit = site.get("/").await;
        assert!(hit.is_hit());
        assert_eq!(hit.status, status);
        assert_eq!(hit.field("content-length").is_none(), status == 204);
    }
}

#[tokio::test]
async fn statuses_that_no_cache_may_store() {
    for status in [428, 429, 431, 511] {
        let cache_control = "public, max-age=9, must-understand";
        let said = detail(move || respond(status, &[("cache-control", cache_control)], "")).await;
        assert_eq!(
            said,
            format!("fwd=uri-miss; fwd-status={status}; detail=\"status\"")
        );
    }
}

#[tokio::test]
async fn what_comes_stale_and_cannot_be_validated_is_not_said_to_be_stored() {
    for fields in [
        [("cache-control", "max-age=9"), ("age", "9")],
        [
            ("expires", "Thu, 01 Jan 1970 00:00:09 GMT"),
            ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ],
    ] {
        let said = detail(move || respond(200, &fields, "x")).await;
        assert_eq!(
            said,
            "fwd=uri-miss; fwd-status=200; detail=\"no-validator\""
        );
    }
}

#[tokio::test]
async fn fields_come_back_but_for_those_of_the_connection() {
    let site = Site::new(|_| {
        let fields = [
            ("cache-control", "max-age=9"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("connection", "x-hop"),
            ("x-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("x-kept", "1"),
            ("age", "1"),
            ("cache-status", "nearer; hit"),
        ];
        respond(200, &fields, "x")
    });
    let first = site.get("/").await;
    assert_eq!(
        first.field("x-hop"),
        Some("1"),
        "what passes is not changed"
    );
    let hit = site.get("/").await;
    assert!(hit.is_hit());
    for gone in ["connection", "x-hop", "keep-alive"] {
        assert_eq!(hit.field(gone), None);
    }
    let cookies: Vec<_> = hit.fields.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!((hit.field("x-kept"), hit.age()), (Some("1"), Some(1)));
    let members: Vec<_> = hit.fields.get_all("cache-status").iter().collect();
    assert_eq!(members, ["nearer; hit", "tower-redis; hit; ttl=8"]);
}

#[tokio::test]
async fn a_request_that_forbids_it_leaves_nothing_behind() {
    let site = Site::new(|_| ok("max-age=9", "x"));
    let refused = site.get_with("/", &[("cache-control", "no-store")]).await;
    assert_eq!(
        refused.cache(),
        "fwd=uri-miss; fwd-status=200; detail=\"request-no-store\""
    );
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn head_is_answered_from_a_stored_get() {
    let site = Site::new(|request| {
        let text = if request.method() == "HEAD" {
            ""
        } else {
            "abc"
        };
        respond(
            200,
            &[("cache-control", "max-age=9"), ("content-length", "3")],
            text,
        )
    });
    for _ in 0..2 {
        let miss = site.ask("HEAD", "/").await;
        assert_eq!(
            miss.cache(),
            "fwd=uri-miss; fwd-status=200; detail=\"method\""
        );
    }
    site.get("/").await;
    let hit = site.ask("HEAD", "/").await;
    assert_eq!(hit.cache(), "hit; ttl=9");
    assert_eq!(
        (hit.field("content-length"), hit.body.len()),
        (Some("3"), 0)
    );
    assert_eq!(site.calls(), 3);
}

#[tokio::test]
async fn the_store_is_bounded_by_bytes() {
    let site = Site::new(|_| ok("max-age=9", vec![b'x'; 10_000]));
    let site = site.with(|layer| layer.capacity_bytes(1_000_000));
    for n in 0..1_000 {
        site.get(&format!("/{n}")).await;
    }
    let stats = site.layer.stats();
    assert!(stats.weight <= 1_000_000, "{stats:?}");
    assert!((50..=100).contains(&stats.entries), "{stats:?}");

    let site = Site::new(|_| ok("max-age=9", "x")).with(|layer| layer.capacity_bytes(0));
    site.get("/").await;
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_response_with_a_long_body_can_be_stored_with_any_number_of_cores() {
    let site = Site::new(|_| ok("max-age=9", vec![b'x'; 1024 * 1024]));
    for n in 0..16 {
        site.get(&format!("/{n}")).await;
        assert!(site.get(&format!("/{n}")).await.is_hit(), "{n}");
    }
}

#[tokio::test]
async fn a_body_longer_than_the_limit_passes() {
    let site = Site::new(|_| ok("max-age=9", "0123456789"));
    let short = site.clone().with(|layer| layer.max_body(9));
    let passed = short.get("/").await;
    assert_eq!(
        passed.cache(),
        "fwd=uri-miss; fwd-status=200; detail=\"too-large\""
    );
    assert_eq!(&*passed.body, b"0123456789");
    let enough = site.with(|layer| layer.max_body(10));
    enough.get("/").await;
    assert!(enough.get("/").await.is_hit());
}

#[tokio::test]
async fn when_caching_is_off_everything_passes() {
    let site = Site::new(|_| ok("max-age=9", "x"));
    let off = crate::origin::layer(&site.clock, false);
    let site = site.with(|_| off);
    for method in ["GET", "GET", "POST", "HEAD"] {
        let answer = site.ask(method, "/").await;
        assert_eq!(
            answer.cache(),
            "fwd=bypass; fwd-status=200; detail=\"disabled\""
        );
    }
    assert_eq!(site.calls(), 4);
    assert_eq!(site.layer.stats().bypassed, 4);
}

#[tokio::test]
async fn the_name_is_what_the_user_says() {
    let site = Site::new(|_| Response::new(full("x"))).with(|layer| layer.name("front cache"));
    let answer = site.get("/").await;
    let status = answer.field("cache-status").unwrap();
    assert_eq!(
        status,
        "\"front cache\"; fwd=uri-miss; fwd-status=200; detail=\"no-freshness\""
    );
    assert_eq!(site.layer.stats().name, "front cache");
}

#[tokio::test]
async fn it_counts() {
    let site = Site::new(|request| match request.uri().path() {
        "/plain" => respond(200, &[], "x"),
        _ => ok("max-age=9", "x"),
    });
    for path in ["/a", "/a", "/a", "/plain"] {
        site.get(path).await;
    }
    let stats = site.layer.stats();
    assert_eq!((stats.near_hits, stats.misses, stats.loads), (2, 2, 2));
    assert_eq!((stats.failed_loads, stats.entries), (1, 1));
}

#[tokio::test]
async fn variants_that_do_not_fit_together_make_room() {
    let site = Site::new(|request| {
        let lang = request.headers()["lang"].to_str().unwrap().to_owned();
        let fields = [("cache-control", "max-age=60"), ("vary", "lang")];
        respond(200, &fields, lang.repeat(400_000))
    });
    let site = site.with(|layer| layer.capacity_bytes(1_000_000));
    for lang in ["a", "b", "c"] {
        for expected in [false, true] {
            let answer = site.get_with("/", &[("lang", lang)]).await;
            assert_eq!(answer.is_hit(), expected, "{lang}");
        }
    }
    assert!(site.get_with("/", &[("lang", "b")]).await.is_hit());
    assert!(!site.get_with("/", &[("lang", "a")]).await.is_hit());
}

#[tokio::test]
async fn what_has_no_room_is_not_said_to_be_stored() {
    let site = Site::new(|_| ok("max-age=9", vec![b'x'; 900_000]));
    for capacity in [0, 1_000, 800_000] {
        let site = site.clone().with(|layer| layer.capacity_bytes(capacity));
        for _ in 0..2 {
            let passed = site.get("/").await;
            assert_eq!(
                passed.cache(),
                "fwd=uri-miss; fwd-status=200; detail=\"too-large\""
            );
            assert_eq!(passed.body.len(), 900_000);
        }
    }
    let site = site.with(|layer| layer.capacity_bytes(1_000_000));
    site.get("/").await;
    assert!(site.get("/").await.is_hit());
}
