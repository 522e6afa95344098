//! Looks for a read that gave less than was promised:
//!
//! - one that began after an invalidation had returned in the same process, and gave an older version;
//! - one that began longer than the bound after an invalidation had reached everywhere, and gave an older
//!   version.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::deed::{Deed, Instant};

/// That a read which begins after an instant gives this version or a later one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Promise {
    after: Instant,
    version: u64,
    /// Who gave it, and how, in words.
    whose: String,
}

/// Those for one reader and one key.
#[derive(Debug, Default)]
struct Promises(Vec<Promise>);

impl Promises {
    /// In the order of time, and each as strong as the strongest before it.
    fn in_order(mut self) -> Self {
        self.0.sort_unstable();
        for at in 1..self.0.len() {
            if self.0[at].version < self.0[at - 1].version {
                self.0[at] = self.0[at - 1].clone();
            }
        }
        self
    }

    /// What counts for a read that began then.
    fn before(&self, began: Instant) -> Option<&Promise> {
        let given = self.0.partition_point(|promise| promise.after < began);
        self.0.get(given.checked_sub(1)?)
    }
}

/// The reads that were too old, in words. `histories` are those of the processes, in their order.
pub(crate) fn too_old(histories: &[&[Deed]], bound: Duration) -> Vec<String> {
    let bound = u64::try_from(bound.as_micros()).unwrap_or(u64::MAX);
    let mut told = Vec::new();
    for (reader, history) in histories.iter().enumerate() {
        let promises = promises(histories, reader, bound);
        for deed in *history {
            let Deed::Read {
                key,
                version,
                status,
                began,
            } = deed
            else {
                continue;
            };
            let promises = promises.get(key.as_str());
            let promise = promises.and_then(|promises| promises.before(*began));
            if let Some(promise) = promise
                && *version < promise.version
            {
                let Promise {
                    after,
                    version: promised,
                    whose,
                } = promise;
                told.push(format!(
                    "process {reader} read version {version} of {key} ({status}) at {began}, and was promised \
                     {promised} from {after} on, {} us before, by {whose}",
                    began - after
                ));
            }
        }
    }
    told
}

fn promises<'a>(
    histories: &[&'a [Deed]],
    reader: usize,
    bound: u64,
) -> BTreeMap<&'a str, Promises> {
    let mut promises: BTreeMap<&'a str, Promises> = BTreeMap::new();
    for (writer, history) in histories.iter().enumerate() {
        for deed in *history {
            let Deed::Wrote {
                key,
                version,
                how,
                everywhere,
                returned,
            } = deed
            else {
                continue;
            };
            let after = match (writer == reader, everywhere) {
                (true, _) => *returned,
                (false, true) => returned.saturating_add(bound),
                (false, false) => continue,
            };
            let reach = if *everywhere {
                "reached everywhere"
            } else {
                "was pending"
            };
            let promise = Promise {
                after,
                version: *version,
                whose: format!("an invalidation by {how} of process {writer} that {reach}"),
            };
            promises.entry(key).or_default().0.push(promise);
        }
    }
    let in_order = |(key, promises): (_, Promises)| (key, promises.in_order());
    promises.into_iter().map(in_order).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(lines: &[&str]) -> Vec<Deed> {
        lines.iter().map(|line| line.parse().unwrap()).collect()
    }

    fn found(histories: &[&[&str]]) -> usize {
        let histories: Vec<_> = histories.iter().map(|lines| history(lines)).collect();
        let histories: Vec<_> = histories.iter().map(|history| &history[..]).collect();
        too_old(&histories, Duration::from_micros(100)).len()
    }

    #[test]
    fn a_process_sees_its_own_invalidation_at_once() {
        let wrote = "wrote k 2 key true 50";
        assert_eq!(found(&[&[wrote, "read k 1 near 51"]]), 1);
        assert_eq!(found(&[&["wrote k 2 key false 50", "read k 1 near 51"]]), 1);
        // it had begun before, it is another key, it is newer
        assert_eq!(
            found(&[&[
                wrote,
                "read k 1 near 50",
                "read j 1 near 51",
                "read k 3 near 51"
            ]]),
            0
        );
    }

    #[test]
    fn another_process_sees_it_within_the_bound() {
        let wrote = "wrote k 2 key true 50";
        assert_eq!(
            found(&[&[wrote], &["read k 1 near 150", "read k 2 near 151"]]),
            0
        );
        assert_eq!(found(&[&[wrote], &["read k 1 near 151"]]), 1);
        // one that could not be told is promised to nobody else
        assert_eq!(
            found(&[&["wrote k 2 key false 50"], &["read k 1 near 151"]]),
            0
        );
    }

    #[test]
    fn the_greatest_of_all_promises_counts() {
        let wrote = ["wrote k 9 key true 50", "wrote k 2 key true 60"];
        assert_eq!(found(&[&[wrote[0], wrote[1], "read k 8 near 61"]]), 1);
        assert_eq!(found(&[&[wrote[1], wrote[0], "read k 9 near 61"]]), 0);
        assert_eq!(found(&[&[wrote[1], "read k 8 near 200"], &[wrote[0]]]), 1);
    }
}
