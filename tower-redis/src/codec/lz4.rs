//! Compression: four bytes, the length of what was compressed (little-endian), and an LZ4 block.

use lz4_flex::block;

/// The longest value Redis holds, and so the longest that was ever compressed.
const LONGEST: usize = 512 << 20;

/// A byte of an LZ4 block says at most "255 more bytes" of a match, and what is said once (the
/// shortest block, the first bytes of a match) fits in the same again.
const RATIO: usize = 255;

const PREFIX: usize = size_of::<u32>();

/// `raw` compressed, where that is shorter.
pub(super) fn compress(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.len() > LONGEST {
        return None;
    }
    let packed = block::compress_prepend_size(raw);
    (packed.len() < raw.len()).then_some(packed)
}

/// What was compressed; `None` for what [`compress`] did not make. A forged length makes it allocate
/// no more than its own length could stand for.
pub(super) fn decompress(packed: &[u8]) -> Option<Vec<u8>> {
    let (prefix, block) = packed.split_first_chunk::<PREFIX>()?;
    let len = usize::try_from(u32::from_le_bytes(*prefix)).ok()?;
    if len > LONGEST.min(packed.len().saturating_mul(RATIO)) {
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
    fn what_gets_no_shorter_is_left_alone() {
        assert_eq!(compress(b""), None);
        assert_eq!(compress(b"abcdefgh"), None);
        assert!(compress(&[b'a'; 1_000]).is_some_and(|packed| packed.len() < 30));
    }

    #[test]
    fn the_most_compressible_text_there_is_comes_back() {
        for len in [40, 1_000, 1 << 20, 16 << 20] {
            let raw = vec![b'a'; len];
            assert_eq!(decompress(&compress(&raw).unwrap()).unwrap(), raw);
        }
    }

    #[test]
    fn a_forged_length_allocates_nothing_large() {
        let mut packed = compress(&[b'a'; 1_000]).unwrap();
        for forged in [u32::MAX, 1 << 30, 999, 1_001, 0] {
            packed[..PREFIX].copy_from_slice(&forged.to_le_bytes());
            let allocated = allocation_counter::measure(|| assert_eq!(decompress(&packed), None));
            assert!(allocated.bytes_max < 20_000, "{allocated:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(raw in vec(prop_oneof![Just(b'a'), any::<u8>()], 0..2_000)) {
            if let Some(packed) = compress(&raw) {
                prop_assert_eq!(decompress(&packed), Some(raw));
            }
        }

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
