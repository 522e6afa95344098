use crate::origin::{Site, ok, respond};

fn by_language() -> Site {
    Site::new(|request| {
        let language = request.headers().get("accept-language");
        let language = language.map_or("none", |value| value.to_str().unwrap());
        let fields = [("cache-control", "max-age=60"), ("vary", "Accept-Language")];
        respond(200, &fields, language.to_owned())
    })
}

#[tokio::test]
async fn each_variant_has_its_own_answer() {
    let site = by_language();
    for language in ["de", "fr", "en"] {
        let miss = site.get_with("/", &[("accept-language", language)]).await;
        let fwd = if language == "de" {
            "uri-miss"
        } else {
            "vary-miss"
        };
        assert_eq!(miss.cache(), format!("fwd={fwd}; fwd-status=200; stored"));
    }
    for language in ["en", "fr", "DE"] {
        let hit = site.get_with("/", &[("accept-language", language)]).await;
        assert!(hit.is_hit());
        assert_eq!(hit.body, language.to_lowercase());
    }
    assert_eq!(site.get("/").await.body, "none");
    assert!(site.get("/").await.is_hit());
    assert_eq!(site.calls(), 4);
    assert_eq!(site.layer.stats().entries, 1, "all under one URI");
}

#[tokio::test]
async fn the_oldest_of_many_variants_makes_room() {
    let site = by_language();
    let ask = async |n: usize| {
        let language = format!("x{n}");
        site.get_with("/", &[("accept-language", &language)]).await
    };
    for n in 0..17 {
        ask(n).await;
    }
    assert!(ask(16).await.is_hit());
    assert!(ask(1).await.is_hit());
    assert!(!ask(0).await.is_hit());
    assert_eq!(site.calls(), 18);
}

#[tokio::test]
async fn a_newer_response_takes_the_place_of_the_one_it_answers_for() {
    let site = by_language();
    let german = [("accept-language", "de"), ("cache-control", "no-cache")];
    site.get_with("/", &german).await;
    site.get_with("/", &[("accept-language", "fr")]).await;
    let before = site.layer.stats().weight;
    for _ in 0..5 {
        site.get_with("/", &german).await;
    }
    assert_eq!(site.layer.stats().weight, before);
    assert!(
        site.get_with("/", &[("accept-language", "fr")])
            .await
            .is_hit()
    );
}

/// RFC 9111 section 4.1: where one "omits the Vary header field, the cache SHOULD choose the most recent [..] stored
/// response with a valid Vary field value".
#[tokio::test]
async fn one_without_vary_answers_only_who_selects_no_other() {
    let site = Site::new(|request| match request.headers().get("plain") {
        Some(_) => ok("max-age=60", "plain"),
        None => respond(
            200,
            &[("cache-control", "max-age=60"), ("vary", "a, b")],
            "varied",
        ),
    });
    site.get_with("/", &[("a", "1")]).await;
    site.get_with("/", &[("a", "2"), ("plain", "")]).await;
    assert_eq!(site.get_with("/", &[("a", "1")]).await.body, "varied");
    assert_eq!(site.get_with("/", &[("a", "2")]).await.body, "plain");
    assert_eq!(site.get_with("/", &[("a", "3")]).await.body, "plain");
    assert_eq!(site.calls(), 2);
    // and what comes without it takes the place of what the same request would have got
    let anew = [("a", "1"), ("plain", ""), ("cache-control", "no-cache")];
    site.get_with("/", &anew).await;
    assert_eq!(site.get_with("/", &[("a", "1")]).await.body, "plain");
}

#[tokio::test]
async fn of_several_that_match_the_one_with_the_newest_date_answers() {
    let site = Site::new(|request| {
        let (vary, date) = match request.headers().get("a") {
            None => ("a", "Thu, 01 Jan 2026 00:00:09 GMT"),
            Some(_) => ("b", "Thu, 01 Jan 2026 00:00:00 GMT"),
        };
        let fields = [
            ("cache-control", "max-age=60"),
            ("vary", vary),
            ("date", date),
        ];
        respond(200, &fields, vary)
    });
    site.get("/").await;
    site.get_with("/", &[("a", "1")]).await;
    assert_eq!(site.get("/").await.body, "a", "though the other came later");
    assert_eq!(site.get_with("/", &[("a", "2")]).await.body, "b");
    assert_eq!(site.calls(), 2);
}
/// Two variants of three languages, and what the origin says to a condition.
fn tagged(answer: fn(&str) -> &'static [(&'static str, &'static str)]) -> Site {
    Site::new(move |request| {
        let field = |name| request.headers().get(name).map(|v| v.to_str().unwrap());
        let language = field("accept-language").unwrap();
        if let Some(asked) = field("if-none-match")
            && (language.contains('-') || asked == "\"x\"")
        {
            return respond(304, answer(asked), "");
        }
        let tag = if language == "fr" { "\"fr\"" } else { "\"en\"" };
        let fields = [
            ("cache-control", "max-age=60"),
            ("vary", "accept-language"),
            ("etag", tag),
        ];
        respond(200, &fields, &tag[1..3])
    })
}

