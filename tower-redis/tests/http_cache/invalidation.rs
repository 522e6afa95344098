use crate::origin::{Site, ok, respond};

fn site() -> Site {
    Site::new(
        |request| match (request.method().as_str(), request.uri().path()) {
            ("GET" | "HEAD" | "OPTIONS" | "TRACE", _) => {
                let fields = [("cache-control", "max-age=60"), ("vary", "lang")];
                respond(200, &fields, "x")
            }
            (_, "/fails") => respond(500, &[], ""),
            (_, "/refuses") => respond(403, &[], ""),
            (_, "/moves") => respond(303, &[], ""),
            (_, "/names") => respond(
                201,
                &[("location", "/a/one"), ("content-location", "two?x")],
                "",
            ),
            (_, "/foreign") => respond(201, &[("location", "http://other/a")], ""),
            _ => respond(200, &[], ""),
        },
    )
}

async fn dropped(site: &Site, method: &str, uri: &str, stored: &str) -> bool {
    site.get(stored).await;
    assert!(site.get(stored).await.is_hit());
    let answer = site.ask(method, uri).await;
    assert!(
        answer.cache().starts_with("fwd=method; fwd-status="),
        "{}",
        answer.cache()
    );
    !site.get(stored).await.is_hit()
}

#[tokio::test]
async fn an_unsafe_method_that_succeeds_drops_its_target() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "M-SEARCH", "ANYTHING"] {
        let site = site();
        assert!(dropped(&site, method, "/a?b", "/a?b").await, "{method}");
        assert!(
            !dropped(&site, method, "/a", "/a?b").await,
            "{method}: another target"
        );
        assert!(dropped(&site, method, "/moves", "/moves").await);
        assert!(!dropped(&site, method, "/fails", "/fails").await);
        assert!(!dropped(&site, method, "/refuses", "/refuses").await);
    }
    for method in ["OPTIONS", "TRACE"] {
        assert!(!dropped(&site(), method, "/a", "/a").await, "{method}");
    }
}

#[tokio::test]
async fn all_variants_go() {
    let site = site();
    for lang in ["a", "b"] {
        site.get_with("/", &[("lang", lang)]).await;
        assert!(site.get_with("/", &[("lang", lang)]).await.is_hit());
    }
    site.ask("DELETE", "/").await;
    for lang in ["a", "b"] {
        assert!(!site.get_with("/", &[("lang", lang)]).await.is_hit());
    }
}

#[tokio::test]
async fn what_the_answer_names_goes_too_unless_it_is_another_s() {
    let site = site();
    assert!(dropped(&site, "POST", "/names", "/a/one").await);
    assert!(dropped(&site, "POST", "/names", "/two?x").await);
    assert!(!dropped(&site, "POST", "http://me/foreign", "http://other/a").await);
}

#[tokio::test]
async fn the_scheme_a_connection_says_does_not_hide_a_change() {
    let site = site();
    site.get_with("/a", &[("host", "h")]).await;
    site.ask("PUT", "https://h/a").await;
    assert!(!site.get_with("/a", &[("host", "h")]).await.is_hit());
}

#[tokio::test]
async fn a_load_under_way_does_not_bring_back_what_was_dropped() {
    let (release, held) = tokio::sync::watch::channel(false);
    let site = Site::later(move |request| {
        let mut held = held.clone();
        Box::pin(async move {
            if request.method() == "GET" {
                held.wait_for(|released| *released).await.unwrap();
            }
            Ok(ok("max-age=60", "old"))
        })
    });
    let early = tokio::spawn({
        let site = site.clone();
        async move { site.get("/").await.body }
    });
    crate::origin::settle().await;
    site.ask("POST", "/").await;
    release.send_replace(true);
    assert_eq!(early.await.unwrap(), "old");
    let after = site.get("/").await;
    assert!(!after.is_hit());
    assert_eq!(site.calls(), 3);
}

/// RFC 9110 section 4.2.3: a default port may be said or not, on either side.
#[tokio::test]
async fn a_default_port_in_what_an_answer_names_does_not_count() {
    for (asked, named, dropped) in [
        ("http://h/", "http://h:80/x", true),
        ("http://h:80/", "http://h/x", true),
        ("http://h/", "//H:80/x", true),
        ("https://h/", "https://h:443/x", true),
        ("http://h/", "http://h:81/x", false),
        ("http://h:81/", "http://h/x", false),
    ] {
        let site = Site::new(move |request| match request.method().as_str() {
            "GET" => ok("max-age=60", "x"),
            _ => respond(201, &[("location", named)], ""),
        });
        let stored = format!("{asked}x");
        site.get(&stored).await;
        site.ask("POST", asked).await;
        assert_eq!(
            !site.get(&stored).await.is_hit(),
            dropped,
            "{asked} {named}"
        );
    }
}
