//! Into how many parts a tier is divided, each with a lock of its own.

/// As many shards as let two cores seldom meet in one, and large enough each that its share of what is asked for
/// often is about that of the others.
pub(super) fn shards_of(items: u64) -> usize {
    const PER_CORE: u64 = 16;
    const LEAST: u64 = 1_024;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let shards = (items / LEAST).clamp(4 * cores, PER_CORE * cores);
    power_of_two_in(usize::try_from(shards).unwrap_or(usize::MAX))
}

/// The tier rounds up to the next one.
fn power_of_two_in(shards: usize) -> usize {
    shards.checked_ilog2().map_or(1, |log| 1 << log)
}

/// As many shards as the cores can use, unless entries of weight `heaviest` would not fit a few times
/// into each.
pub(super) fn shards_for(weight: u64, heaviest: u64) -> usize {
    const PER_CORE: usize = 4;
    const FIT: u64 = 4;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let fit = weight / heaviest.saturating_mul(FIT);
    let shards = usize::try_from(fit).unwrap_or(usize::MAX);
    power_of_two_in(shards).min(cores.saturating_mul(PER_CORE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_entries_make_for_few_shards() {
        const MIB: u64 = 1 << 20;
        let most = shards_for(u64::MAX / 8, 1);
        assert_eq!(shards_for(64 * MIB, MIB + MIB / 4), 8.min(most));
        assert_eq!(shards_for(8 * MIB, 8 * MIB), 1);
    }

    #[test]
    fn a_large_tier_has_many_and_a_small_one_as_many_as_the_cores_need() {
        let (small, large) = (shards_of(1), shards_of(u64::MAX));
        assert!(small.is_power_of_two() && large.is_power_of_two());
        assert!(4 * small >= large && small <= shards_of(100_000));
    }
}
