//! Loads under way: one leader per key, the others wait, and an invalidation beats them all.
//!
//! Every load, led or not, holds a [`Permit`] and with it the right to fill. The table keeps one
//! record per key that is being loaded. Breaking a record takes it out of the table: whoever comes
//! later does not see it, and its permits may no longer fill. Filling and breaking exclude each other
//! (both hold the key's shard), so a fill lands entirely before an invalidation, which then removes
//! it, or is refused.
//!
//! What waiters find ([`Outcome`]) is told through a watch channel. A leader that is dropped half-way
//! closes it, and the first to come back leads the next flight. A leader that *panicked* would probably
//! panic again, and one waiter after the other with it; they are released together instead, a few at a
//! time.
//!
//! # Nobody pays for waiters that do not come
//!
//! Usually the leader finds the value in Redis and nobody has joined it meanwhile. So a record begins as
//! a few words in the table. What only waiters need, the channel and the leader's place among the loads
//! that may need each other, is made by the first of them, and the place also when the load begins: from
//! there on it may come to wait for others.
//!
//! All of that lies in the shard and is touched under its lock only, so there is an order, and only two
//! in it to look at. A follower that comes before the leader leaves has made or found the channel, and
//! the leader finds it when it leaves. One that comes later finds no leader. Nothing is told before the
//! leader has left, so no follower comes after the telling.
//!
//! A record that is broken has to go although its leader may have followers. Such a leader is set
//! *adrift*: nobody can join it, and it stays in the shard until its permit comes for it. One without
//! followers is forgotten, for it will never have any.
//!
//! # What is on its way
//!
//! A load may bring something that is of use before all of it is there: a body. It *announces* it. That ends its
//! flight, so that those who need something else can lead the next one, and puts it into the record, all under
//! the lock of the key; whoever comes later finds either. It goes with the record, so nobody has it who
//! comes after an invalidation, and with the permit, in the same moment in which what is whole can be found in
//! the near tier. Who takes it waits for that load to the end, and [says so](Follower::outcome_and_waiting).
//!
//! A permit knows its record by a number that is never given twice in a shard. A record broken and opened
//! again is another one, so an old permit neither fills under it nor takes anything from it.
//!
//! # Who only looks
//!
//! Who reads Redis and will not load leads nobody, and most that is read there is good. So nothing is written down of a
//! [`Glance`]: it sees how often a record of its shard might have been broken, and may fill as long as that is the same.
//!
//! # Locks
//!
//! Under the lock of a shard those of the near tier are taken, and those of `lineage` and of `failures`, which
//! are held for a few instructions and take no other. Nothing in there asks for a shard. Two shards are never held
//! together. Wakers and `Drop`s of values are code of others: the channel leaves the shard before it is
//! used or closed.

mod coming;
mod flights;
mod glance;
mod leader;
mod name;
mod outcome;
mod permit;
mod seat;
mod shard;
mod table;

pub(crate) use flights::{Flights, Turn};
pub(crate) use glance::Glance;
pub(crate) use leader::Present;
pub(crate) use outcome::{Follower, Gate, Outcome, Pass, Waiters};
#[cfg(feature = "http-cache")]
pub(crate) use permit::Awaited;
pub(crate) use permit::{Fills, Permit};
