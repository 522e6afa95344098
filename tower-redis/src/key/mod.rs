//! Keys: what a value is filed under, as bytes that two different inputs never share.
//!
//! A key is written once into a buffer on the stack; the same bytes are hashed for the near tier and
//! will be sent to the far one. A number is looked up in the near tier as it is, and written only for what goes
//! beyond that. Everything that is a [`CacheKey`] writes itself so that, for one type,
//! different values write different bytes:
//!
//! | value | written |
//! |---|---|
//! | integers, `bool`, `char`, addresses | as they print |
//! | text | itself; a reserved character is written `%` and two hexadecimal digits |
//! | a tuple | its parts, joined by `:` |
//! | `None` | `~` |
//! | `Some(x)` | `x`; with one more `~` in front when `x` itself starts with `~` |
//! | a slice, a `BTreeSet` | `[`, each element followed by `,`, `]` |
//! | a `BTreeMap` | the same of its pairs, as tuples |
//! | a `Duration` | its nanoseconds |
//! | a path | its bytes, as text |
//!
//! A character is reserved where it would be read as structure: `:` inside a tuple, `~` inside an
//! `Option`, `[ ] ,` inside a slice; and everywhere `{ }`, spaces, control characters and `%` itself.

mod buffer;
mod contract;
mod digits;
mod filed;
mod forms;
mod kept;
mod reserved;
mod several;
mod sought;
mod writer;

#[cfg(feature = "macros")]
pub use cache_macros::CacheKey;
pub use contract::{CacheKey, KeyFor, Ready};
pub(crate) use filed::Filed;
pub(crate) use kept::{Key, same};
pub use sought::Sought;
pub(crate) use sought::{Form, Text};
pub use writer::KeyWriter;
