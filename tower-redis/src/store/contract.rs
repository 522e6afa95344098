//! What the far tier promises. `laws.rs` says it as tests that every store runs.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use crate::error::Error;

use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::token::{Given, Stamp, Token, TokenKey};

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
/// - A lease is shared by all who ask for it, and consumed by the first fill.
/// - A token that was replaced never comes back, not even when what holds it was lost.
/// - What is over is not found. What is found has not more left of its life than it was given.
/// - `put`, `remove`, `replace_tokens` and `remove_matching` tell every other process before they
///   answer; its [`Watch`](super::watch::Watch) hears of it, or that it missed something.
pub(crate) trait Store: Debug + Send + Sync {
    /// What lies at `at`, and the present `tokens`, in the order of their keys, in one round trip. A token
    /// that is missing is made, which takes another one; of all who ask, one is told that it made it.
    ///
    /// Where many ask at once, what is foreign may be nothing: who asks for the lease is told.
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)>;

    /// What lies at `at`, for who is about to remove it: what is foreign is said to be.
    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found>;

    /// The present tokens. One that is missing is made. Asking keeps them from being evicted: who uses
    /// a token asks every ten seconds.
    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>>;

    /// The present stamp, for an entry whose tags are not known before it is loaded.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "no cache computes tags from values yet")
    )]
    fn stamp(&self) -> Answer<'_, Stamp>;

    /// The right to fill `at`, if nothing is there, or the entry `rejected`. A load begins after it.
    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased>;

    /// The right to fill `at` whatever is there, in place of every lease that was granted before. Everybody
    /// is told of what it fills.
    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased>;

    /// Stores `new` if `lease` is still good, and tells which entry it is. `None`: it was refused, since the
    /// key was invalidated, filled or put meanwhile, a late tag was invalidated meanwhile, or the key is foreign.
    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>>;

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

    /// Replaces tokens by new ones: nothing that carries an older one is good any more.
    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>>;

    /// Removes what matches, and its leases; tells how many values that were. A value that is filled
    /// meanwhile by a load that began before the call is removed too.
    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64>;
}
