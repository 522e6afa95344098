//! Into how many parts (shards) a map is divided, each with a lock of its own; what comes out is rounded down to a
//! power of two.

use super::part::NEW;

/// As many shards as let two cores seldom meet in one, and large enough each that its share of what is asked for
/// often is about that of the others.
pub(crate) fn shards_of(items: u64) -> usize {
    /// Keys come to shards by chance, and one with room for less would be full long before others.
    const FEW: u64 = 64;
    const MANY: u64 = 1_024;
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
    let shards = (items / FEW)
        .min(4 * cores)
        .max((items / MANY).min(16 * cores));
    usize::try_from(shards).unwrap_or(usize::MAX)
}

/// As many shards as the cores can use, unless entries of weight `heaviest` would not fit a few times
/// into each.
pub(crate) fn shards_for(weight: u64, heaviest: u64) -> usize {
    const PER_CORE: usize = 4;
    const FIT: u64 = 4;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let fit = weight / heaviest.saturating_mul(FIT);
    let shards = usize::try_from(fit).unwrap_or(usize::MAX);
    shards.min(cores.saturating_mul(PER_CORE))
}

/// How many of `items` are looked at in one go, between two insertions, so that room is made in each shard before
/// those insertions push each other out of it.
///
/// What was asked for often leaves newcomers a small part of a shard. Where that is a few entries, all is looked at
/// within so many insertions, even if all of them come to one shard. Where it is more, that they do is not to be
/// expected.
pub(crate) fn at_once(items: usize, shards: usize) -> usize {
    const LEAST: usize = 256;
    const FEW: usize = 8;
    let room = items / shards.saturating_mul(NEW as usize).max(1);
    if room < FEW {
        LEAST.max(items / room.max(1))
    } else {
        LEAST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_looked_at_before_the_newcomers_fill_their_part_of_a_shard() {
        for shards in [1, 8, 64, 512] {
            for items in [0, 1, 64, 1_900, 10_000, 100_000] {
                let insertions = items / at_once(items, shards);
                let room = items / shards / NEW as usize;
                let come = if room < 8 {
                    insertions
                } else {
                    insertions / shards * 4
                };
                assert!(come <= 1.max(room), "{items} in {shards}");
            }
        }
        assert_eq!(at_once(1_000_000, 32), 256, "one does not pay for all");
    }

    #[test]
    fn heavy_entries_make_for_few_shards() {
        const MIB: u64 = 1 << 20;
        let most = shards_for(u64::MAX / 8, 1);
        assert_eq!(shards_for(64 * MIB, MIB + MIB / 4), 12.min(most));
        assert_eq!(shards_for(8 * MIB, 8 * MIB), 0, "as few as there can be");
    }

    #[test]
    fn a_large_tier_has_many_and_a_small_one_is_not_divided() {
        let (small, large) = (shards_of(1), shards_of(u64::MAX));
        assert!(small <= 1 && shards_of(127) == 1);
        assert!(shards_of(128) == 2 && shards_of(100_000) > 2 && shards_of(100_000) <= large);
    }
}
