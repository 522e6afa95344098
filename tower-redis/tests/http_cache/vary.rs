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

#[tokio::test]
async fn a_response_without_vary_takes_the_place_of_all() {
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
    assert_eq!(site.get_with("/", &[("a", "1")]).await.body, "plain");
    assert_eq!(site.calls(), 2);
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
