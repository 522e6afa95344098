//! What is limited, how, and for whom.

use std::borrow::Cow;

use crate::error::Error;

use super::ban::Ban;
use super::basis::OnUnavailable;
use super::full::OnFull;
use super::quota::Quota;

/// Keys a limiter remembers when nothing is said.
const DEFAULT_MAX_KEYS: usize = 100_000;

/// How permits are counted. [The table](super) says what each lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// A burst at once, then an even flow. At most burst + N permits in any period; without a burst
    /// the burst is N.
    Gcra,
    /// A bucket of a burst, or of N, into which N permits are put back at once after each period, counted
    /// from the first that was taken. At most burst + N permits in any period.
    TokenBucket,
    /// A counter that starts over one period after the first call it counted. At most N permits in
    /// each window, and so at most 2N in any period.
    FixedWindow,
    /// Two counters: what was admitted in the window before counts for the part of it that is still within
    /// one period. At most N permits in each window, fewer than 2N in any period, and N where calls come
    /// evenly.
    SlidingCounter,
    /// Never more than N permits in any period. Beyond 128 permits, a permit may come back later
    /// than it could, by at most a 128th of the period.
    StrictWindow,
    /// Never more than N permits held at once. A permit is held until it is given back, or until it was not
    /// renewed for a period: see [`Limiter::hold`](super::Limiter::hold).
    Concurrency,
}

impl Algorithm {
    /// Whether a quota of it may have a burst.
    pub(super) fn knows_bursts(self) -> bool {
        matches!(self, Self::Gcra | Self::TokenBucket)
    }
}

/// A policy without a key of its own: every check names one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unkeyed;

/// A named quota, the algorithm that counts it, and what tells one client from another.
///
/// ```
/// use tower_redis::limit::{Algorithm, Policy, Quota};
///
/// let uploads = Policy::new("uploads", Quota::per_hour(20));      // keys are given to `check`
/// let rough = Policy::new("rough", Quota::per_hour(20)).algorithm(Algorithm::FixedWindow);
/// ```
///
/// For the layer, `Policy::per_ip`, `Policy::per_header` and `Policy::global` say at once whom they
/// count. A mistake in a policy is reported by what is built from it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Policy<K = Unkeyed> {
    name: Cow<'static, str>,
    quota: Quota,
    algorithm: Option<Algorithm>,
    max_keys: usize,
    on_full: OnFull,
    on_unavailable: OnUnavailable,
    cost: u32,
    shadow: bool,
    ban: Option<Ban>,
    top_denied: usize,
    leases: u64,
    key: K,
}

impl Policy {
    /// A policy whose keys are named by each check.
    ///
    /// Clients see `name`: it is printable ASCII, since it becomes a Structured Field String (RFC
    /// 9651, section 3.3.3).
    pub fn new(name: impl Into<Cow<'static, str>>, quota: Quota) -> Self {
        Self {
            name: name.into(),
            quota,
            algorithm: None,
            max_keys: DEFAULT_MAX_KEYS,
            on_full: OnFull::Share,
            on_unavailable: OnUnavailable::Local,
            cost: 1,
            shadow: false,
            ban: None,
            top_denied: 0,
            leases: 0,
            key: Unkeyed,
        }
    }
}

impl<K> Policy<K> {
    /// Calls it something else. Two limits on one route want two names, or a client cannot tell them
    /// apart.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// Chooses the algorithm. When nothing is said, a quota with a burst gets
    /// [`Algorithm::Gcra`] and one without [`Algorithm::StrictWindow`]: "5 per minute" means never
    /// more than 5 in any minute.
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// How many keys are remembered in this process, 100,000 unless set. Keys at rest do not count for
    /// long; when this many are in use, [`on_full`](Self::on_full) decides about further ones. Redis has no such bound:
    /// what lies there ends with its expiry.
    pub fn max_keys(mut self, keys: usize) -> Self {
        self.max_keys = keys;
        self
    }

    /// Chooses who decides about a key for which there is no room; [`OnFull::Share`] unless set.
    pub fn on_full(mut self, on_full: OnFull) -> Self {
        self.on_full = on_full;
        self
    }

    /// Chooses who decides when counts are shared through Redis and it cannot be asked;
    /// [`OnUnavailable::Local`] unless set. With state in this process it is never asked for.
    pub fn on_unavailable(mut self, on_unavailable: OnUnavailable) -> Self {
        self.on_unavailable = on_unavailable;
        self
    }

    /// How many permits one call takes, 1 unless set. A check for something that costs more takes as many
    /// times that.
    pub fn cost(mut self, permits: u32) -> Self {
        self.cost = permits;
        self
    }

