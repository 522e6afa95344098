//! Methods of a trait are cached without companions, and need not say so.
use std::future::Future;

use tower_redis::cached;

trait Load {
    type Value;
    async fn load(&self, id: u64) -> Result<u64, String>;
    fn count(&self, ids: &[u64]) -> usize;
    async fn fixed(id: u64) -> u64;
    fn later<'a>(&'a self, id: &'a str) -> impl Future<Output = Option<u64>> + Send + 'a;
}

struct Db(u64);

impl Load for Db {
    type Value = u64;

    #[cached(key = "{self.0}:{id}", ttl = "1m")]
    async fn load(&self, id: u64) -> Result<u64, String> {
        let id = u64::try_from(i64::try_from(id).map_err(|error| error.to_string())?);
        id.map_err(|error| error.to_string())
    }

    #[cached(skip(self))]
    fn count(&self, ids: &[u64]) -> usize {
        if ids.is_empty() {
            return 0;
        }
        ids.len()
    }

    #[cached]
    async fn fixed(mut id: u64) -> u64 {
        id += 1;
        Self(id).0
    }

    #[cached(key = "{self.0}:{id}", tags("db:{self.0}"))]
    fn later<'a>(&'a self, id: &'a str) -> impl Future<Output = Option<u64>> + Send + 'a {
        let length = id.len() as u64;
        async move { Some(length + self.0) }
    }
}

#[async_trait::async_trait]
trait Boxed: Send + Sync {
    async fn load(&self, id: u64, name: &str) -> Result<u64, String>;
    async fn apart(&self, pair: (u64, u64)) -> Option<u64>;
}

#[async_trait::async_trait]
impl Boxed for Db {
    #[cached(key = "{self.0}:{id}:{name}")]
    async fn load(&self, id: u64, name: &str) -> Result<u64, String> {
        let length: u64 = name.parse().map_err(|_| "no number".to_owned())?;
        Ok(self.0 + id + length)
    }

    #[cached(key = "{self.0}:{pair.0}")]
    async fn apart(&self, pair: (u64, u64)) -> Option<u64> {
        let (first, second) = pair;
        Some(first + second)
    }
}

fn send<T: Send>(_: T) {}

#[test]
fn is_accepted() {
    drop(Load::load(&Db(1), 1));
    Db(1).count(&[]);
    drop(Db::fixed(1));
    send(Db(1).later("x"));
    let boxed: &dyn Boxed = &Db(1);
    send(boxed.load(1, "x"));
    send(boxed.apart((1, 2)));
}
