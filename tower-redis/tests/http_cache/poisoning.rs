//! Requests by which caches have been made to give others what they should not get.

use http::Request;

use crate::origin::{Content, Site, ok, respond};

fn header<'a>(request: &'a Request<()>, name: &str) -> &'a str {
    request
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// An origin that believes everything it is told.
fn gullible() -> Site {
    Site::new(|request| -> http::Response<Content> {
        let host = [
            "x-forwarded-host",
            "x-host",
            "x-original-url",
            "x-rewrite-url",
        ];
        let told: String = host.iter().map(|name| header(request, name)).collect();
        let method = header(request, "x-http-method-override");
        ok("max-age=60", format!("{} {told} {method}", request.uri()))
    })
}

#[tokio::test]
async fn a_header_that_names_another_url_keeps_what_it_brought_to_itself() {
    for name in [
        "x-forwarded-host",
        "x-host",
        "x-original-url",
        "x-rewrite-url",
    ] {
        let site = gullible();
        let poison = site.get_with("/", &[(name, "evil.example")]).await;
        assert_eq!(poison.body, "/ evil.example ");
        let clean = site.get("/").await;
        assert_eq!(
            (&*clean.body, clean.is_hit()),
            (&b"/  "[..], false),
            "{name}"
        );
        assert!(site.get("/").await.is_hit());
    }
}

#[tokio::test]
async fn a_method_in_disguise_neither_reads_nor_writes() {
    let site = gullible();
    let post = [("x-http-method-override", "POST")];
    let answer = site.get_with("/", &post).await;
    assert_eq!(
        answer.cache(),
        "fwd=bypass; fwd-status=200; detail=\"method-override\""
    );
    assert_eq!(site.get("/").await.body, "/  ");
    assert!(!site.get_with("/", &post).await.is_hit());
}

#[tokio::test]
async fn a_get_with_content_neither_reads_nor_writes() {
    let site = gullible();
    for content in [("content-length", "7"), ("transfer-encoding", "chunked")] {
        let answer = site.get_with("/", &[content]).await;
        assert_eq!(
            answer.cache(),
            "fwd=bypass; fwd-status=200; detail=\"content\""
        );
    }
    assert!(!site.get("/").await.is_hit());
    assert!(
        site.get_with("/", &[("content-length", "0")])
            .await
            .is_hit()
    );
}

#[tokio::test]
async fn parameters_and_paths_count_as_they_are_written() {
    let site = gullible();
    for uri in [
        "/?a=1;b=2",
        "/?a=1&b=2",
        "/?a=1",
        "/?a=1&a=2",
        "/?a=2&a=1",
        "/?A=1",
        "/?%61=1",
        "/?",
        "/",
        "/a/../",
        "//",
        "/%2e",
        "/.",
        "/a%2fb",
        "/a/b",
        "/a%00",
        "/a;x",
    ] {
        let first = site.get(uri).await;
        assert!(!first.is_hit(), "{uri}");
        assert_eq!(first.body, format!("{uri}  "), "{uri}");
        assert_eq!(site.get(uri).await.body, first.body);
    }
}

#[tokio::test]
async fn an_error_that_a_request_provokes_is_not_kept_without_the_origin_s_word() {
    let site = Site::new(|request| match header(request, "x-big") {
        "" => ok("max-age=60", "fine"),
        _ => respond(400, &[], "too big"),
    });
    let site = site.with(|layer| layer.default_ttl(std::time::Duration::from_secs(60)));
    assert_eq!(site.get_with("/", &[("x-big", "1")]).await.status, 400);
    assert_eq!(site.get("/").await.body, "fine");
}

#[tokio::test]
async fn a_range_that_provokes_an_error_is_not_kept_for_the_whole() {
    let site = Site::new(|request| match header(request, "range") {
        "" => ok("max-age=60", "fine"),
        _ => respond(416, &[("cache-control", "max-age=60")], ""),
    });
    assert_eq!(
        site.get_with("/", &[("range", "bytes=99-")]).await.status,
        416
    );
    assert_eq!(site.get("/").await.body, "fine");
}

#[tokio::test]
async fn a_host_in_forwarded_keeps_what_it_brought_to_itself_and_a_client_s_address_does_not() {
    let site = Site::new(|request| {
        let told = header(request, "forwarded").to_ascii_lowercase();
        let host = told
            .split(['=', ';'])
            .skip_while(|part| *part != "host")
            .nth(1);
        ok("max-age=60", host.unwrap_or("clean").to_owned())
    });
    let forwarded = async |value| site.get_with("/", &[("forwarded", value)]).await;
    for (value, expected, hit) in [
        ("for=192.0.2.1;host=evil.example", "evil.example", false),
        (
            "for=192.0.2.2;Host=\"other.example\"",
            "\"other.example\"",
            false,
        ),
        (
            "for=192.0.2.3;host=evil.example;by=_x",
            "evil.example",
            true,
        ),
        ("for=192.0.2.4;proto=https", "clean", false),
        ("for=192.0.2.5", "clean", false),
        ("for=192.0.2.6", "clean", true),
    ] {
        let answer = forwarded(value).await;
        assert_eq!(
            (&*answer.body, answer.is_hit()),
            (expected.as_bytes(), hit),
            "{value}"
        );
    }
    assert!(site.get("/").await.is_hit());
}

/// The entity tag is that of a revision, whatever host is reflected.
#[tokio::test]
async fn a_validator_does_not_carry_what_another_url_brought_to_those_who_ask_for_this_one() {
    for name in ["x-forwarded-host", "x-forwarded-ssl", "forwarded"] {
        let site = Site::new(move |request| {
            let fields = [("cache-control", "max-age=60"), ("etag", "\"v1\"")];
            if header(request, "if-none-match").contains("v1") {
                return respond(304, &fields, "");
            }
            let told = header(request, name);
            respond(200, &fields, if told.is_empty() { "clean" } else { "evil" })
        });
        let poison = [(name, "host=evil.example")];
        assert_eq!(site.get_with("/", &poison).await.body, "evil", "{name}");
        assert_eq!(site.get("/").await.body, "clean", "{name}");
        // and what it brings anew does not push out what is there for all
        let anew = [poison[0], ("cache-control", "no-cache")];
        site.get_with("/", &anew).await;
        let clean = site.get("/").await;
        assert_eq!(
            (&*clean.body, clean.is_hit()),
            (&b"clean"[..], true),
            "{name}"
        );
    }
}

/// Over HTTP/2 no field has to tell of content (RFC 9113, section 8.1.1).
#[tokio::test]
async fn content_is_seen_where_no_field_tells_of_it() {
    use http::{Response, Version};
    use tower::{Layer as _, ServiceExt as _, service_fn};

    let toolkit = tower_redis::Toolkit::in_memory();
    let layer = toolkit
        .cache_layer()
        .default_ttl(std::time::Duration::from_secs(60));
    let service = layer.layer(service_fn(async |request: Request<String>| {
        let body = http_body_util::Full::<bytes::Bytes>::from(request.into_body());
        Ok::<_, std::convert::Infallible>(Response::new(body))
    }));
    let ask = async |content: &str| {
        let request = Request::get("http://one.example/").version(Version::HTTP_2);
        let request = request.body(content.to_owned()).unwrap();
        let answer = service.clone().oneshot(request).await.unwrap();
        answer.headers()["cache-status"]
            .to_str()
            .unwrap()
            .to_owned()
    };
    assert!(ask("evil").await.contains("content"));
    assert!(ask("").await.contains("stored"));
    assert!(ask("").await.contains("hit"));
}
