//! How long what was compressed may be.

/// The longest value Redis holds, and so the longest that was ever compressed.
pub(super) const LONGEST: usize = 512 << 20;

/// Whether `packed` can stand for `len` bytes, each of its own standing for at most `ratio`. Asked before
/// anything of that length is allocated.
pub(super) fn can_stand_for(packed: &[u8], ratio: usize, len: usize) -> bool {
    len <= LONGEST.min(packed.len().saturating_mul(ratio))
}
