//! What the far tier promises. `laws.rs` says it as tests that every store runs.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::error::Error;

use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::token::{Given, Part, Stamp, Token, TokenKey};

/// A future that a [`Store`] chosen at run time returns.
///
/// [`is_unavailable`](Error::is_unavailable) says that nothing was done, [`is_timeout`](Error::is_timeout)
/// that nobody knows. Dropping it leaves open whether it was done.
pub(crate) type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

/// Bytes with a lifetime, a lease and tokens, that several processes share.
///
/// What has to hold, however calls of several processes interleave:
///
/// - A value is filled only with a lease, and a `put` or a removal of the key takes the lease away. So what
///   was loaded before a removal is not there after it.
/// - A lease is shared by all who ask for it, and consumed by the first fill. Of those who want to load for all one
///   at a time is told to, as long as it is heard of.
/// - A token that was replaced never comes back, not even when what holds it was lost.
/// - What is over is not found. What is found has not more left of its life than it was given.
/// - What was made stale is not found fresh again, nor filled by a load that began before.
/// - `put`, `remove`, `expire`, `replace_tokens` and `remove_matching` tell every other process before they
///   answer; its [`Watch`](super::watch::Watch) hears of it, or that it missed something.
pub(crate) trait Store: Debug + Send + Sync {
    /// What lies at `at`, and the present `tokens`, in the order of their keys, in one round trip. A token
    /// that is missing is made, which takes another one; of all who ask, one is told that it made it.
    ///
    /// Where many ask at once, what is foreign may be nothing: who asks for the lease is told.
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)>;

    /// What lies at `at`, for who is about to remove it: what is foreign is said to be.
    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found>;

    /// [`get`](Self::get) for many places in one round trip for each 4,096 of them: what lies at each, in their order.
    fn get_many<'a>(
        &'a self,
        at: &'a [Place],
        tokens: &'a [TokenKey],
    ) -> Answer<'a, (Vec<Found>, Vec<Given>)>;

    /// The present tokens. One that is missing is made. Asking keeps them from being evicted: who uses
    /// a token asks every ten seconds.
    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>>;

    /// The present stamp, for an entry whose tags are not known before it is loaded.
    fn stamp(&self) -> Answer<'_, Stamp>;

    /// The right to fill `at`, if nothing is there, or the entry `rejected`. A load begins after it.
    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased>;

    /// [`lease`](Self::lease) for many places, each with what is rejected there, in one round trip for each 4,096 of them.
    fn lease_many<'a>(&'a self, wanted: &'a [(Place, Option<EntryId>)]) -> Answer<'a, Vec<Leased>>;

    /// The right to fill `at` whatever is there, in place of every lease that was granted before. Everybody
    /// is told of what it fills.
    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased>;

    /// The right to fill `at` as with [`lease`](Self::lease), and to be the only one who loads it for `hold`: who asks
    /// for the same meanwhile is told that it is [held](Leased::Held), or that its holder has
    /// [failed](Leased::Failed). The lease itself is the shared one, so who does not ask in this way loads and
    /// fills beside it.
    ///
    /// The holder calls [`renew`](Self::renew) before a third of `hold` is over, again and again, and ends it by
    /// [`fill`](Self::fill), [`fail`](Self::fail) or [`release`](Self::release), each of which
    /// wakes those who wait for an [`Arrival`](super::arrivals::Arrival) of the key. If it does none
    /// of this, the next who asks after `hold` has the right. All who share a key take the same `hold`.
    fn lease_fleet<'a>(
        &'a self,
        at: &'a Place,
        rejected: Option<EntryId>,
        hold: Duration,
    ) -> Answer<'a, Leased>;

    /// Holds `lease` for `hold` from now on. False: it is no longer held by who asks, since the key was
    /// invalidated, filled or put, or another one has come instead; the load may go on, and its fill may be refused.
    fn renew<'a>(&'a self, at: &'a Place, lease: &'a Lease, hold: Duration) -> Answer<'a, bool>;

    /// The load for which `lease` was held has failed, or what it brought is not stored: for `throttle` nobody loads for
    /// all, so that those who wait do not fail one after the other.
    fn fail<'a>(&'a self, at: &'a Place, lease: &'a Lease, throttle: Duration) -> Answer<'a, ()>;

    /// The load for which `lease` was held was given up: the next who asks has the right.
    fn release<'a>(&'a self, at: &'a Place, lease: &'a Lease) -> Answer<'a, ()>;

    /// Stores `new` if `lease` is still good, and tells which entry it is. `None`: it was refused, since the
    /// key was invalidated, filled or put meanwhile, a late tag was invalidated meanwhile, or the key is foreign.
    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>>;

    /// [`fill`](Self::fill) for many places, in one round trip for each 4,096 of them. An error does not say which of
    /// them are stored.
    fn fill_many<'a>(
        &'a self,
        entries: &'a [(Place, Lease, New)],
    ) -> Answer<'a, Vec<Option<EntryId>>>;

    /// Stores `new` in any case. `None`: a late tag was invalidated meanwhile, or the key is foreign;
    /// then what was there is gone and so is the lease, unless the key is foreign.
    fn put<'a>(&'a self, at: &'a Place, new: &'a New) -> Answer<'a, Option<EntryId>>;

    /// Removes values and leases.
    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()>;

    /// Removes values and leases as soon as that can be done, before this process reads them: what is there
    /// is known to be wrong, and the server does not answer. A store that forgets does nothing.
    fn owe(&self, at: &[Place]) {
        let _ = at;
    }

    /// What lies there has been used: it lies there for `keep` from now, if it would not, though never longer than
    /// the `kept` of whatever entry is there allows. What has no expiry is left as it is, and nobody is told.
    fn touch<'a>(&'a self, at: &'a Place, keep: Duration) -> Answer<'a, ()>;

    /// Makes what lies there stale, as another entry: nobody finds it fresh any more, and it is kept for as long
    /// as it would have been. It takes leases away as a removal does. What is in no envelope has no stale
    /// life and is removed.
    fn expire<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()>;

    /// Replaces tokens, or the soft part of each, by new ones: what carries an older one is no longer good, or
    /// is stale. Tells those that are there now. A token that is missing is replaced as a whole.
    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey], part: Part) -> Answer<'a, Vec<Token>>;

    /// Removes what matches, and its leases; tells how many values that were. A value that is filled
    /// meanwhile by a load that began before the call is removed too.
    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64>;
}
