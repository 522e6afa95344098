use tests::eventually_async;
use tests::resp::Reply;

use crate::fleet::Fleet;

#[tokio::test]
async fn a_miss_on_one_is_a_far_hit_and_then_a_near_hit_on_the_other() {
    let fleet = Fleet::of(2);
    let [one, other] = &fleet.demos[..] else {
        panic!("there are two");
    };
    for user in ["1", "ada", "~"] {
        let first = one.user(user).await;
        assert_eq!(first.status(), "miss");
        let second = other.user(user).await;
        assert_eq!(second.status(), "far hit");
        // a process that has just begun does not yet hear of invalidations, and asks Redis until it does
        let third = eventually_async("a near hit", || async {
            let again = other.user(user).await;
            assert_ne!(again.status(), "miss");
            (again.status() == "near hit").then_some(again)
        })
        .await;
        for field in ["user_id", "value", "computed_at"] {
            assert_eq!(second.0[field], first.0[field]);
            assert_eq!(third.0[field], first.0[field]);
        }
    }
    // one load each, in both
    assert_eq!(one.stat("caches", "expensive_function", "/loads").await, 3);
    assert_eq!(
        other.stat("caches", "expensive_function", "/loads").await,
        0
    );
    assert_eq!(
        other
            .stat("caches", "expensive_function", "/hits/far")
            .await
            .as_u64()
            .unwrap()
            / 3,
        1
    );
}

#[tokio::test]
async fn redis_cli_shows_and_changes_what_is_there() {
    let fleet = Fleet::of(2);
    let computed = fleet.demos[0].user("42").await;
    let key = "cache:expensive_function:42";
    let there = fleet.redis.cli(&["GET", key]).text();
    let there: serde_json::Value = serde_json::from_str(&there).unwrap();
    assert_eq!(there["computed_at"], computed.0["computed_at"]);
    let left = fleet.redis.cli(&["TTL", key]).int();
    assert!((1..=60).contains(&left), "{left}");

    // a program that writes there is believed by whoever has not read it yet
    let other = there
        .to_string()
        .replace(&computed.computed_at(), "2001-01-01T00:00:00.000Z");
    fleet.redis.cli(&["SET", key, &other, "EX", "60"]);
    let read = fleet.demos[1].user("42").await;
    assert_eq!(
        (read.status().as_str(), read.computed_at().as_str()),
        ("far hit", "2001-01-01T00:00:00.000Z")
    );

    // what is no such value is not, and is left alone until it is overwritten
    fleet
        .redis
        .cli(&["SET", "cache:expensive_function:43", "hello"]);
    assert_eq!(fleet.demos[1].user("43").await.status(), "miss");
    let there = fleet
        .redis
        .cli(&["GET", "cache:expensive_function:43"])
        .text();
    assert!(there.starts_with('{'), "{there}");
    assert_eq!(
        fleet.redis.cli(&["EXISTS", "cache:expensive_function:44"]),
        Reply::Int(0)
    );
}

#[tokio::test]
async fn a_value_lives_on_when_all_who_made_it_are_gone() {
    let mut fleet = Fleet::of(1);
    let made = fleet.demos[0].user("7").await;
    fleet.demos.clear();
    let other = crate::fleet::Demo::start(&fleet.redis.url(), "10s");
    let read = other.user("7").await;
    assert_eq!(
        (read.status().as_str(), read.computed_at()),
        ("far hit", made.computed_at())
    );
}
