use serde_json::json;
use tests::eventually_async;

use crate::fleet::{Demo, Fleet};

/// Enough to meet every order of events that is likely; `./tests/figures` plays more and takes the time.
const ROUNDS: usize = 200;

#[tokio::test]
async fn what_one_invalidates_the_other_computes_again() {
    let fleet = Fleet::of(2);
    let mut last = String::new();
    for round in 0..ROUNDS {
        let (one, other) = (&fleet.demos[round % 2], &fleet.demos[(round + 1) % 2]);
        let answer = one.invalidate("7").await;
        assert_eq!(answer["scope"], "entry");
        assert_eq!(answer["reach"], "everywhere");
        // at once where it was asked for
        let here = one.user("7").await.computed_at();
        assert!(
            here > last,
            "round {round}: {here} after {last} was invalidated"
        );
        // soon elsewhere, and what was computed again is not computed twice
        eventually_async("the other has heard of it", || async {
            let there = other.user("7").await.computed_at();
            if there == here {
                Ok(())
            } else {
                Err(format!("{there} instead of {here}"))
            }
        })
        .await;
        last = here;
    }
    let loads = |demo: usize| fleet.demos[demo].stat("caches", "expensive_function", "/loads");
    assert_eq!(
        (loads(0).await, loads(1).await),
        (json!(ROUNDS / 2), json!(ROUNDS / 2))
    );
}

#[tokio::test]
async fn whoever_reads_first_computes_and_the_older_is_never_seen_again() {
    let fleet = Fleet::of(2);
    let mut last = String::new();
    for round in 0..ROUNDS {
        let (one, other) = (&fleet.demos[round % 2], &fleet.demos[(round + 1) % 2]);
        one.invalidate("7").await;
        let there = eventually_async("the other has heard of it", || async {
            let there = other.user("7").await.computed_at();
            (there > last).then_some(there)
        })
        .await;
        for _ in 0..3 {
            assert_eq!(other.user("7").await.computed_at(), there, "round {round}");
            assert_eq!(one.user("7").await.computed_at(), there, "round {round}");
        }
        last = there;
    }
}

#[tokio::test]
async fn an_invalidation_of_all_is_of_all_everywhere() {
    let fleet = Fleet::of(2);
    let (one, other) = (&fleet.demos[0], &fleet.demos[1]);
    let mut before = Vec::new();
    for user in ["1", "2", "3"] {
        one.user(user).await;
        before.push(other.user(user).await.computed_at());
    }
    let answer = one.post("/api/invalidate-cache", "").await.ok();
    assert_eq!(
        (&answer["scope"], &answer["reach"]),
        (&json!("all"), &json!("everywhere"))
    );
    for (user, before) in ["1", "2", "3"].into_iter().zip(before) {
        assert_eq!(one.user(user).await.status(), "miss");
        eventually_async("the other has heard of it", || async {
            other.user(user).await.computed_at() > before
        })
        .await;
    }
}

/// Users whose key starts as that of user 1 does, and one whose key does not.
const USERS: [&str; 4] = ["1", "10", "1st", "2"];

async fn computed(demo: &Demo) -> Vec<String> {
    let mut all = Vec::new();
    for user in USERS {
        all.push(demo.user(user).await.computed_at());
    }
    all
}

#[tokio::test]
async fn a_prefix_that_anybody_publishes_goes_far_and_near_once() {
    let fleet = Fleet::of(2);
    let (one, other) = (&fleet.demos[0], &fleet.demos[1]);
    // both hear, which a near hit says
    for demo in &fleet.demos {
        eventually_async("a near hit", || async {
            demo.user("2").await.status() == "near hit"
        })
        .await;
    }
    let before = computed(one).await;
    assert_eq!(computed(other).await, before);

    fleet
        .redis
        .cli(&["PUBLISH", "cache:invalidate", "cache:expensive_function:1"]);
    for demo in &fleet.demos {
        eventually_async(
            "what starts so is computed again, and nothing else",
            || async {
                let now = computed(demo).await;
                let again: Vec<bool> = now
                    .iter()
                    .zip(&before)
                    .map(|(now, then)| now > then)
                    .collect();
                if again == [true, true, true, false] {
                    Ok(())
                } else {
                    Err(again)
                }
            },
        )
        .await;
    }
    // one of them has done it, and says so
    let said = |demo: &Demo| {
        let log = demo.process.stderr();
        log.matches("removed what was published on `cache:invalidate`")
            .count()
    };
    eventually_async("it is logged", || async { said(one) + said(other) > 0 }).await;
    assert_eq!(
        said(one) + said(other),
        1,
        "{}\n{}",
        one.process.stderr(),
        other.process.stderr()
    );
}
