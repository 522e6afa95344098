//! Ways to be wrong, to see whether a test finds out.

use std::sync::atomic::{AtomicU64, Ordering};

/// A promise that a [`FarServer`](super::server::FarServer) does not keep. A test that passes all the same
/// tests nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fault {
    /// What is filled or put is forgotten.
    NothingIsKept,
    /// A load fills whether or not its lease is good.
    FillWithoutLease,
    /// A lease is good for several fills.
    LeaseIsNotConsumed,
    /// A removal leaves the lease where it is.
    RemovalKeepsLease,
    /// A `put` leaves the lease where it is.
    PutKeepsLease,
    /// The lease is given although there is something else than what was rejected.
    LeaseIgnoresWhatIsThere,
    /// An entry carries the tokens that are there when it is filled, not those before its load.
    TokensReadLate,
    /// An invalidation by tag does not raise the stamp.
    StampStands,
    /// An invalidation by tag leaves the token as it is.
    TokensStand,
    /// A token is not kept for as long as an entry that carries it.
    TokensDieEarly,
    /// A token that was lost is made again as it was.
    TokensComeBack,
    /// Nobody is told that a token had been missing.
    TokensAreMadeInSilence,
    /// What is over is found, and as fresh as it was.
    ExpiredIsRevived,
    /// What is written where something foreign lies overwrites it.
    ForeignIsOverwritten,
    /// Nobody is told of a removal or a `put`.
    RemovalIsSilent,
    /// Nobody is told of a refresh.
    RefreshIsSilent,
    /// Nobody is told of replaced tokens.
    TokensAreSilent,
    /// A removal by pattern leaves leases.
    PatternKeepsLeases,
    /// An invalidation that could not be told is forgotten.
    DebtsAreForgotten,
    /// A process does not see that it missed a message.
    GapsAreOverlooked,
    /// Everybody who asks for it loads for all.
    FleetIsShared,
    /// Who loads for all does so for ever.
    HoldNeverEnds,
    /// Who renews is told that it does, and does not.
    RenewalIsForgotten,
    /// Who no longer loads for all is told that it does.
    RenewalIsBlind,
    /// That a load failed is forgotten: the next one loads for all.
    FailureIsForgotten,
    /// Who gives up keeps the right to load for all.
    ReleaseIsForgotten,
    /// A shared lease takes the right to load for all away.
    SharingEndsTheHold,
    /// Nobody is woken who waits for what another one loads.
    FleetIsSilent,
    /// Of many that are asked for at once one gets the answer of another one.
    ManyAreMixedUp,
    /// What nobody touches lives as long as what is touched.
    IdleIsIgnored,
    /// What is touched ends as if it were not.
    TouchIsForgotten,
    /// What is touched lives as long as whoever touches it wants.
    TouchOutlives,
    /// What is touched may live for less than before.
    TouchShortens,
    /// What would never end does when it is touched.
    TouchEnds,
    /// What has no stale life is left where it is.
    PlainIsNotExpired,
    /// What was made stale is as fresh as it was.
    ExpiryIsIgnored,
    /// What was made stale is gone.
    ExpiryRemoves,
    /// What was made stale is the entry that it was.
    ExpiryKeepsTheEntry,
    /// What was made stale may be filled by a load that began before.
    ExpiryKeepsLease,
    /// Nobody is told of what was made stale.
    ExpiryIsSilent,
    /// An invalidation of the soft part of a token replaces all of it.
    SoftIsHard,
    /// An invalidation of the soft part of a token leaves it as it is.
    SoftStands,
    /// Nobody is told which part of a token was replaced.
    PartsAreConfused,
}

impl Fault {
    /// Every one of them.
    pub const ALL: &[Self] = &[
        Self::NothingIsKept,
        Self::FillWithoutLease,
        Self::LeaseIsNotConsumed,
        Self::RemovalKeepsLease,
        Self::PutKeepsLease,
        Self::LeaseIgnoresWhatIsThere,
        Self::TokensReadLate,
        Self::StampStands,
        Self::TokensStand,
        Self::TokensDieEarly,
        Self::TokensComeBack,
        Self::TokensAreMadeInSilence,
        Self::ExpiredIsRevived,
        Self::ForeignIsOverwritten,
        Self::RemovalIsSilent,
        Self::RefreshIsSilent,
        Self::TokensAreSilent,
        Self::PatternKeepsLeases,
        Self::DebtsAreForgotten,
        Self::GapsAreOverlooked,
        Self::FleetIsShared,
        Self::HoldNeverEnds,
        Self::RenewalIsForgotten,
        Self::RenewalIsBlind,
        Self::FailureIsForgotten,
        Self::ReleaseIsForgotten,
        Self::SharingEndsTheHold,
        Self::FleetIsSilent,
        Self::ManyAreMixedUp,
        Self::IdleIsIgnored,
        Self::TouchIsForgotten,
        Self::TouchOutlives,
        Self::TouchShortens,
        Self::TouchEnds,
        Self::PlainIsNotExpired,
        Self::ExpiryIsIgnored,
        Self::ExpiryRemoves,
        Self::ExpiryKeepsTheEntry,
        Self::ExpiryKeepsLease,
        Self::ExpiryIsSilent,
        Self::SoftIsHard,
        Self::SoftStands,
        Self::PartsAreConfused,
    ];
}

/// The faults that a server has.
#[derive(Debug, Default)]
pub(super) struct Faults(AtomicU64);

impl Faults {
    pub(super) fn add(&self, fault: Fault) {
        self.0.fetch_or(bit(fault), Ordering::Relaxed);
    }

    pub(super) fn has(&self, fault: Fault) -> bool {
        self.0.load(Ordering::Relaxed) & bit(fault) != 0
    }
}

fn bit(fault: Fault) -> u64 {
    1 << (fault as u32)
}
