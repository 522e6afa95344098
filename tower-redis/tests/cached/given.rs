//! A cache or a toolkit that a function is given.

use std::sync::{Arc, LazyLock, mpsc};
use std::thread;
use std::time::Duration;

use tower_redis::cache::{Cache, Status};
use tower_redis::testing::ManualClock;
use tower_redis::{Toolkit, cached, invalidates};

use super::support::{Runs, eventually};

struct Shop {
    id: u64,
    runs: Runs,
    prices: Cache<String, u64>,
    shared: Arc<Cache<(u64, String), u64>>,
    toolkit: Toolkit,
}

impl Shop {
    fn of(toolkit: &Toolkit, id: u64, shared: &Arc<Cache<(u64, String), u64>>) -> Self {
        let prices = toolkit.cache("prices").ttl(Duration::from_secs(60));
        Self {
            id,
            runs: Runs::new(),
            prices: prices.build().unwrap(),
            shared: Arc::clone(shared),
            toolkit: toolkit.clone(),
        }
    }

    fn count(&self, item: &str) -> u64 {
        self.runs.count();
        self.id * 1_000 + item.len() as u64
    }

    #[cached(cache = self.prices, companion = price)]
    async fn price(&self, item: &str) -> Result<u64, String> {
        if item.is_empty() {
            return Err("no item".to_owned());
        }
        Ok(self.count(item))
    }

    #[cached(cache = self.shared, key = (self.id, item), ttl = 5)]
    pub(crate) fn rebate(&self, item: &str) -> Option<u64> {
        (item != "gold").then(|| self.count(item))
    }

    #[cached(toolkit = self.toolkit, key = "{self.id}:{item}", companion = stock)]
    async fn stock(&self, item: String) -> u64 {
        self.count(&item)
    }

    #[invalidates(self.price(&item), self.stock(&item), self.rebate(&item))]
    async fn sell(&self, item: String) -> usize {
        item.len()
    }

    #[cached(toolkit = &self.toolkit, skip(self))]
    async fn open(&self) -> u64 {
        self.count("")
    }
}

fn shops() -> (ManualClock, [Shop; 2]) {
    let clock = ManualClock::new();
    let toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
    let other = Toolkit::in_memory();
    let shared = Arc::new(toolkit.cache("shared").build().unwrap());
    let shops = [Shop::of(&toolkit, 1, &shared), Shop::of(&other, 2, &shared)];
    (clock, shops)
}

#[tokio::test]
async fn a_cache_of_self_holds_what_its_key_says() {
    let (clock, [one, two]) = shops();
    assert_eq!(one.price("tea").await, Ok(1_003));
    assert_eq!(one.price("tea").await, Ok(1_003));
    assert_eq!(two.price("tea").await, Ok(2_003));
    assert_eq!((one.runs.so_far(), two.runs.so_far()), (1, 1));
    assert_eq!(one.prices.get("tea").await, Some(1_003));
    assert_eq!(one.price_peek("tea").await, Some(Ok(1_003)));
    assert_eq!(one.price("").await, Err("no item".to_owned()));

    one.prices.invalidate("tea").await;
    assert_eq!(one.price_peek("tea").await, None);
    one.price_put("tea", Ok(5)).await;
    assert_eq!(one.prices.get("tea").await, Some(5));
    assert_eq!(one.price_lookup("tea").await.status, Status::Near);
    assert_eq!(one.price_refresh("tea").await, Ok(1_003));
    clock.advance(Duration::from_secs(61));
    assert_eq!(one.price_peek("tea").await, None, "the cache says how long");
    assert_eq!(one.price_key("a b"), "a%20b");
    assert_eq!(one.price_stats().name, "prices");
    one.price("tea").await.unwrap();
    assert_eq!(one.price_clear().await.dropped, 1);
    assert_eq!(two.price_invalidate("tea").await.dropped, 1);
}

#[test]
fn a_key_may_be_a_value_of_the_caches_own() {
    let (clock, [one, two]) = shops();
    assert_eq!(
        (one.rebate("tea"), two.rebate("tea")),
        (Some(1_003), Some(2_003))
    );
    assert_eq!(
        (one.rebate("tea"), two.rebate("tea")),
        (Some(1_003), Some(2_003))
    );
    assert_eq!((one.runs.so_far(), two.runs.so_far()), (1, 1));
    assert_eq!(one.rebate("gold"), None);
    assert_eq!(one.rebate_peek("tea"), Some(Some(1_003)));
    assert_eq!(one.rebate_key("tea"), "1:tea");
    clock.advance(Duration::from_secs(6));
    assert_eq!(one.rebate_peek("tea"), None, "the function says how long");
}

