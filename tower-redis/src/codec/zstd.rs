//! Compression: one frame of Zstandard (RFC 8878), which says how long its content is.

use std::cell::RefCell;
use std::io;

use ::zstd::bulk::{self, Compressor, Decompressor};
use ::zstd::decompressed_size;

use super::bound::can_stand_for;

/// The shortest block has four bytes and stands for at most 128 KiB (RFC 8878, 3.1.1.2).
const RATIO: usize = (128 << 10) / 4;

/// How long a value may be for whose compression a thread keeps what it needs: a few MiB at most, at the
/// highest level.
const KEPT: usize = 128 << 10;

thread_local! {
    // to make one takes ten times as long as to compress 1 KiB with it
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// `raw`, which is no longer than Redis can hold, compressed. `None` where there is no memory for it.
pub(super) fn compress(raw: &[u8], level: i32) -> Option<Vec<u8>> {
    let kept = |kept: &RefCell<Option<Compressor<'static>>>| -> io::Result<Vec<u8>> {
        let mut kept = kept.borrow_mut();
        let compressor = match &mut *kept {
            Some(compressor) => compressor,
            none => none.insert(Compressor::new(level)?),
        };
        compressor.set_compression_level(level)?;
        compressor.compress(raw)
    };
    let packed = if raw.len() <= KEPT {
        // a thread that ends may have given it up
        COMPRESSOR.try_with(kept).ok()
    } else {
        None
    };
    packed.unwrap_or_else(|| bulk::compress(raw, level)).ok()
}

/// What was compressed; `None` for what [`compress`] did not make. A forged length makes it allocate
/// no more than its own length could stand for.
pub(super) fn decompress(packed: &[u8]) -> Option<Vec<u8>> {
    let len = usize::try_from(decompressed_size(packed)?).ok()?;
    if !can_stand_for(packed, RATIO, len) {
        return None;
    }
    let kept = |kept: &RefCell<Option<Decompressor<'static>>>| -> io::Result<Vec<u8>> {
        let mut kept = kept.borrow_mut();
        let decompressor = match &mut *kept {
            Some(decompressor) => decompressor,
            none => none.insert(Decompressor::new()?),
        };
        decompressor.decompress(packed, len)
    };
    let raw = DECOMPRESSOR.try_with(kept);
    let raw = raw.unwrap_or_else(|_| bulk::decompress(packed, len)).ok()?;
    (raw.len() == len).then_some(raw)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

    /// A frame that says its content has `len` bytes, and has one block of a repeated byte: 28 bytes of it.
    fn forged(len: u64) -> Vec<u8> {
        // one segment, eight bytes of length; the last block, of one byte repeated
        let mut frame = [&MAGIC[..], &[0b1110_0000], &len.to_le_bytes()].concat();
        frame.extend([1 | 1 << 1 | 28 << 3, 0, 0, b'a']);
        frame
    }

    #[test]
    fn a_forged_length_allocates_nothing_large() {
        assert_eq!(decompress(&forged(28)), Some(vec![b'a'; 28]));
        for len in [u64::MAX - 2, 1 << 40, 1 << 29, 1 << 20, 29, 27, 0] {
            let frame = forged(len);
            let allocated = allocation_counter::measure(|| assert_eq!(decompress(&frame), None));
            let most = u64::try_from(frame.len() * RATIO).unwrap();
            assert!(allocated.bytes_max <= most, "{len}: {allocated:?}");
        }
    }

    #[test]
    fn a_frame_that_does_not_say_how_long_it_is_is_refused() {
        // a window of 1 KiB in place of the length
        let mut frame = [&MAGIC[..], &[0, 0]].concat();
        frame.extend([1 | 1 << 1 | 28 << 3, 0, 0, b'a']);
        assert_eq!(bulk::decompress(&frame, 100).unwrap(), [b'a'; 28]);
        assert_eq!(decompress(&frame), None);
    }

    #[test]
    fn a_higher_level_is_read_as_any_other() {
        let raw: Vec<u8> = (0..2_000_u16)
            .flat_map(|at| (at / 7).to_be_bytes())
            .collect();
        for level in (1..=22).chain([1, 19, 3]) {
            let packed = compress(&raw, level).unwrap();
            // what the thread keeps makes the same as what is new
            assert_eq!(packed, bulk::compress(&raw, level).unwrap(), "{level}");
            assert_eq!(decompress(&packed).as_ref(), Some(&raw));
        }
        let large = raw.repeat(KEPT / raw.len() + 1);
        assert_eq!(decompress(&compress(&large, 1).unwrap()), Some(large));
    }

    #[test]
    fn a_damaged_one_leaves_nothing_for_the_next() {
        let raw = b"canary".repeat(100);
        let packed = compress(&raw, 3).unwrap();
        for end in 0..packed.len() {
            assert_eq!(decompress(&packed[..end]), None);
            assert_eq!(decompress(&packed).as_ref(), Some(&raw));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            head in prop_oneof![Just(forged(28)), Just(forged(1_000)), Just(MAGIC.to_vec()), Just(Vec::new())],
            rest in vec(prop_oneof![Just(0_u8), Just(1), Just(3), Just(0xff), any::<u8>()], 0..200),
        ) {
            decompress(&[head, rest].concat());
        }
    }
}
