//! What it goes on.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use tower_redis::{Toolkit, cached, invalidates};

use super::support::{kept, user, with_a_user};

/// A shop.
struct Shop {
    id: u64,
    sold: Vec<String>,
}

impl Shop {
    #[cached(key = "price:{self.id}:{item}")]
    pub(crate) fn price(&self, item: &str) -> Option<usize> {
        Some(item.len())
    }

    #[cached(skip(self))]
    pub(crate) async fn total(&self) -> u64 {
        self.id
    }

    #[cached(near_only)]
    pub(crate) fn shelf(number: u64) -> Option<Vec<Self>> {
        Some(Vec::new()).filter(|_| number < 10)
    }

    #[invalidates(self.price(&item), clear(Self::total), Self::shelf(self.id))]
    fn sell(&mut self, item: String) -> &mut Vec<String> {
        self.sold.push(item);
        &mut self.sold
    }

    #[invalidates(Shop::price(self, "tea"), tags("shop:{self.id}"))]
    async fn close(self) -> Result<Vec<String>, String> {
        Ok(self.sold)
    }
}

impl Clone for Shop {
    fn clone(&self) -> Self {
        let sold = self.sold.clone();
        Self { sold, ..*self }
    }
}

#[tokio::test]
async fn methods_name_methods() {
    let mut shop = Shop {
        id: 1,
        sold: Vec::new(),
    };
    let all = async {
        shop.price("tea");
        shop.price("milk");
        shop.total().await;
        Shop::shelf(1);
        Shop::shelf(2);
        shop.sell("tea".to_owned()).push("sugar".to_owned());
        assert_eq!(shop.price_peek("tea"), None);
        assert!(shop.price_peek("milk").is_some());
        assert_eq!(shop.total_peek().await, None);
        assert!(Shop::shelf_peek(1).is_none());
        assert!(Shop::shelf_peek(2).is_some());
        shop.price("tea");
        let other = shop.clone();
        assert_eq!(shop.close().await.unwrap(), ["tea", "sugar"]);
        assert_eq!(other.price_peek("tea"), None);
    };
    Toolkit::in_memory().scope(all).await;
}

trait Writes {
    fn write(&mut self, id: u64) -> impl Future<Output = Result<u64, String>> + Send;

    #[invalidates(user("acme", 7))]
    fn flush(&self) {}
}

struct Log;

impl Writes for Log {
    #[invalidates(user("acme", id))]
    async fn write(&mut self, id: u64) -> Result<u64, String> {
        if id == 0 {
            return Err("nobody".to_owned());
        }
        Ok(id)
    }
}

#[tokio::test]
async fn methods_of_traits() {
    with_a_user(async {
        Log.write(0).await.unwrap_err();
        assert!(kept("acme", 7).await);
        Log.write(7).await.unwrap();
        assert!(!kept("acme", 7).await);
        user("acme", 7).await;
        Log.flush();
        assert!(!kept("acme", 7).await);
    })
    .await;
}

#[invalidates(user(org.as_ref(), N), tags("kind:{kind}"))]
async fn generic<S: AsRef<str>, D: Display, const N: u64>(org: S, kind: D) -> Result<D, String> {
    drop(org);
    Ok(kind)
}

#[invalidates(user("acme", 7))]
fn answers_a_future(fails: bool) -> impl Future<Output = Result<bool, String>> + Send {
    async move {
        if fails {
            Err("no".to_owned())
        } else {
            Ok(kept("acme", 7).await)
        }
    }
}

#[invalidates(user("acme", 7))]
fn answers_a_box<'a>(
    fails: &'a bool,
) -> Pin<Box<dyn Future<Output = Result<bool, String>> + Send + 'a>> {
    Box::pin(async move {
        if *fails {
            Err("no".to_owned())
        } else {
            Ok(kept("acme", 7).await)
        }
    })
}

#[invalidates(user("acme", id))]
async fn takes_apart((id, _): (u64, &str)) -> impl Display {
    id
}

#[invalidates(user("acme", 7), tags("id:{id}"))]
async fn takes_apart_for_a_tag((id, _): (u64, &str)) -> Result<impl Display, std::fmt::Error> {
    let text = format!("{id}");
    let nothing: Result<(), std::fmt::Error> = Ok(());
    nothing?;
    Ok(text)
}

#[tokio::test]
async fn functions_of_every_kind() {
    let all = async {
        generic::<_, _, 7>("acme", 1).await.unwrap();
        assert!(!kept("acme", 7).await);
        for fails in [true, false] {
            user("acme", 7).await;
            let call = answers_a_future(fails);
            assert!(kept("acme", 7).await, "it has not begun");
            assert_eq!(call.await.is_ok(), !fails);
            assert_eq!(kept("acme", 7).await, fails);
            user("acme", 7).await;
            assert_eq!(answers_a_box(&fails).await.is_ok(), !fails);
            assert_eq!(kept("acme", 7).await, fails);
        }
        user("acme", 7).await;
        assert_eq!(takes_apart((7, "")).await.to_string(), "7");
        assert!(!kept("acme", 7).await);
        user("acme", 7).await;
        let shown = takes_apart_for_a_tag((1, "")).await.unwrap();
        assert_eq!(format!("{shown}"), "1");
        assert!(!kept("acme", 7).await);
    };
    with_a_user(Box::pin(all)).await;
}