    /// Decides and counts, and refuses nothing: to see what a limit would do before it does it.
    /// [`Decision::shadow_denied`](super::Decision::shadow_denied) tells it of a call, and
    /// [`LimiterStats::shadow_denied`](super::LimiterStats::shadow_denied) counts them. It goes the way of any
    /// other policy: what it would have refused it does not charge.
    pub fn shadow(mut self, shadow: bool) -> Self {
        self.shadow = shadow;
        self
    }

    /// Keeps a key out for a while that was denied again and again. [`Limiter::reset`](super::Limiter::reset) ends it.
    ///
    /// Each process counts the denials it makes, of as many keys as [`max_keys`](Self::max_keys). With counts in Redis
    /// the ban that one begins holds in all, also in those that start later; each learns of it, and of its end, within
    /// a second. A check looks at one key more then, in the same call. While Redis is away each process keeps out those
    /// that it banned itself; a ban that begins meanwhile is told for six seconds, and is over when Redis is back later.
    /// A policy in [shadow](Self::shadow) tells nobody of its bans.
    pub fn ban(mut self, ban: Ban) -> Self {
        self.ban = Some(ban);
        self
    }

    /// Remembers which keys were denied most, at most so many: see
    /// [`Limiter::top_denied`](super::Limiter::top_denied). None unless set. A denial costs a
    /// fixed number of steps, however many are remembered.
    pub fn top_denied(mut self, keys: usize) -> Self {
        self.top_denied = keys;
        self
    }

    /// Takes up to so many permits of a busy key ahead, so that its calls need not wait for Redis. None unless set.
    ///
    /// No more passes than Redis has granted. But a permit may be charged up to 200 ms before it is used, so in any
    /// period as much more may pass as comes back in that time; and what is taken ahead by one process is not there
    /// for another: at most a quarter of what is left, and given back if it was not used. With counts in this
    /// process it does nothing.
    pub fn leases(mut self, permits: u32) -> Self {
        self.leases = permits.into();
        self
    }

    /// Chooses what tells one client from another.
    pub fn key<K2>(self, key: K2) -> Policy<K2> {
        self.with_key(key).0
    }

    /// The same with another key, and the one it had.
    fn with_key<K2>(self, key: K2) -> (Policy<K2>, K) {
        let policy = Policy {
            name: self.name,
            quota: self.quota,
            algorithm: self.algorithm,
            max_keys: self.max_keys,
            on_full: self.on_full,
            on_unavailable: self.on_unavailable,
            cost: self.cost,
            shadow: self.shadow,
            ban: self.ban,
            top_denied: self.top_denied,
            leases: self.leases,
            key,
        };
        (policy, self.key)
    }

    /// Everything but the key, and the key.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn without_key(self) -> (Policy, K) {
        self.with_key(Unkeyed)
    }

    /// The same with another quota.
    pub fn with_quota(mut self, quota: Quota) -> Self {
        self.quota = quota;
        self
    }

    /// The quota.
    pub fn quota(&self) -> Quota {
        self.quota
    }

    /// What tells one client from another.
    #[must_use]
    pub fn into_extractor(self) -> K {
        self.key
    }

    pub(crate) fn chosen_algorithm(&self) -> Algorithm {
        self.algorithm.unwrap_or(match self.quota.given_burst() {
            Some(_) => Algorithm::Gcra,
            None => Algorithm::StrictWindow,
        })
    }

    pub(crate) fn failure_policy(&self) -> OnUnavailable {
        self.on_unavailable
    }

    pub(crate) fn permits_of_a_call(&self) -> u32 {
        self.cost
    }

    pub(crate) fn is_shadow(&self) -> bool {
        self.shadow
    }

    pub(super) fn given_ban(&self) -> Option<&Ban> {
        self.ban.as_ref()
    }

    #[cfg(feature = "redis")]
    pub(super) fn given_leases(&self) -> u64 {
        self.leases
    }

    pub(super) fn top_places(&self) -> usize {
        self.top_denied
    }

    pub(crate) fn key_bound(&self) -> usize {
        self.max_keys
    }

    pub(super) fn without_room(&self) -> OnFull {
        self.on_full
    }

    /// The name, if it can be sent to clients.
    pub(crate) fn checked_name(&self) -> Result<&str, Error> {
        let name = &*self.name;
        let refuse = |found: &str| {
            Err(Error::config(format!(
                "the policy name {name:?} {found}; expected 1 to 64 printable ASCII characters, \
                 as in \"per-ip\""
            )))
        };
        match name.bytes().find(|byte| !(0x20..0x7f).contains(byte)) {
            Some(_) => refuse("has a character that is not printable ASCII"),
            None if name.is_empty() => refuse("is empty"),
            None if name.len() > 64 => refuse("is too long"),
            None => Ok(name),
        }
    }
}
