//! Generic over what the key does not need to know.
use std::fmt::Display;

use tower_redis::cached;

trait Source {
    async fn get(&self, id: u64) -> Option<String>;
}

#[cached(key = "{id}", ttl = "10s")]
async fn load<'a, S>(source: &'a S, id: u64) -> Option<String>
where
    S: Source + ?Sized + 'a,
{
    source.get(id).await
}

#[cached(key = "{name}:{list}", tags("of:{extra}"))]
fn told<'a, 'b: 'a, T, U, const N: usize>(
    name: &'a T,
    list: &'b [u8; N],
    extra: U,
    convert: fn(U) -> T,
) -> String
where
    T: Display + From<u8>,
    U: Display + Copy,
    [u8; N]: Sized,
    T: Sized,
{
    format!("{name}{}{}", list.len(), convert(extra))
}

struct Shop<T>(T);

impl<T: Into<u64> + Copy> Shop<T> {
    #[cached(skip(self), name = "shop.price")]
    pub fn price(&self, item: u64) -> u64 {
        self.0.into() + item
    }

    #[cached(skip(self), key = "{item}:{n}")]
    pub fn sum<N: Into<u64> + Copy + Display, const M: u64>(
        &self,
        item: [u8; 1],
        n: N,
        _m: Times<M>,
    ) -> u64 {
        n.into() * M + u64::from(item[0])
    }
}

pub struct Times<const M: u64>;

struct Nowhere;

impl Source for Nowhere {
    async fn get(&self, _: u64) -> Option<String> {
        None
    }
}

#[test]
fn is_accepted() {
    drop(load(&Nowhere, 1));
    drop(load::invalidate(1));
    drop(load::clear());
    told(&1_u16, &[1, 2], 'a', |_| 2_u16);
    told::invalidate(&1_u16, &[1, 2]);
    told::put(&1_u16, &[1, 2], 'a', String::new());
    Shop(1_u8).price(1);
    let _ = Shop(1_u8).price_peek(1);
    Shop(1_u8).sum([1], 2_u8, Times::<2>);
    let _ = Shop(1_u8).sum_peek([1], 2_u8);
}
