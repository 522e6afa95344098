//! Tags across processes.

use tower_redis::cache::{Reach, Status};

use super::support::{Process, Source, two};

#[tokio::test]
async fn a_tag_reaches_entries_that_were_fetched_without_naming_it() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1", "users"], &source).await;
    // the entry says so itself
    assert_eq!(b.read(1, &source).await, (0, Status::Far));
    source.says(8);
    a.toolkit.invalidate_tags(&["org:1"]).await;
    assert_eq!(b.read(1, &source).await, (8, Status::Loaded));
}

#[tokio::test]
async fn a_tag_reaches_across_caches_and_no_further() {
    let (_clock, _server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    a.read_tagged(2, &["org:2"], &source).await;
    source.says(8);
    b.toolkit.invalidate_tags(&["org:1"]).await;
    assert_eq!(
        a.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    assert_eq!(
        a.read_tagged(2, &["org:2"], &source).await,
        (0, Status::Near)
    );
}

#[tokio::test]
async fn a_token_that_was_lost_makes_entries_unusable_and_no_more() {
    let (clock, server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    let token = server
        .keys()
        .into_iter()
        .find(|key| key.starts_with("tr:t:"));
    assert!(server.del(&token.unwrap()));
    source.says(8);
    assert_eq!(
        b.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    // who knew the token asks again after ten seconds
    clock.advance(std::time::Duration::from_secs(11));
    for process in [&a, &b] {
        process.far.beat();
    }
    assert_eq!(
        b.read_tagged(2, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
    assert_eq!(
        a.read_tagged(2, &["org:1"], &source).await,
        (8, Status::Far)
    );
}

#[tokio::test]
async fn a_message_that_comes_late_does_not_bring_back_what_was_invalidated_since() {
    for (by_tag, tags) in [(true, &["org:1"][..]), (false, &[])] {
        let (_clock, _server, a, b) = two();
        let source = Source::default();
        let invalidate = async |process: &Process| {
            if by_tag {
                process.toolkit.invalidate_tags(tags).await
            } else {
                process.cache.clear().await
            }
        };
        // b uses the token
        b.read_tagged(2, tags, &source).await;
        b.far.hold_messages();
        invalidate(&a).await;
        assert_eq!(a.read_tagged(1, tags, &source).await, (0, Status::Loaded));
        source.says(8);
        assert_eq!(invalidate(&b).await.reach, Reach::Everywhere);
        // what a has done before b
        b.far.deliver();
        assert_eq!(b.read_tagged(1, tags, &source).await, (8, Status::Loaded));
    }
}

#[tokio::test]
async fn after_a_flush_everything_is_loaded_again() {
    let (_clock, server, a, b) = two();
    let source = Source::default();
    a.read_tagged(1, &["org:1"], &source).await;
    server.flush_all();
    source.says(8);
    assert_eq!(
        b.read_tagged(1, &["org:1"], &source).await,
        (8, Status::Loaded)
    );
}
