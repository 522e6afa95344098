use crate::origin::{Site, ok};

/// An origin whose answer depends on all it is asked.
fn echo() -> Site {
    Site::new(|request| {
        let host = request
            .headers()
            .get("host")
            .map_or("", |host| host.to_str().unwrap());
        ok("max-age=60", format!("{} {host}", request.uri()))
    })
}

#[tokio::test]
async fn hosts_queries_and_paths_do_not_share() {
    let site = echo();
    let asks = [
        ("/", "a"),
        ("/", "b"),
        ("/", "a:8080"),
        ("/?", "a"),
        ("/?x=1", "a"),
        ("/?x=1&y=2", "a"),
        ("/?x=1;y=2", "a"),
        ("//", "a"),
        ("/%2f", "a"),
        ("/%2F", "a"),
        ("/x:1", "a"),
    ];
    for (uri, host) in asks {
        let miss = site.get_with(uri, &[("host", host)]).await;
        assert_eq!(
            miss.cache(),
            "fwd=uri-miss; fwd-status=200; stored",
            "{host}{uri}"
        );
    }
    for (uri, host) in asks {
        let hit = site.get_with(uri, &[("host", host)]).await;
        assert!(hit.is_hit());
        assert_eq!(hit.body, format!("{uri} {host}"));
    }
}

#[tokio::test]
async fn a_contradictory_host_neither_reads_nor_writes() {
    let site = echo();
    let poisoned = site.get_with("http://victim/", &[("host", "evil")]).await;
    assert_eq!(
        poisoned.cache(),
        "fwd=bypass; fwd-status=200; detail=\"host\""
    );
    let poisoned = site
        .get_with("/", &[("host", "victim"), ("host", "evil")])
        .await;
    assert_eq!(
        poisoned.cache(),
        "fwd=bypass; fwd-status=200; detail=\"host\""
    );
    assert!(!site.get_with("/", &[("host", "victim")]).await.is_hit());
    // but what it changes is dropped
    assert!(site.get_with("/", &[("host", "victim")]).await.is_hit());
    let unsafe_one = crate::origin::request("POST", "http://victim/", &[("host", "evil")]);
    site.send(unsafe_one).await.unwrap();
    assert!(!site.get_with("/", &[("host", "victim")]).await.is_hit());
}

#[tokio::test]
async fn what_is_for_one_user_is_not_shared() {
    let mine = [("authorization", "Bearer mine")];
    let theirs = [("authorization", "Bearer theirs")];
    for (cache_control, shared) in [
        ("max-age=60", false),
        ("max-age=60, private", false),
        ("max-age=60, public", true),
        ("max-age=60, must-revalidate", true),
        ("s-maxage=60", true),
    ] {
        let site = Site::new(move |request| {
            let user = request.headers().get("authorization");
            ok(cache_control, format!("{user:?}"))
        });
        let first = site.get_with("/", &mine).await;
        let second = site.get_with("/", &theirs).await;
        assert_eq!(second.is_hit(), shared, "{cache_control}");
        assert_eq!(first.body == second.body, shared);
        assert_eq!(site.get("/").await.is_hit(), shared);
    }
}

#[tokio::test]
async fn another_method_does_not_fill_what_a_get_reads() {
    let site = echo();
    for method in ["POST", "HEAD", "OPTIONS", "GETS"] {
        site.ask(method, "/").await;
    }
    assert!(!site.get("/").await.is_hit());
}

#[tokio::test]
async fn a_host_that_no_host_can_have_is_filed_under_no_other() {
    let site = echo();
    for host in ["evil/?@victim", "evil@victim", "evil#@VICTIM:80"] {
        let poisoned = site.get_with("/", &[("host", host)]).await;
        assert_eq!(
            poisoned.cache(),
            "fwd=bypass; fwd-status=200; detail=\"host\"",
            "{host}"
        );
        assert!(!site.get_with("/", &[("host", "victim")]).await.is_hit());
        site.ask("POST", "http://victim/").await;
    }
}
