//! Redis goes away while one process loads for all.

use tests::http::Site;
use tests::{Proxy, RedisServer, Target, eventually_async};
use tokio::task::JoinHandle;

use crate::fleet::Demo;

const PATH: &str = "/slow/7";

type Caller = JoinHandle<String>;

fn caller(demo: &Demo) -> Caller {
    let site = Site::at(demo.process.address());
    tokio::spawn(async move { site.get(PATH).await.ok().as_str().unwrap().to_owned() })
}

/// How many loads a demo has begun, and how many of its callers' flights are under way.
async fn so_far(demo: &Demo) -> (u64, u64) {
    let told = demo.get("/slow").await.ok();
    (
        told["begun"].as_u64().unwrap(),
        told["loading"].as_u64().unwrap(),
    )
}

async fn until(demo: &Demo, expected: (u64, u64)) {
    eventually_async("that many loads have begun, and are waited for", || async {
        let there = so_far(demo).await;
        if there == expected {
            Ok(())
        } else {
            Err(there)
        }
    })
    .await;
}

/// One demo that loads, and two callers each in two others that wait for it.
async fn waiting(demos: &[Demo]) -> Vec<Caller> {
    let mut callers = vec![caller(&demos[0])];
    until(&demos[0], (1, 1)).await;
    for waits in &demos[1..] {
        callers.push(caller(waits));
        callers.push(caller(waits));
        until(waits, (0, 1)).await;
    }
    callers
}

fn process(part: &str) -> &str {
    // "7 process:run"
    part.split([' ', ':']).nth(1).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_redis_goes_away_each_process_that_waits_loads_once() {
    let redis = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(redis.socket()));
    let url = proxy.url();
    let demos = [(); 3].map(|()| Demo::start(&url, "10s"));
    let callers = waiting(&demos).await;
    proxy.refuse();
    proxy.cut();
    for demo in &demos {
        // nobody waits for the leader any more, and nobody loads twice
        until(demo, (1, 1)).await;
    }
    for demo in &demos {
        demo.post("/slow", "").await.ok();
    }
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    // all callers of a process have what it loaded
    assert_eq!(answers[1], answers[2]);
    assert_eq!(answers[3], answers[4]);
    assert_ne!(process(&answers[0]), process(&answers[1]));
    assert_ne!(process(&answers[1]), process(&answers[3]));
    for demo in &demos {
        assert_eq!(so_far(demo).await, (1, 0));
    }
    // and all is as it was once Redis is back
    proxy.restore();
    eventually_async("they load for each other again", || async {
        let mut there = Vec::new();
        for demo in &demos {
            there.push(demo.get(PATH).await.ok());
        }
        there.iter().all(|one| *one == there[0])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_one_that_loads_loses_redis_one_of_the_others_takes_over() {
    let redis = RedisServer::start();
    let proxy = Proxy::before(Target::Unix(redis.socket()));
    let (through, direct) = (proxy.url(), redis.url());
    let demos = [&through, &direct, &direct].map(|url| Demo::start(url, "10s"));
    let callers = waiting(&demos).await;
    proxy.refuse();
    proxy.cut();
    let begun = || async { so_far(&demos[1]).await.0 + so_far(&demos[2]).await.0 };
    eventually_async("one of them takes over", || async { begun().await == 1 }).await;
    for demo in &demos {
        demo.post("/slow", "").await.ok();
    }
    let mut answers = Vec::new();
    for caller in callers {
        answers.push(caller.await.unwrap());
    }
    // the first one's load goes on for its own caller
    assert_ne!(answers[0], answers[1]);
    assert!(answers[2..].iter().all(|answer| *answer == answers[1]));
    assert_eq!((so_far(&demos[0]).await.0, begun().await), (1, 1));
}
