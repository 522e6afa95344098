//! Methods: what of `self` counts is said, companions are siblings.

use std::sync::Arc;

use tower_redis::cached;

use super::support::Runs;

struct Shop {
    id: u64,
}

static PRICES: Runs = Runs::new();
static SHARED: Runs = Runs::new();

impl Shop {
    #[cached(ttl = "5m", key = "price:{self.id}:{item}", companion = price)]
    async fn price(&self, item: &str) -> Result<u64, String> {
        PRICES.count();
        Ok(self.id * 1_000 + item.len() as u64)
    }

    #[cached(skip(self))]
    pub(crate) fn tax(&self, country: &str) -> usize {
        let _ = self.id;
        SHARED.count() + country.len()
    }

    #[cached(key = "{self.id}", companion = stock)]
    async fn amount(self: Arc<Self>) -> u64 {
        self.id
    }

    #[cached(companion = shop, near_only)]
    async fn open(id: u64) -> Arc<Self> {
        Arc::new(Self { id })
    }

    #[cached]
    async fn hours(id: u64) -> u64 {
        Self { id }.id
    }
}

#[tokio::test]
async fn two_objects_are_told_apart() {
    let (one, two) = (Shop { id: 1 }, Shop { id: 2 });
    assert_eq!(one.price("tea").await, Ok(1_003));
    assert_eq!(two.price("tea").await, Ok(2_003));
    assert_eq!(one.price("tea").await, Ok(1_003));
    assert_eq!(PRICES.so_far(), 2);

    assert_eq!(one.price_peek("tea").await, Some(Ok(1_003)));
    assert_eq!(one.price_invalidate("tea").await.dropped, 1);
    assert_eq!(two.price_peek("tea").await, Some(Ok(2_003)));
    one.price_put("tea", Ok(5)).await;
    assert_eq!(one.price("tea").await, Ok(5));
    assert_eq!(one.price_refresh("tea").await, Ok(1_003));
    assert_eq!(one.price_lookup("tea").await.value, Ok(1_003));
    assert_eq!(Shop::price_clear().await.dropped, 2);
}

#[test]
fn two_objects_share_what_does_not_depend_on_them() {
    assert_eq!(Shop { id: 1 }.tax("de"), 3);
    assert_eq!(Shop { id: 2 }.tax("de"), 3);
    assert_eq!(Shop { id: 2 }.tax_peek("de"), Some(3));
}

#[tokio::test]
async fn other_receivers_and_none() {
    let shop = Arc::new(Shop { id: 9 });
    assert_eq!(Arc::clone(&shop).amount().await, 9);
    assert_eq!(shop.stock_peek().await, Some(9));
    let (first, second) = (Shop::open(3).await, Shop::open(3).await);
    assert!(Arc::ptr_eq(&first, &second));
    assert!(Shop::shop_peek(3).await.is_some());
    assert_eq!(Shop::hours(4).await, 4);
}

trait Weather {
    async fn degrees(&self, city: &str) -> Result<i32, String>;
    fn sky(&self, city: &str) -> Option<String>;
}

struct Station {
    id: u64,
    runs: Runs,
}

impl Weather for Station {
    #[cached(key = "{self.id}:{city}")]
    async fn degrees(&self, city: &str) -> Result<i32, String> {
        self.runs.count();
        if city.is_empty() {
            return Err("no city".to_owned());
        }
        let length = i32::try_from(city.len()).map_err(|error| error.to_string())?;
        Ok(length)
    }

    #[cached(key = "{self.id}:{city}", companion = none)]
    fn sky(&self, city: &str) -> Option<String> {
        self.runs.count();
        (city != "nowhere").then(|| city.to_uppercase())
    }
}

#[tokio::test]
async fn methods_of_a_trait_are_cached_without_companions() {
    let station = |id| Station {
        id,
        runs: Runs::new(),
    };
    let (one, two) = (station(1), station(2));
    assert_eq!(one.degrees("Rome").await, Ok(4));
    assert_eq!(one.degrees("Rome").await, Ok(4));
    assert_eq!(two.degrees("Rome").await, Ok(4));
    assert_eq!((one.runs.so_far(), two.runs.so_far()), (1, 1));
    assert!(one.degrees("").await.is_err());
    assert!(one.degrees("").await.is_err());
    assert_eq!(one.runs.so_far(), 3);
    assert_eq!(one.sky("Rome").as_deref(), Some("ROME"));
    assert_eq!(one.sky("Rome").as_deref(), Some("ROME"));
    assert_eq!(one.sky("nowhere"), None);
    assert_eq!(one.runs.so_far(), 5);
}

struct Depot<T>(std::marker::PhantomData<T>);

static DEPOT: Runs = Runs::new();

impl<T: Clone + Default + Send + Sync + 'static> Depot<T> {
    const NEW: Self = Self(std::marker::PhantomData);

    #[cached(key = "{item}", skip(self), near_only, companion = holds)]
    fn holds(&self, item: u64) -> String {
        let _ = item;
        std::any::type_name::<T>().to_owned()
    }

    #[cached(key = "{item}", skip(self), near_only)]
    fn sample(&self, item: u64) -> T {
        let _ = (item, DEPOT.count());
        T::default()
    }
}

trait Holds {
    fn what(&self) -> String;
}

impl<T> Holds for Depot<T> {
    #[cached(key = "all", skip(self), companion = none)]
    fn what(&self) -> String {
        std::any::type_name::<T>().to_owned()
    }
}

#[test]
fn each_type_of_a_generic_impl_has_a_cache_of_its_own() {
    let (bytes, words) = (Depot::<u8>::NEW, Depot::<u32>::NEW);
    for _ in 0..2 {
        assert_eq!((&*bytes.holds(1), &*words.holds(1)), ("u8", "u32"));
        assert_eq!((&*bytes.what(), &*words.what()), ("u8", "u32"));
        assert_eq!((bytes.sample(1), words.sample(1)), (0_u8, 0_u32));
    }
    assert_eq!(DEPOT.so_far(), 2);
    assert_eq!(Depot::<u8>::holds_clear().dropped, 1);
    assert_eq!(bytes.holds_peek(1), None);
    assert_eq!(words.holds_peek(1).as_deref(), Some("u32"));
}

struct Counted {
    id: u64,
}

impl Counted {
    #[cached(key = "counted:{self.id}")]
    fn next(mut self) -> u64 {
        self.id += 1;
        self.id
    }

    #[cached(key = "counted later:{self.id}")]
    pub(crate) async fn next_later(mut self) -> u64 {
        self.id += 1;
        self.id
    }
}

#[tokio::test]
async fn a_method_may_change_a_self_of_its_own() {
    assert_eq!(Counted { id: 1 }.next(), 2);
    assert_eq!(Counted { id: 2 }.next_later().await, 3);
    assert_eq!(Counted { id: 2 }.next_later_lookup().await.value, 3);
}
