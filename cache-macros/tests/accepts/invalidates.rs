//! Neither the compiler nor the user's own strictness has anything to say about what writes.
#![deny(warnings, unused, missing_docs, nonstandard_style)]
#![deny(
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    rust_2018_idioms
)]
#![deny(
    unused_lifetimes,
    single_use_lifetimes,
    let_underscore_drop,
    unused_results
)]
#![forbid(unsafe_code)]
#![allow(unreachable_pub, reason = "a module stands for a crate")]

use std::future::Future;

use tower_redis::{Toolkit, cached, invalidates};

/// Loads.
#[cached(key = "user:{id}")]
pub async fn load(id: u64) -> Result<String, String> {
    Ok(id.to_string())
}

/// Keeps `r#type` apart.
#[cached(tags("all"))]
pub fn r#type(r#type: &str, numbers: Option<&[u64]>) -> usize {
    r#type.len() + numbers.map_or(0, <[u64]>::len)
}

/// Writes.
#[invalidates(load(id), r#type(&name, None), tags("all", "{name}"), prefix("user:"), pattern("user:{id}:*"))]
pub async fn write(id: u64, mut name: String, _unused: bool) -> Result<String, String> {
    name.push('!');
    drop(load(id).await?);
    Ok(name)
}

/// Says nothing about itself.
#[invalidates(clear(load), r#type("a", Some(&[1])), toolkit = toolkit, before, after)]
pub fn wipe(toolkit: &Toolkit) -> u64 {
    let within = 1;
    if toolkit.stats().caches.is_empty() {
        return within;
    }
    2
}

/// Expected where it happens.
#[invalidates(load(1))]
#[expect(unused_variables, reason = "to see that the expectation is met")]
pub fn expected(id: u64) {
    let other = 1;
}

/// What lends.
#[derive(Debug)]
pub struct Shop {
    sold: Vec<String>,
}

impl Shop {
    /// Lends.
    #[invalidates(load(1))]
    pub fn sold<'a>(&'a mut self, item: &'a str) -> &'a mut Vec<String> {
        self.sold.push(item.to_owned());
        &mut self.sold
    }

    /// Is found by name.
    #[invalidates(load(1))]
    #[must_use]
    pub fn later(&self) -> impl Future<Output = usize> + Send + use<> {
        let sold = self.sold.len();
        async move { sold }
    }
}

fn send<T: Send>(_: T) {}

/// The program.
#[test]
fn is_accepted() {
    assert_eq!(r#type("a", None), 1);
    send(write(1, "a".to_owned(), true));
    assert!(wipe(&Toolkit::in_memory()) < 3);
    expected(1);
    let mut shop = Shop { sold: Vec::new() };
    shop.sold("tea").clear();
    send(shop.later());
}
