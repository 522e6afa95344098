//! Compression: four bytes, the length of what was compressed (little-endian), and an LZ4 block.

use lz4_flex::block;

use super::bound::can_stand_for;

/// A byte of an LZ4 block says at most "255 more bytes" of a match, and what is said once (the
/// shortest block, the first bytes of a match) fits in the same again.
const RATIO: usize = 255;

const PREFIX: usize = size_of::<u32>();

/// `raw`, which is no longer than Redis can hold, compressed.
pub(super) fn compress(raw: &[u8]) -> Vec<u8> {
    block::compress_prepend_size(raw)
}

/// What was compressed; `None` for what [`compress`] did not make. A forged length makes it allocate
/// no more than its own length could stand for.
pub(super) fn decompress(packed: &[u8]) -> Option<Vec<u8>> {
    let (prefix, block) = packed.split_first_chunk::<PREFIX>()?;
    let len = usize::try_from(u32::from_le_bytes(*prefix)).ok()?;
    if !can_stand_for(packed, RATIO, len) {
        return None;
    }
    let mut raw = vec![0; len];
    let written = block::decompress_into(block, &mut raw).ok()?;
    (written == len).then_some(raw)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_forged_length_allocates_nothing_large() {
        let mut packed = compress(&[b'a'; 1_000]);
        for forged in [u32::MAX, 1 << 30, 999, 1_001, 0] {
            packed[..PREFIX].copy_from_slice(&forged.to_le_bytes());
            let allocated = allocation_counter::measure(|| assert_eq!(decompress(&packed), None));
            assert!(allocated.bytes_max < 20_000, "{allocated:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            len in 0..3_000_u32,
            block in vec(prop_oneof![Just(0_u8), Just(0xf0), Just(0xff), any::<u8>()], 0..200),
        ) {
            let mut packed = len.to_le_bytes().to_vec();
            packed.extend(block);
            if let Some(raw) = decompress(&packed) {
                prop_assert_eq!(raw.len(), usize::try_from(len).unwrap());
            }
        }
    }
}
