//! Which keys are asked for: a few often, most of them seldom.

use std::sync::Arc;

/// How many different keys there are.
pub const KEYS: usize = 10_000;

/// A long sequence of key numbers, distributed by Zipf's law with exponent 1, the same in every run.
pub fn sequence() -> Vec<usize> {
    zipf(KEYS, 1.0, 1 << 16)
}

/// A sequence of numbers of `keys` keys, distributed by Zipf's law with `exponent`, the same in every run.
pub fn zipf(keys: usize, exponent: f64, length: usize) -> Vec<usize> {
    let mut random = fastrand::Rng::with_seed(7);
    let mut order: Vec<usize> = (0..keys).collect();
    random.shuffle(&mut order);
    let mut cumulated: Vec<f64> = Vec::with_capacity(keys);
    let mut sum = 0.0;
    for rank in 1..=keys {
        sum += (rank as f64).powf(-exponent);
        cumulated.push(sum);
    }
    let draw = |_| {
        let at = random.f64() * sum;
        order[cumulated.partition_point(|up_to| *up_to < at).min(keys - 1)]
    };
    (0..length).map(draw).collect()
}

/// The text of key `n`.
pub fn text(n: usize) -> String {
    format!("user-profile:{n:07}")
}

/// Goes round a sequence for ever. What it writes at each step lies on lines of the processor's caches of its own: two of
/// them on one line, each on a thread, would cost those alternatives more that have little beside it.
#[repr(align(128))]
pub struct Turning<T> {
    items: Arc<[T]>,
    at: usize,
}

impl<T> Turning<T> {
    pub fn new(items: Vec<T>) -> Self {
        Self::shared(&items.into(), 0)
    }

    /// Round `items` from the one at `at`.
    pub fn shared(items: &Arc<[T]>, at: usize) -> Self {
        Self {
            items: Arc::clone(items),
            at,
        }
    }

    pub fn next(&mut self) -> &T {
        self.at += 1;
        if self.at >= self.items.len() {
            self.at = 0;
        }
        &self.items[self.at]
    }
}

/// The keys of the sequence as text.
pub fn texts() -> Turning<String> {
    Turning::new(sequence().into_iter().map(text).collect())
}
