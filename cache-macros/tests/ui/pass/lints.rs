//! Neither the compiler nor the user's own strictness has anything to say about generated code.
#![deny(warnings, unused, future_incompatible, missing_docs, nonstandard_style)]
#![deny(missing_debug_implementations, unreachable_pub, unused_qualifications, rust_2018_idioms)]
#![deny(unused_lifetimes, single_use_lifetimes, let_underscore_drop, unused_results)]
#![forbid(unsafe_code)]

use std::time::Duration;

use tower_redis::cached;

/// A minute.
const MINUTE: Duration = Duration::from_secs(60);

/// Loads.
#[cached(ttl = MINUTE, capacity = 10, tags("users", "user:{id}"), key = "user:{id}")]
pub async fn load(id: u64, _locale: &str) -> Result<String, String> {
    Ok(id.to_string())
}

/// Counts.
#[cached]
pub fn count(mut text: String) -> usize {
    text.push('!');
    text.len()
}

/// Expected where it happens.
#[cached]
#[expect(unused_variables, reason = "to see that the expectation is met")]
pub fn expected(id: u64) -> u64 {
    let other = 1;
    id
}

/// A shop.
#[derive(Debug)]
pub struct Shop {
    /// Its number.
    pub id: u64,
}

impl Shop {
    /// Prices.
    #[cached(key = "{self.id}:{item}", ttl = "5m")]
    pub async fn price(&self, item: &str) -> Option<u64> {
        Some(self.id + item.len() as u64)
    }
}

/// The program.
fn main() {
    drop(load(1, "de"));
    assert_eq!(count("a".to_owned()), 2);
    assert_eq!(expected(1), 1);
    drop(Shop { id: 1 }.price("tea"));
}
