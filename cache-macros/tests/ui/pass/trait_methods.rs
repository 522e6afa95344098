//! Methods of a trait are cached without companions.
use tower_redis::cached;

trait Load {
    type Value;
    async fn load(&self, id: u64) -> Result<u64, String>;
    fn count(&self, ids: &[u64]) -> usize;
    async fn fixed(id: u64) -> u64;
}

struct Db(u64);

impl Load for Db {
    type Value = u64;

    #[cached(key = "{self.0}:{id}", companion = none, ttl = "1m")]
    async fn load(&self, id: u64) -> Result<u64, String> {
        let id = u64::try_from(i64::try_from(id).map_err(|error| error.to_string())?);
        id.map_err(|error| error.to_string())
    }

    #[cached(skip(self), companion = none)]
    fn count(&self, ids: &[u64]) -> usize {
        if ids.is_empty() {
            return 0;
        }
        ids.len()
    }

    #[cached(companion = none)]
    async fn fixed(mut id: u64) -> u64 {
        id += 1;
        Self(id).0
    }
}

fn main() {
    drop(Db(1).load(1));
    Db(1).count(&[]);
    drop(Db::fixed(1));
}
