//! A hash that is the same everywhere.

/// Of one text.
pub(super) fn hash(text: &[u8]) -> u64 {
    let mut hash = Fnv::default();
    hash.bytes(text);
    hash.0
}

/// FNV-1a (Fowler, Noll, Vo), 64 bits: the same in every process and every build.
pub(super) struct Fnv(pub(super) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub(super) fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }
}
