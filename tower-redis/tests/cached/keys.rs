//! `#[derive(CacheKey)]`: types as keys.

use std::collections::HashSet;

use tower_redis::cache::Cache;
use tower_redis::cached;
use tower_redis::key::{CacheKey, KeyWriter};

use super::support::Runs;

#[derive(Debug, Clone, CacheKey)]
struct Isbn(String);

#[derive(Debug, Clone, Copy, CacheKey)]
struct Id {
    number: u64,
}

#[derive(Debug, Clone, CacheKey)]
struct Search<'a, T> {
    words: &'a str,
    page: Option<T>,
    r#type: Kind,
    #[cache_key(skip)]
    #[expect(dead_code, reason = "it is there to be left out")]
    share: f64,
}

#[derive(Debug, Clone, Copy, CacheKey)]
enum Kind {
    All,
    Only {
        number: u64,
        strict: bool,
    },
    Of(
        Id,
        #[cache_key(skip)]
        #[expect(dead_code, reason = "it is there to be left out")]
        f32,
    ),
    r#Self_,
}

#[derive(Debug, Clone, Copy, CacheKey)]
struct Nothing;

fn written(key: &impl CacheKey) -> String {
    String::from_utf8(KeyWriter::of(key).as_bytes().to_vec()).unwrap()
}

#[test]
fn a_type_is_the_key_that_its_fields_are() {
    assert_eq!(written(&Isbn("a:b".to_owned())), written(&"a:b"));
    assert_eq!(written(&Id { number: 7 }), "7");
    assert_eq!(written(&Nothing), written(&()));
    let search = |r#type| Search {
        words: "a:b",
        page: Some(2_u8),
        r#type,
        share: 0.5,
    };
    assert_eq!(written(&search(Kind::All)), written(&("a:b", 2, "All")));
    let only = Kind::Only {
        number: 7,
        strict: true,
    };
    assert_eq!(written(&only), "Only:7:true");
    assert_eq!(written(&search(only)), "a%3Ab:2:Only:7:true");
    assert_eq!(written(&Kind::Of(Id { number: 7 }, 0.5)), "Of:7");
    assert_eq!(written(&Kind::Self_), "Self_");
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, CacheKey)]
enum Tricky {
    A,
    B(String),
    C(String, String),
    D(Option<String>, Box<(String, Vec<String>)>),
}

/// Values that look alike as text.
#[test]
fn different_values_write_different_keys() {
    let texts = ["", ":", "A", "B", "~", "A:", ":A", "B:A", "[", ",", "%3A"].map(str::to_owned);
    let mut values = vec![Tricky::A];
    for one in &texts {
        values.push(Tricky::B(one.clone()));
        for other in &texts {
            values.push(Tricky::C(one.clone(), other.clone()));
            let list = vec![one.clone(), other.clone()];
            values.push(Tricky::D(None, Box::new((one.clone(), list.clone()))));
            values.push(Tricky::D(
                Some(other.clone()),
                Box::new((one.clone(), list)),
            ));
        }
    }
    let keys: HashSet<_> = values.iter().map(written).collect();
    assert_eq!(keys.len(), values.len());

    // a part may have fewer fields than another
    let few = values.iter().step_by(5);
    let pairs = few
        .clone()
        .flat_map(|one| few.clone().map(move |other| (one, other)));
    let pairs: Vec<_> = pairs.collect();
    let keys: HashSet<_> = pairs.iter().map(written).collect();
    assert_eq!(keys.len(), pairs.len());
}

#[tokio::test]
async fn a_cache_may_be_by_it() {
    let toolkit = tower_redis::Toolkit::in_memory();
    let cache: Cache<Id, u64> = toolkit.cache("by id").build().unwrap();
    let ttl = std::time::Duration::from_secs(60);
    cache.put(&Id { number: 7 }, 1, ttl).await;
    assert_eq!(cache.get(&Id { number: 7 }).await, Some(1));
    assert_eq!(cache.get(&Id { number: 8 }).await, None);
}

static FOUND: Runs = Runs::new();

#[cached(ttl = 60)]
async fn found(kind: Kind, book: &Isbn) -> usize {
    let _ = kind;
    FOUND.count();
    book.0.len()
}

#[tokio::test]
async fn it_may_be_an_argument() {
    let book = Isbn("3".to_owned());
    for kind in [Kind::All, Kind::All, Kind::Self_] {
        found(kind, &book).await;
    }
    assert_eq!(FOUND.so_far(), 2);
    assert_eq!(found::key(Kind::All, &book), "All:3");
}
