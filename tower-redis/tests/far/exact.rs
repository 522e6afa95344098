//! Keys that other programs know.

use std::convert::Infallible;

use tower_redis::cache::{Cache, Fresh};

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

/// They are not known when the right to store is asked for.
#[tokio::test]
async fn so_is_one_whose_tags_come_with_it() {
    for builds in [false, true] {
        let (_clock, server, a, b) = two();
        let cache = |process: &Process| {
            let cache = process
                .toolkit
                .cache("profiles")
                .exact_keys("user_profile:");
            let tags = |name: &String| vec![format!("name:{name}")];
            let cache = if builds { cache.tags_with(tags) } else { cache };
            cache.build().unwrap()
        };
        let caches: [Cache<u64, String>; 2] = [cache(&a), cache(&b)];
        let [here, there] = &caches;
        let fresh = || Fresh::new("Ada".to_owned());
        let load = |_| async {
            let fresh = if builds {
                fresh()
            } else {
                fresh().tag("name:Ada")
            };
            Ok::<_, Infallible>(fresh)
        };
        assert_eq!(here.entry(&1).load_with(load).await.value.unwrap(), "Ada");
        let mut keys = vec![1];
        if builds {
            let load = |missing: Vec<&u64>| {
                let brought: Vec<_> = missing.iter().map(|id| (**id, "Ada".to_owned())).collect();
                async { Ok::<_, Infallible>(brought) }
            };
            here.get_or_load_many(&[2, 3], load).await.unwrap();
            let load = || async { Ok::<_, Infallible>("Ada".to_owned()) };
            here.refresh(&4, load).await.unwrap();
            keys.extend([2, 3, 4]);
        }
        for key in &keys {
            let stored = server.get(&format!("user_profile:{key}")).unwrap();
            assert!(stored.starts_with(b"TR1 "), "{key}, {builds}");
            assert_eq!(there.get(key).await.as_deref(), Some("Ada"));
        }
        a.toolkit.invalidate_tags(&["name:Ada"]).await;
        for (cache, key) in caches
            .iter()
            .flat_map(|cache| keys.iter().map(move |key| (cache, key)))
        {
            assert_eq!(cache.get(key).await, None, "{key}, {builds}");
        }
        // without tags it is what other programs read
        let load = |_| async { Ok::<_, Infallible>(Fresh::new("Bob".to_owned())) };
        if !builds {
            here.entry(&1).load_with(load).await.value.unwrap();
            assert_eq!(server.get("user_profile:1").unwrap(), b"\"Bob\"".as_slice());
        }
    }
}
