//! A growing array of bytes that starts on the stack.
//!
//! Every lookup fills one, so it does less than a general small vector: it only appends, and it checks
//! for room once for each piece.

const WORD: usize = 8;
/// What fits, and what the last word may take beyond it.
const INLINE: usize = 96 + WORD;

#[derive(Clone)]
pub(super) struct Buffer {
    inline: [u8; INLINE],
    len: usize,
    /// Everything, once it no longer fits; empty before.
    heap: Vec<u8>,
}

impl Buffer {
    #[inline]
    pub(super) const fn new() -> Self {
        Self {
            inline: [0; INLINE],
            len: 0,
            heap: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        if self.heap.is_empty() {
            &self.inline[..self.len]
        } else {
            &self.heap
        }
    }

    #[inline]
    pub(super) fn extend(&mut self, bytes: &[u8]) {
        // the last word is written whole
        let room = self
            .inline
            .get_mut(self.len..self.len + bytes.len().next_multiple_of(WORD));
        match room {
            Some(room) if self.heap.is_empty() => {
                copy(room, bytes);
                self.len += bytes.len();
            }
            Some(_) | None => self.spill(bytes),
        }
    }

    #[cold]
    fn spill(&mut self, bytes: &[u8]) {
        if self.heap.is_empty() {
            self.heap.extend_from_slice(&self.inline[..self.len]);
        }
        self.heap.extend_from_slice(bytes);
    }

    pub(super) fn truncate(&mut self, len: usize) {
        if self.heap.is_empty() {
            self.len = self.len.min(len);
            return;
        }
        self.heap.truncate(len);
        if self.heap.is_empty() {
            self.len = 0;
        }
    }
}

/// Copies `bytes` to the front of `room`, which takes as many words as they begin.
///
/// What is written is looked up next, and read a word at a time: to be read at once it has to have been
/// written so.
#[inline]
fn copy(room: &mut [u8], bytes: &[u8]) {
    let (words, tail) = bytes.as_chunks::<WORD>();
    let (room, _) = room.as_chunks_mut::<WORD>();
    for (room, word) in room.iter_mut().zip(words) {
        *room = *word;
    }
    if let Some(room) = room.get_mut(words.len()) {
        *room = last(bytes, tail).to_le_bytes();
    }
}

/// The last bytes of `bytes`, which are too few for a word, as one: that is what `tail` is.
#[inline]
fn last(bytes: &[u8], tail: &[u8]) -> u64 {
    let (begins, ends) = (tail.first_chunk(), tail.last_chunk());
    match (bytes.last_chunk(), begins, ends, tail) {
        (Some(word), _, _, _) => u64::from_le_bytes(*word) >> (8 * (WORD - tail.len())),
        (None, Some(begins), Some(ends), _) => {
            let [begins, ends] = [begins, ends].map(|half| u64::from(u32::from_le_bytes(*half)));
            begins | ends << (8 * (tail.len() - WORD / 2))
        }
        (None, _, _, [a]) => u64::from(*a),
        (None, _, _, [a, .., c]) => {
            let middle = u64::from(tail[tail.len() / 2]) << (8 * (tail.len() / 2));
            u64::from(*a) | middle | u64::from(*c) << (8 * (tail.len() - 1))
        }
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_was_put_in(
            pieces in proptest::collection::vec((proptest::collection::vec(any::<u8>(), 0..60), 0..300_usize), 0..8),
        ) {
            let (mut buffer, mut expected) = (Buffer::new(), Vec::new());
            for (piece, len) in pieces {
                buffer.extend(&piece);
                expected.extend_from_slice(&piece);
                prop_assert_eq!(buffer.as_slice(), &expected[..]);
                buffer.truncate(len);
                expected.truncate(len);
                prop_assert_eq!(buffer.as_slice(), &expected[..]);
            }
        }
    }
}
