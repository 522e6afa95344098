//! A growing array of bytes that starts on the stack.
//!
//! Every lookup fills one, so it does less than a general small vector: it only appends, and it checks
//! for room once for each piece.

const INLINE: usize = 96;

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
        let end = self.len + bytes.len();
        match self.inline.get_mut(self.len..end) {
            Some(room) if self.heap.is_empty() => {
                room.copy_from_slice(bytes);
                self.len = end;
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
