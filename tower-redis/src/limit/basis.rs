//! What a decision rests on, and who decides when Redis cannot be asked.

/// Who decides when counts are shared through Redis and it cannot be asked, or does not answer in time.
///
/// Chosen for each policy with [`Policy::on_unavailable`](super::Policy::on_unavailable).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnUnavailable {
    /// The counts of this process, with the whole quota.
    ///
    /// They are kept while Redis answers as well: what this process lets through is charged in both
    /// places. So an outage begins with what this process has let through, and not with a fresh quota.
    /// In any period it lets at most one quota more through for each process: what they let through
    /// meanwhile is not told to Redis.
    #[default]
    Local,
    /// The counts of this process, with the quota divided by the processes that were alive when Redis last
    /// answered: each of them tells Redis every ten seconds that it is. What they let through together is within
    /// one quota more; a process that was started during the outage knows of nobody else.
    ///
    /// A quota that is smaller than the number of processes lets nothing through meanwhile.
    Share,
    /// Nobody: all calls pass. For limits that spare a resource which other means protect too.
    Open,
    /// Nobody: no call passes. For limits that must hold at any price, as on attempts to log in. The
    /// layer answers 503, since the client did nothing wrong.
    Closed,
}

/// Why Redis does not decide, where it should.
pub(super) type Away = fn(OnUnavailable) -> Basis;

/// What a [`Decision`](super::Decision) rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Basis {
    /// The counts of this process, which are all there are.
    Memory,
    /// The counts in Redis, which all processes share.
    Shared,
    /// The counts in Redis, which were charged for this call before it came:
    /// [`Policy::leases`](super::Policy::leases).
    Leased,
    /// A list: [`Limiter::allow`](super::Limiter::allow), [`Limiter::deny`](super::Limiter::deny). Nothing was
    /// charged.
    Listed,
    /// A [ban](super::Policy::ban), of this process or, with counts in Redis, of any. Nothing was charged.
    Banned,
    /// Redis could not be asked, and charged nothing; this is how the policy decides then.
    Unavailable(OnUnavailable),
    /// Redis was asked and did not answer in time; it may have charged the call, once. It was not
    /// asked again; this is how the policy decides then.
    Unknown(OnUnavailable),
}