#[tokio::test]
async fn who_invalidates_reaches_what_the_function_was_given() {
    let (_, [one, two]) = shops();
    for shop in [&one, &two] {
        shop.price("tea").await.unwrap();
        shop.stock("tea".to_owned()).await;
        shop.rebate("tea").unwrap();
    }
    assert_eq!(one.sell("tea".to_owned()).await, 3);
    assert_eq!(one.price_peek("tea").await, None);
    assert_eq!(one.stock_peek("tea".to_owned()).await, None);
    assert_eq!(one.rebate_peek("tea"), None);
    assert!(two.price_peek("tea").await.is_some());
    assert!(two.stock_peek("tea".to_owned()).await.is_some());
    assert!(two.rebate_peek("tea").is_some());
}

#[tokio::test]
async fn a_toolkit_of_self_is_used_whichever_is_current() {
    let (_, [one, two]) = shops();
    let current = Toolkit::in_memory();
    let calls = async {
        for _ in 0..2 {
            assert_eq!(one.stock("tea".to_owned()).await, 1_003);
            assert_eq!(two.stock("tea".to_owned()).await, 2_003);
            assert_eq!((one.open().await, two.open().await), (1_000, 2_000));
        }
    };
    current.scope(calls).await;
    assert!(current.stats().caches.is_empty());
    assert_eq!((one.runs.so_far(), two.runs.so_far()), (2, 2));
    assert_eq!(one.stock_peek("tea".to_owned()).await, Some(1_003));
    assert_eq!(one.stock_clear().await.dropped, 1);
    assert_eq!(one.stock_stats().loads, 1);
    assert_eq!(two.stock_peek("tea".to_owned()).await, Some(2_003));
}

static WORDS: LazyLock<Cache<(String, u8), usize>> =
    LazyLock::new(|| Toolkit::in_memory().cache("words").build().unwrap());

#[cached(cache = WORDS, skip(_trace))]
async fn length(word: &str, of: u8, _trace: &str) -> usize {
    word.len() + usize::from(of)
}

#[tokio::test]
async fn a_static_is_a_cache_for_a_function() {
    assert_eq!(length("four", 1, "a").await, 5);
    assert_eq!(WORDS.get(&("four", 1)).await, Some(5));
    WORDS.put(&("four", 1), 9, Duration::from_secs(60)).await;
    assert_eq!(length("four", 1, "b").await, 9);
    assert_eq!(length::invalidate("four", 1).await.dropped, 1);
    assert_eq!(length::stats().name, "words");
    length("five", 1, "a").await;
    forget();
    assert!(length::peek("five", 1).await.is_none());
}

#[invalidates(clear(length))]
fn forget() {}

#[cached(toolkit = toolkit, skip(toolkit))]
async fn by_argument(toolkit: &Toolkit, id: u64) -> u64 {
    let _ = toolkit;
    id
}

#[tokio::test]
async fn an_argument_may_be_the_toolkit() {
    let (one, two) = (Toolkit::in_memory(), Toolkit::in_memory());
    by_argument(&one, 1).await;
    assert_eq!(by_argument::peek(&one, 1).await, Some(1));
    assert_eq!(by_argument::peek(&two, 1).await, None);
    assert_eq!(by_argument::clear(&one).await.dropped, 1);
}

struct Both(Cache<u64, u8>);

impl Both {
    #[cached(cache = self.0, companion = slow)]
    async fn slow(&self, id: u64) -> u8 {
        tokio::task::yield_now().await;
        if id == 2 {
            eventually(|| BLOCKED.so_far() > 0).await;
            tokio::task::yield_now().await;
        }
        1
    }

    #[cached(cache = self.0, companion = quick)]
    fn quick(&self, _id: u64) -> u8 {
        2
    }
}

static BLOCKED: Runs = Runs::new();

#[test]
fn a_thread_does_not_wait_for_a_load_that_needs_it() {
    let (told, tells) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_time().build().unwrap();
        runtime.block_on(async {
            let both = Arc::new(Both(Toolkit::in_memory().cache("both").build().unwrap()));
            let found = tokio::join!(both.slow(1), async { both.quick(1) });
            told.send(found).unwrap();
            // one of another thread waits, although it is of the same runtime
            let other = Arc::clone(&both);
            let quick = async {
                let quick = move || {
                    BLOCKED.count();
                    other.quick(2)
                };
                tokio::task::spawn_blocking(quick).await.unwrap()
            };
            told.send(tokio::join!(both.slow(2), quick)).unwrap();
        });
    });
    let deadline = Duration::from_secs(60);
    assert_eq!(tells.recv_timeout(deadline), Ok((1, 2)));
    let (slow, quick) = tells.recv_timeout(deadline).unwrap();
    assert_eq!((slow, quick), (1, 1));
}
