//! A user of Redis with few rights.

use tests::{RedisOptions, eventually, eventually_async};
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_one_may_not_hear_takes_no_other_with_it() {
    let server = RedisOptions::new()
        .user("joe on >hunter2 ~* +@all resetchannels &news &tr:* &cache:invalidate")
        .start();
    let url = format!(
        "redis+unix://{}?user=joe&pass=hunter2",
        server.socket().display()
    );
    let variables = Variables::from([("REDIS_URL", url.as_str()), ("REDIS_TIMEOUT", "5s")]);
    let settings = Settings::read(&variables).unwrap();
    let toolkit = Toolkit::builder().settings(settings).build().unwrap();
    let mut news = toolkit.bus().subscribe("news").unwrap();
    let heard_by = || server.cli(&["PUBLISH", "news", "0"]).int();
    eventually("`news` is heard", || heard_by() == 1);
    let _other = toolkit.bus().subscribe("forbidden").unwrap();
    let _all = toolkit.bus().subscribe_all();
    eventually("both have been refused", || {
        let log = server.cli(&["ACL", "LOG"]).to_string();
        log.contains("forbidden") && log.contains('*')
    });
    for n in 1..=30 {
        assert_eq!(server.cli(&["PUBLISH", "news", &n.to_string()]).int(), 1);
    }
    let mut heard = Vec::new();
    eventually_async("all are heard", || {
        while let Some(event) = news.try_next() {
            heard.push(event.unwrap().message().as_u64().unwrap());
        }
        let last = heard.last().copied();
        async move { last == Some(30) }
    })
    .await;
    heard.retain(|n| *n > 0);
    assert!(heard.iter().copied().eq(1..=30), "{heard:?}");
}
