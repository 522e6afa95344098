use tower_redis::cached;

use tower_redis::key::{CacheKey, KeyWriter};

struct Id(u64);

impl CacheKey for Id {
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
    }
}

#[cached]
async fn load(ids: &[Id]) -> usize {
    ids.len()
}

fn main() {}
