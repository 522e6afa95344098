//! The near tier: typed values in this process, bounded by entries or by bytes.

mod tier;

pub(crate) use tier::{Bound, Evicted, Near};
