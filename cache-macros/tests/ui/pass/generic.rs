//! Generic over what the key does not need to know.
use tower_redis::cached;

trait Source {
    async fn get(&self, id: u64) -> Option<String>;
}

#[cached(key = "{id}", ttl = "10s")]
async fn load<'a, S>(source: &'a S, id: u64) -> Option<String>
where
    S: Source + ?Sized,
{
    source.get(id).await
}

struct Shop<T>(T);

impl<T: Into<u64> + Copy> Shop<T> {
    #[cached(skip(self), name = "shop.price")]
    fn price(&self, item: u64) -> u64 {
        self.0.into() + item
    }
}

struct Nowhere;

impl Source for Nowhere {
    async fn get(&self, _: u64) -> Option<String> {
        None
    }
}

fn main() {
    drop(load(&Nowhere, 1));
    drop(load::invalidate::<Nowhere>(1));
    Shop(1_u8).price(1);
}
