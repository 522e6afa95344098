//! Functions of one name in several places.

use std::future::Future;
use std::mem::size_of;

use serde::{Deserialize, Serialize};
use tower_redis::cached;
use tower_redis::testing::{FarServer, ManualClock};
use tower_redis::{Toolkit, cache::Status};

/// Two processes with one Redis.
fn processes() -> [Toolkit; 2] {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    [(); 2].map(|()| {
        let builder = Toolkit::builder().clock(clock.clock());
        builder.far(&server.process()).build().unwrap()
    })
}

/// What `first` and `second` answer where both are asked, the other way round, by another process.
async fn elsewhere<A, B>(first: impl AsyncFn() -> A, second: impl AsyncFn() -> B) -> (A, B) {
    let [one, other] = processes();
    one.scope(async {
        first().await;
        second().await;
    })
    .await;
    other
        .scope(async {
            let second = second().await;
            (first().await, second)
        })
        .await
}

struct Shop;

trait Prices {
    fn price(&self, item: u64) -> impl Future<Output = u64>;
}

trait Stock {
    fn price(&self, item: u64) -> impl Future<Output = u64>;
}

impl Prices for Shop {
    #[cached(skip(self))]
    async fn price(&self, item: u64) -> u64 {
        item + 10
    }
}

impl Stock for Shop {
    #[cached(skip(self))]
    async fn price(&self, item: u64) -> u64 {
        item + 20
    }
}

#[tokio::test]
async fn methods_of_two_traits_share_nothing_in_redis() {
    let found = elsewhere(
        async || Prices::price(&Shop, 1).await,
        async || Stock::price(&Shop, 1).await,
    );
    assert_eq!(found.await, (11, 21));
}

async fn inner_of_one(id: u64) -> u64 {
    #[cached]
    async fn inner(id: u64) -> u64 {
        id + 10
    }
    inner(id).await
}

async fn inner_of_another(id: u64) -> u64 {
    #[cached]
    async fn inner(id: u64) -> u64 {
        id + 20
    }
    inner(id).await
}

#[tokio::test]
async fn functions_inside_of_two_functions_share_nothing_in_redis() {
    let found = elsewhere(
        async || inner_of_one(1).await,
        async || inner_of_another(1).await,
    );
    assert_eq!(found.await, (11, 21));
}

trait Convert<T> {
    fn convert(&self, id: u64) -> impl Future<Output = u64>;
}

impl<T> Convert<T> for Shop {
    #[cached(skip(self))]
    async fn convert(&self, id: u64) -> u64 {
        id + size_of::<T>() as u64
    }
}

#[tokio::test]
async fn a_method_has_a_cache_for_each_trait_of_a_generic_one() {
    let found = elsewhere(
        async || Convert::<u16>::convert(&Shop, 10).await,
        async || Convert::<u64>::convert(&Shop, 10).await,
    );
    assert_eq!(found.await, (12, 18));
}

trait Named {
    fn named(&self) -> u64;
}

impl Named for Vec<u8> {
    #[cached(skip(self))]
    fn named(&self) -> u64 {
        1
    }
}

#[tokio::test]
async fn the_key_tells_crate_type_and_trait() {
    let clock = ManualClock::new();
    let server = FarServer::new(&clock);
    let builder = Toolkit::builder().clock(clock.clock());
    let toolkit = builder.far(&server.process()).build().unwrap();
    toolkit
        .scope(async {
            vec![1_u8].named();
            inner_of_one(7).await;
            Prices::price(&Shop, 8).await;
        })
        .await;
    let names: Vec<_> = toolkit
        .stats()
        .caches
        .iter()
        .map(|stats| stats.name.clone())
        .collect();
    for name in [
        "<alloc::vec::Vec as cached::places::Named>::named",
        "cached::places::inner_of_one::inner",
        "<cached::places::Shop as cached::places::Prices>::price",
    ] {
        assert!(names.iter().any(|named| named == name), "{names:?}");
    }
}

struct Wide<T>(T);

impl<T> Wide<T> {
    #[cached(skip(self))]
    pub(crate) fn size(&self, more: usize) -> usize {
        more + size_of::<T>()
    }
}

#[test]
fn types_that_print_alike_have_caches_of_their_own() {
    let small = {
        #[expect(dead_code)]
        struct Of([u8; 3]);
        Wide(Of([0; 3])).size(5)
    };
    let large = {
        #[expect(dead_code)]
        struct Of([u8; 7]);
        Wide(Of([0; 7])).size(5)
    };
    assert_eq!((small, large), (8, 12));
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Borrowing;

struct View<'a>(&'a str);

impl View<'_> {
    #[cached(key = "view:{self.0}")]
    pub(crate) async fn shown(&self) -> Borrowing {
        Borrowing
    }
}

#[tokio::test]
async fn a_type_that_borrows_has_one_cache() {
    let [toolkit, _] = processes();
    let text = "a".to_owned();
    let statuses = async {
        View("a").shown().await;
        View(&text).shown_lookup().await.status
    };
    assert_eq!(toolkit.scope(statuses).await, Status::Near);
}
