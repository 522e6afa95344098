//! A map with room for so much, which keeps what is asked for often.
//!
//! It is divided into parts, each under a lock of its own, and whoever looks something up shares that lock with others
//! who do. What they read lies close together: an index of four bytes a place, sixteen of them in a line of the
//! processor's caches, and behind it one slot, which for a key and a value of a few words is one line too. A hit
//! notes that in the slot, and moves nothing.
//!
//! What goes when there is no room follows S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for
//! cache eviction", SOSP 2023): what is new waits in a small queue, and stays if it is asked for meanwhile, or comes
//! again soon after; what is in the large one goes round for as long as it is asked for.
//!
//! Nothing of the user's runs under a lock: weights are told by the values themselves, what is shown to
//! [`read`](Bounded::read) is for code that only copies a pointer, and what leaves is given to the caller.

mod ghosts;
mod index;
mod map;
mod part;
mod shards;
mod slots;

pub(crate) use map::Bounded;
pub(crate) use part::{Left, Weigh, Why};
pub(crate) use shards::{at_once, shards_for, shards_of};