async fn in_language(site: &Site, language: &str) -> crate::origin::Answer {
    site.get_with("/", &[("accept-language", language)]).await
}

#[tokio::test]
async fn a_request_that_selects_none_asks_which_of_those_stored_it_gets() {
    let site = tagged(|_| &[("etag", "\"en\""), ("cache-control", "max-age=50")]);
    in_language(&site, "en").await;
    in_language(&site, "fr").await;
    let other = in_language(&site, "en-GB").await;
    assert_eq!(site.last_seen()["if-none-match"], "\"fr\", \"en\"");
    assert_eq!(site.last_seen()["accept-language"], "en-GB");
    assert_eq!((other.status.as_u16(), &*other.body), (200, &b"en"[..]));
    assert_eq!(other.cache(), "fwd=vary-miss; fwd-status=304; stored");
    assert_eq!(in_language(&site, "en-GB").await.cache(), "hit; ttl=50");
    for language in ["en", "fr"] {
        assert_eq!(in_language(&site, language).await.cache(), "hit; ttl=60");
    }
}

#[tokio::test]
async fn a_304_for_one_client_drops_nothing_of_what_others_have() {
    let site = tagged(|_| &[("etag", "\"en\"")]);
    in_language(&site, "en").await;
    // the answer is not to be shared
    let fields = [
        ("accept-language", "en-GB"),
        ("authorization", "Basic Og=="),
    ];
    let own = site.get_with("/", &fields).await;
    assert_eq!(own.body, "en");
    assert_eq!(
        own.cache(),
        "fwd=vary-miss; fwd-status=304; detail=\"authorization\""
    );
    assert!(in_language(&site, "en").await.is_hit());
}

#[tokio::test]
async fn a_304_that_could_mean_any_of_several_is_none() {
    for answer in [|_: &str| &[][..], |_: &str| &[("etag", "\"de\"")][..]] {
        let site = tagged(answer);
        in_language(&site, "en").await;
        in_language(&site, "fr").await;
        let other = in_language(&site, "en-GB").await;
        assert_eq!(other.cache(), "fwd=vary-miss; fwd-status=200; stored");
        assert!(site.last_seen().get("if-none-match").is_none());
        assert_eq!(site.calls(), 4);
    }
    // nothing is asked by a tag that may stand for several encodings
    let site = Site::new(|_| {
        let fields = [("cache-control", "max-age=60"), ("vary", "accept-encoding")];
        respond(200, &[&fields[..], &[("etag", "W/\"1\"")]].concat(), "x")
    });
    for encoding in ["gzip", "br"] {
        site.get_with("/", &[("accept-encoding", encoding)]).await;
        assert!(site.last_seen().get("if-none-match").is_none());
    }
    // nor does one mean the only one there is that names another date
    let site = tagged(|_| &[("last-modified", "Thu, 01 Jan 2026 00:00:00 GMT")]);
    in_language(&site, "fr").await;
    let other = in_language(&site, "fr-CA").await;
    assert_eq!(other.cache(), "fwd=vary-miss; fwd-status=200; stored");
    // one alone can be meant
    let site = tagged(|_| &[]);
    in_language(&site, "fr").await;
    assert_eq!(in_language(&site, "fr-CA").await.body, "fr");
    assert_eq!(site.calls(), 2);
}

#[tokio::test]
async fn a_client_s_own_condition_is_not_mixed_with_ours() {
    let site = tagged(|_| &[("etag", "\"x\"")]);
    in_language(&site, "en").await;
    let fields = [("accept-language", "fr"), ("if-none-match", "\"x\"")];
    assert_eq!(site.get_with("/", &fields).await.status, 304);
    assert_eq!(site.last_seen()["if-none-match"], "\"x\"");
}

#[tokio::test]
async fn the_order_of_what_a_client_prefers_does_not_count() {
    let site = by_language();
    in_language(&site, "en, de;q=0.5").await;
    for same in ["de;q=0.5, en", "DE;q=0.50,en;q=1"] {
        assert!(in_language(&site, same).await.is_hit(), "{same}");
    }
    assert!(!in_language(&site, "de, en;q=0.5").await.is_hit());
}
