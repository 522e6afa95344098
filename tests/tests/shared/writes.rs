//! What a function of one process writes, the caches of the other ones know.

use serde_json::{Value, json};
use tests::eventually_async;

use crate::fleet::{Demo, Fleet};

async fn value(demo: &Demo, path: &str) -> Value {
    demo.get(path).await.ok()["value"].clone()
}

#[tokio::test]
async fn a_writer_in_one_process_invalidates_in_the_others() {
    let fleet = Fleet::of(3);
    let [one, other, third] = &fleet.demos[..] else {
        panic!("three were asked for");
    };
    let mut last = value(one, "/prices/apple").await;
    for writer in [other, third, one] {
        for reader in &fleet.demos {
            assert_eq!(value(reader, "/prices/apple").await, last);
        }
        // a failure has written nothing
        assert_eq!(
            writer.post("/prices/apple/fail", "").await.ok(),
            json!(false)
        );
        assert_eq!(value(writer, "/prices/apple").await, last);
        assert_eq!(writer.post("/prices/apple", "").await.ok(), json!(true));
        // at once where it was written
        let now = value(writer, "/prices/apple").await;
        assert_ne!(now, last);
        for reader in &fleet.demos {
            eventually_async("the others have heard of it", || async {
                let there = value(reader, "/prices/apple").await;
                if there == now {
                    Ok(())
                } else {
                    Err(format!("{there} instead of {now}"))
                }
            })
            .await;
        }
        last = now;
    }
}

#[tokio::test]
async fn a_writer_in_one_process_makes_stale_and_ends_a_tag_in_the_others() {
    let fleet = Fleet::of(2);
    let (writer, reader) = (&fleet.demos[0], &fleet.demos[1]);
    let rated = value(reader, "/ratings/apple").await;
    let price = value(reader, "/prices/pear").await;
    assert_eq!(value(writer, "/ratings/apple").await, rated);
    assert_eq!(writer.post("/ratings/apple", "").await.ok(), json!(true));
    // it answers until it has been loaded anew, and then no more
    eventually_async("the rating is loaded anew", || async {
        let found = reader.get("/ratings/apple").await.ok();
        if found["value"] == rated {
            Err(found)
        } else {
            Ok(())
        }
    })
    .await;
    let found = reader.get("/ratings/apple").await.ok();
    assert!(found["stale_hits"].as_u64().unwrap() > 0, "{found}");
    eventually_async("the tag has ended", || async {
        value(reader, "/prices/pear").await != price
    })
    .await;
}
