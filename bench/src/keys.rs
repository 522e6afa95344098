//! Which keys are asked for: a few often, most of them seldom.

/// How many different keys there are.
pub const KEYS: usize = 10_000;

/// A long sequence of key numbers, distributed by Zipf's law with exponent 1, the same in every run.
pub fn sequence() -> Vec<usize> {
    const LENGTH: usize = 1 << 16;
    let mut random = fastrand::Rng::with_seed(7);
    let mut order: Vec<usize> = (0..KEYS).collect();
    random.shuffle(&mut order);
    let mut cumulated: Vec<f64> = Vec::with_capacity(KEYS);
    let mut sum = 0.0;
    for rank in 1..=KEYS {
        sum += 1.0 / rank as f64;
        cumulated.push(sum);
    }
    let draw = |_| {
        let at = random.f64() * sum;
        order[cumulated.partition_point(|up_to| *up_to < at).min(KEYS - 1)]
    };
    (0..LENGTH).map(draw).collect()
}

/// The text of key `n`.
pub fn text(n: usize) -> String {
    format!("user-profile:{n:07}")
}

/// Goes round a sequence for ever.
pub struct Turning<T> {
    items: Vec<T>,
    at: usize,
}

impl<T> Turning<T> {
    pub fn new(items: Vec<T>) -> Self {
        Self { items, at: 0 }
    }

    pub fn next(&mut self) -> &T {
        self.at = (self.at + 1) % self.items.len();
        &self.items[self.at]
    }
}

/// The keys of the sequence as text.
pub fn texts() -> Turning<String> {
    Turning::new(sequence().into_iter().map(text).collect())
}
