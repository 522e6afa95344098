//! Functions and methods of every kind.

use std::future::Future;
use std::pin::Pin;

use tower_redis::rate_limited;

use crate::support::{Told, alone, passed};

#[rate_limited(limit = 2, per = "1m", key = "{name}")]
fn on_a_thread(name: &str) -> Told {
    let _ = name;
    Ok(())
}

#[rate_limited(limit = 2, per = "1m", key = "{name}")]
fn a_future(name: String) -> impl Future<Output = Told<String>> + Send {
    async move { Ok(name) }
}

#[rate_limited(limit = 2, per = "1m", key = "{name}")]
fn a_box<'a>(name: &'a str) -> Pin<Box<dyn Future<Output = Told<&'a str>> + Send + 'a>> {
    Box::pin(async move { Ok(name) })
}

#[rate_limited(limit = 2, per = "1m", key = "{id}")]
async fn generic<T: Clone + Send, const N: usize>(id: u64, all: [T; N]) -> Told<Vec<T>> {
    let _ = id;
    Ok(all.to_vec())
}

#[rate_limited(limit = 2, per = "1m", key = "{id}")]
async fn taken_apart(
    (id, name): (u64, String),
    mut more: impl Iterator<Item = u64>,
) -> Told<(String, Option<u64>)> {
    let _ = id;
    Ok((name, more.next()))
}

#[rate_limited(limit = 2, per = "1m")]
async fn that_ends_early(early: bool) -> Told<u8> {
    if early {
        return Ok(1);
    }
    that_ends_early_inside().await?;
    Ok(2)
}

async fn that_ends_early_inside() -> Told {
    Ok(())
}

#[tokio::test]
async fn functions_are_limited_whatever_they_look_like() {
    alone(async {
        assert_eq!(
            passed((0..3).map(|_| on_a_thread("ada"))),
            [true, true, false]
        );
        assert!(on_a_thread("grace").is_ok());
        for n in 0..3 {
            assert_eq!(a_future("ada".to_owned()).await.is_ok(), n < 2);
            assert_eq!(a_box("ada").await.is_ok(), n < 2);
            assert_eq!(taken_apart((7, String::new()), 0..1).await.is_ok(), n < 2);
            assert_eq!(that_ends_early(n == 0).await.is_ok(), n < 2);
        }
        // the types tell nothing: one limit for all of them
        assert!(generic(1, [1_u8]).await.is_ok());
        assert!(generic(1, ["a"]).await.is_ok());
        assert!(generic(1, [1_u64, 2]).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_not_polled_is_not_charged() {
    alone(async {
        for _ in 0..5 {
            drop(a_future("ada".to_owned()));
            drop(a_box("ada"));
            drop(that_ends_early(true));
        }
        assert!(a_future("ada".to_owned()).await.is_ok());
        assert!(a_box("ada").await.is_ok());
        assert!(that_ends_early(true).await.is_ok());
    })
    .await;
}

struct Shop {
    id: u64,
}

impl Shop {
    #[rate_limited(limit = 1, per = "1m", key = "{self.id}:{item}")]
    async fn price(&self, item: &str) -> Told<usize> {
        Ok(item.len())
    }

    #[rate_limited(limit = 1, per = "1m", skip(self))]
    fn restock(&mut self, amount: u64) -> Told {
        self.id += amount;
        Ok(())
    }

    #[rate_limited(limit = 1, per = "1m")]
    fn open() -> Told<Self> {
        Ok(Self { id: 1 })
    }
}

trait Prices {
    async fn of(&self, item: &str) -> Told<u64>;

    #[rate_limited(limit = 1, per = "1m", skip(self))]
    async fn any(&self) -> Told<u64> {
        self.of("any").await
    }
}

impl Prices for Shop {
    #[rate_limited(limit = 1, per = "1m", key = "{self.id}:{item}")]
    async fn of(&self, item: &str) -> Told<u64> {
        let _ = item;
        Ok(self.id)
    }
}

#[tokio::test]
async fn methods_are_limited() {
    alone(async {
        let [mut one, two] = [Shop { id: 1 }, Shop { id: 2 }];
        assert!(one.price("tea").await.is_ok());
        assert!(one.price("tea").await.is_err());
        assert!(one.price("milk").await.is_ok());
        assert!(two.price("tea").await.is_ok());
        // that of the trait is another function
        assert!(one.of("tea").await.is_ok());
        assert!(one.of("tea").await.is_err());
        assert!(one.any().await.is_ok());
        assert!(two.any().await.is_err());
        assert!(one.restock(4).is_ok());
        assert!(one.restock(4).is_err());
        assert_eq!(one.id, 5);
        assert_eq!(Shop::open().unwrap().id, 1);
        assert!(Shop::open().is_err());
    })
    .await;
}
