//! What is measured: filled caches, and the calls that find everything in them.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use crate::keys::Turning;
use crate::runtime;

use super::functions::{Key, MOST, Value, value};

const CAPACITY: usize = 2 * MOST;
const TTL: Duration = Duration::from_secs(3_600);

type Run = Box<dyn FnMut(u64) + Send>;

/// One cache, and how it is asked.
pub struct Alternative {
    pub name: &'static str,
    start: Box<dyn Fn(usize) -> Run>,
}

impl Alternative {
    /// A run for each thread, each from a place of its own in the sequence of keys.
    pub fn runs(&self, threads: usize) -> Vec<Run> {
        const APART: usize = 4_711;
        (0..threads)
            .map(|thread| (self.start)(thread * APART))
            .collect()
    }

    fn blocking<K: Key>(
        name: &'static str,
        asked: &Arc<[K]>,
        get: impl Fn(&K) -> Value + Clone + Send + 'static,
    ) -> Self {
        let asked = Arc::clone(asked);
        let start = move |at| -> Run {
            let (mut keys, get) = (Turning::shared(&asked, at), get.clone());
            Box::new(move |n| {
                for _ in 0..n {
                    black_box(get(keys.next()));
                }
            })
        };
        Self {
            name,
            start: Box::new(start),
        }
    }

    fn awaited<K: Key>(
        name: &'static str,
        asked: &Arc<[K]>,
        get: impl AsyncFn(&K) -> Value + Clone + Send + 'static,
    ) -> Self {
        let asked = Arc::clone(asked);
        let start = move |at| -> Run {
            let (mut keys, get) = (Turning::shared(&asked, at), get.clone());
            let runtime = runtime();
            Box::new(move |n| {
                runtime.block_on(async {
                    for _ in 0..n {
                        black_box(get(keys.next()).await);
                    }
                });
            })
        };
        Self {
            name,
            start: Box::new(start),
        }
    }
}

pub fn blocking<K: Key>(keys: usize, asked: &Arc<[K]>) -> Vec<Alternative> {
    let numbers = 0..keys;
    for key in numbers.clone().map(K::of) {
        key.ours();
        key.cached();
        key.concurrent();
    }
    let quick = quick::<K>(keys);
    let moka = moka::sync::Cache::builder()
        .max_capacity(CAPACITY as u64)
        .time_to_live(TTL)
        .build();
    for n in numbers {
        moka.insert(K::of(n), value(n));
    }
    vec![
        Alternative::blocking("tower-redis #[cached]", asked, K::ours),
        Alternative::blocking("quick_cache get", asked, move |key| {
            quick.get(key).expect("a hit")
        }),
        Alternative::blocking("cached #[cached]", asked, K::cached),
        Alternative::blocking("cached #[concurrent_cached]", asked, K::concurrent),
        Alternative::blocking("moka get, TTL", asked, move |key| {
            moka.get(key).expect("a hit")
        }),
    ]
}

pub fn awaited<K: Key>(keys: usize, asked: &Arc<[K]>) -> Vec<Alternative> {
    let quick = quick::<K>(keys);
    let moka = moka::future::Cache::builder()
        .max_capacity(CAPACITY as u64)
        .time_to_live(TTL)
        .build();
    runtime().block_on(async {
        for n in 0..keys {
            let key = K::of(n);
            key.ours_async().await;
            key.cached_async().await;
            key.concurrent_async().await;
            moka.insert(key, value(n)).await;
        }
    });
    vec![
        Alternative::awaited("tower-redis #[cached]", asked, async |key: &K| {
            key.ours_async().await
        }),
        Alternative::awaited(
            "quick_cache get_or_insert_async",
            asked,
            async move |key: &K| {
                let load = async { Err(()) };
                quick.get_or_insert_async(key, load).await.expect("a hit")
            },
        ),
        Alternative::awaited("cached #[cached]", asked, async |key: &K| {
            key.cached_async().await
        }),
        Alternative::awaited("cached #[concurrent_cached]", asked, async |key: &K| {
            key.concurrent_async().await
        }),
        Alternative::awaited("moka get, TTL", asked, async move |key: &K| {
            moka.get(key).await.expect("a hit")
        }),
    ]
}

fn quick<K: Key>(keys: usize) -> Arc<quick_cache::sync::Cache<K, Value>> {
    let quick = quick_cache::sync::Cache::new(CAPACITY);
    for n in 0..keys {
        quick.insert(K::of(n), value(n));
    }
    Arc::new(quick)
}
