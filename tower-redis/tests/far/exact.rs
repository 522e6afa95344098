//! Keys that other programs know.

use tower_redis::cache::Cache;

use super::support::{Process, TTL, two};

fn profiles(process: &Process) -> Cache<u64, String> {
    let builder = process.toolkit.cache("profiles").ttl(TTL);
    builder.exact_keys("user_profile:").build().unwrap()
}

#[tokio::test]
async fn a_value_lies_there_as_written_and_as_plain_json() {
    let (_clock, server, a, b) = two();
    profiles(&a).put(&1, "Ada".to_owned(), TTL).await;
    assert_eq!(server.get("user_profile:1").unwrap(), b"\"Ada\"");
    assert_eq!(profiles(&b).get(&1).await.as_deref(), Some("Ada"));
}

#[tokio::test]
async fn what_another_program_writes_is_served() {
    let (_clock, server, a, _b) = two();
    server.set("user_profile:1", "\"Grace\"", Some(TTL));
    assert_eq!(profiles(&a).get(&1).await.as_deref(), Some("Grace"));
    server.set("user_profile:2", "\"for ever\"", None);
    assert_eq!(profiles(&a).get(&2).await.as_deref(), Some("for ever"));
}

#[tokio::test]
async fn what_cannot_be_read_is_a_miss_and_stays() {
    let (_clock, server, a, _b) = two();
    server.set("user_profile:1", "{\"name\":\"Ada\"}", Some(TTL));
    let profiles = profiles(&a);
    assert_eq!(profiles.get(&1).await, None);
    assert_eq!(profiles.stats().undecodable, 1);
    assert!(server.get("user_profile:1").is_some());
}

#[tokio::test]
async fn what_is_not_a_string_is_never_touched() {
    let (_clock, server, a, _b) = two();
    server.set_foreign("user_profile:1");
    let profiles = profiles(&a);
    assert_eq!(profiles.get(&1).await, None);
    profiles.put(&1, "Ada".to_owned(), TTL).await;
    assert_eq!(profiles.get(&1).await.as_deref(), Some("Ada"));
    assert_eq!(server.get("user_profile:1"), None);
    assert!(server.keys().contains(&"user_profile:1".to_owned()));
}

#[tokio::test]
async fn a_cleared_cache_takes_its_keys_along_and_no_others() {
    let (_clock, server, a, b) = two();
    server.set("user_profiles", "other", None);
    let (here, there) = (profiles(&a), profiles(&b));
    here.put(&1, "Ada".to_owned(), TTL).await;
    assert_eq!(there.get(&1).await.as_deref(), Some("Ada"));
    here.clear().await;
    assert_eq!(there.get(&1).await, None);
    assert_eq!(server.keys(), ["tr:feed", "user_profiles"]);
}

#[tokio::test]
async fn a_published_prefix_removes_near_and_far() {
    let (_clock, server, a, b) = two();
    profiles(&a).put(&1, "Ada".to_owned(), TTL).await;
    let there = profiles(&b);
    assert_eq!(there.get(&1).await.as_deref(), Some("Ada"));
    server.del("user_profile:1");
    server.publish("cache:invalidate", "user_profile:");
    assert_eq!(there.get(&1).await, None);
}

#[tokio::test]
async fn an_empty_prefix_is_refused() {
    let (_clock, _server, a, _b) = two();
    let cache = a.toolkit.cache::<u64, String>("profiles").exact_keys("");
    let error = cache.build().unwrap_err();
    assert!(error.is_config());
    assert!(error.to_string().contains("`profiles`"), "{error}");
}

#[tokio::test]
async fn a_value_with_tags_is_kept_with_a_line_in_front() {
    let (_clock, server, a, b) = two();
    let here = profiles(&a);
    here.entry(&1).tags(&["org:1"]).put("Ada".to_owned()).await;
    assert!(server.get("user_profile:1").unwrap().starts_with(b"TR1 "));
    let there = profiles(&b);
    assert_eq!(there.get(&1).await.as_deref(), Some("Ada"));
    a.toolkit.invalidate_tags(&["org:1"]).await;
    assert_eq!(there.get(&1).await, None);
    assert_eq!(here.get(&1).await, None);
}
