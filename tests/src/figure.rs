//! How long something took, beside what it may take.

use std::time::{Duration, Instant};

/// How much more than its bound something may take before it is a failure: the machine of a test run is
/// shared, and its bounds are those of one that is not.
const ALLOWANCE: u32 = 5;

/// Runs something, and returns what it gave and how long it took.
pub fn timed<T>(what: impl FnOnce() -> T) -> (T, Duration) {
    let began = now();
    let given = what();
    (given, now().duration_since(began))
}

/// As [`timed`], of a future.
pub async fn timed_async<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let began = now();
    let given = what.await;
    (given, now().duration_since(began))
}

/// Prints the times something took, as a line that has `figure: ` before it: their median, the 99th of a
/// hundred, and the longest, which is held against `bound`.
///
/// # Panics
/// When there are no times, and when the longest is more than five times the bound.
#[track_caller]
#[expect(clippy::print_stdout, reason = "a figure is there to be read")]
pub fn figure(what: &str, bound: Duration, mut times: Vec<Duration>) {
    times.sort_unstable();
    let Some(longest) = times.last().copied() else {
        assert!(!times.is_empty(), "{what}: nothing was measured");
        return;
    };
    let of_a_hundred = |n: usize| times.get(times.len() * n / 100).copied().unwrap_or(longest);
    let (median, most) = (of_a_hundred(50), of_a_hundred(99));
    println!(
        "figure: {what}: median {median:.2?}, p99 {most:.2?}, longest {longest:.2?} of {}; bound {bound:?}",
        times.len()
    );
    let limit = bound * ALLOWANCE;
    assert!(
        longest <= limit,
        "{what}: {longest:?} is more than {ALLOWANCE} times the bound of {bound:?}"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "what something takes is of real time, which no clock of ours turns"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "slow: 51ms is more than 5 times the bound of 10ms")]
    fn five_times_the_bound_is_a_failure() {
        let bound = Duration::from_millis(10);
        figure("quick", bound, vec![Duration::from_millis(50)]);
        figure(
            "slow",
            bound,
            vec![Duration::from_millis(51), Duration::ZERO],
        );
    }
}
