//! Neither the compiler nor clippy at its strictest has anything to say about a cached function that it
//! would not say about the function. The compiler checks it here, clippy in `.ci/run`.
#![cfg(feature = "macros")]
#![deny(warnings, unused, future_incompatible, missing_docs, nonstandard_style)]
#![deny(
    missing_debug_implementations,
    missing_copy_implementations,
    unreachable_pub
)]
#![deny(
    unused_qualifications,
    rust_2018_idioms,
    unused_lifetimes,
    single_use_lifetimes
)]
#![deny(let_underscore_drop, unused_results, clippy::all, clippy::pedantic)]
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::Duration;

use tower_redis::cache::Cache;
use tower_redis::{Toolkit, cached};

/// A minute.
const MINUTE: Duration = Duration::from_mins(1);

/// Loads.
///
/// # Errors
/// Never.
#[cached(ttl = MINUTE, capacity = 10, tags("users", "user:{id}"), key = "user:{id}")]
pub async fn load(id: u64, _locale: &str) -> Result<String, String> {
    std::future::ready(()).await;
    Ok(id.to_string())
}

/// Counts.
#[cached]
#[must_use]
pub fn count(mut text: String) -> usize {
    text.push('!');
    text.len()
}

/// Expected where it happens.
#[cached]
#[must_use]
#[expect(unused_variables, reason = "to see that the expectation is met")]
pub fn expected(id: u64) -> u64 {
    let other = 1;
    id
}

/// Looks up.
#[cached(ttl = "1h30m")]
pub async fn many(ids: &[u64], name: Option<&str>, text: Cow<'_, str>) -> Option<String> {
    std::future::ready(()).await;
    name.map(|name| format!("{name}{text}{ids:?}"))
}

/// Later.
#[cached(ttl = later(*id), near_only)]
pub fn future((id, name): (u64, String)) -> impl Future<Output = Vec<u8>> + Send {
    async move {
        vec![
            u8::try_from(id).unwrap_or_default(),
            u8::from(name.is_empty()),
        ]
    }
}

fn later(id: u64) -> Duration {
    Duration::from_secs(id)
}

/// Much later.
#[cached]
#[must_use]
pub fn boxed(id: u64) -> Pin<Box<dyn Future<Output = u64> + Send>> {
    Box::pin(std::future::ready(id))
}

static WORDS: LazyLock<Option<Cache<String, usize>>> =
    LazyLock::new(|| Toolkit::in_memory().cache("words").build().ok());

/// Given.
#[cached(cache = words, skip(words))]
pub async fn given(words: &Cache<String, usize>, word: &str) -> usize {
    std::future::ready(words.name().len()).await + word.len()
}

/// Alone.
#[cached(companion = none)]
#[must_use]
pub fn alone(id: u64) -> u64 {
    id
}

/// Says.
pub trait Says {
    /// What.
    fn says(&self, times: usize) -> String;
    /// Whether.
    fn hears(&self) -> impl Future<Output = bool> + Send;
}

/// A shop.
#[derive(Debug)]
pub struct Shop {
    /// Its number.
    pub id: u64,
    /// Where its caches are.
    pub toolkit: Toolkit,
}

impl Shop {
    /// Prices.
    #[cached(key = "{self.id}:{item}", ttl = "5m", toolkit = self.toolkit)]
    pub async fn price(&self, item: &str) -> Option<u64> {
        std::future::ready(()).await;
        Some(self.id + item.len() as u64)
    }

    #[cached(key = "{self.id}", companion = amount)]
    fn amount(&self) -> u64 {
        self.id
    }
}

impl Says for Shop {
    #[cached(key = "{self.id}:{times}")]
    fn says(&self, times: usize) -> String {
        if times == 0 {
            return String::new();
        }
        "tea ".repeat(times)
    }

    #[cached(skip(self), ttl = 1)]
    async fn hears(&self) -> bool {
        std::future::ready(self.id > 0).await
    }
}

#[tokio::test]
async fn all_of_it_runs() {
    assert_eq!(load(1, "de").await.as_deref(), Ok("1"));
    assert_eq!(load::uncached(1, "de").await.as_deref(), Ok("1"));
    assert_eq!(load::stats().loads, 1);
    assert_eq!(load::key(1), "user:1");
    assert_eq!(count("a".to_owned()), 2);
    assert_eq!(expected(1), 1);
    assert_eq!(many(&[1], None, Cow::Borrowed("a")).await, None);
    assert_eq!(future((1, String::new())).await, [1, 1]);
    assert_eq!(boxed(1).await, 1);
    assert!(WORDS.is_some());
    if let Some(words) = &*WORDS {
        assert_eq!(given(words, "four").await, 9);
    }
    assert_eq!(alone(1), 1);
    let toolkit = Toolkit::in_memory();
    let shop = Shop { id: 1, toolkit };
    assert_eq!(shop.price("tea").await, Some(4));
    assert_eq!(shop.amount(), 1);
    assert_eq!(shop.says(2), "tea tea ");
    assert!(shop.hears().await);
}
