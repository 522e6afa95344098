//! What is wrong is found.

use tower_redis::testing::{CacheFault, Fault};

use super::reference::Rule;
use super::run::run;

/// Runs histories with a fault until somebody notices, and holds what was noticed against `expected`.
#[track_caller]
fn is_found(fault: Option<Fault>, expected: &[Rule]) {
    const MOST: u64 = 4_000;
    let notices = |seed: &u64| {
        let broken = run(*seed, fault, false).broken;
        broken.iter().any(|broken| expected.contains(&broken.rule))
    };
    assert!((0..MOST).any(|seed| notices(&seed)), "nobody noticed");
}

#[track_caller]
fn is_found_in_cache(fault: CacheFault, expected: &[Rule]) {
    let _fault = fault.commit();
    is_found(None, expected);
}

macro_rules! found {
    ($($name:ident: $fault:ident in $where:ident, $($rule:ident)+;)+) => {$(
        #[test]
        fn $name() {
            found!($fault in $where, $($rule)+);
        }
    )+};
    ($fault:ident in server, $($rule:ident)+) => {
        is_found(Some(Fault::$fault), &[$(Rule::$rule),+]);
    };
    ($fault:ident in cache, $($rule:ident)+) => {
        is_found_in_cache(CacheFault::$fault, &[$(Rule::$rule),+]);
    };
}

found! {
    a_gap_that_is_overlooked: GapsAreOverlooked in server, Others;
    a_fill_without_lease: FillWithoutLease in server, Own Others;
    tokens_read_after_the_load: TokensReadLate in server, Own Others;
    an_entry_that_is_over_and_comes_back: ExpiredIsRevived in server, Lives;
    a_removal_that_leaves_the_lease: RemovalKeepsLease in server, Own Others;
    a_removal_that_nobody_is_told_of: RemovalIsSilent in server, Others;
    replaced_tokens_that_nobody_is_told_of: TokensAreSilent in server, Others;
    a_refresh_that_nobody_is_told_of: RefreshIsSilent in server, Others;
    a_put_that_leaves_the_lease: PutKeepsLease in server, Own Others;
    what_expires_and_leaves_the_lease: ExpiryKeepsLease in server, Own Others;
    what_expires_and_nobody_is_told_of: ExpiryIsSilent in server, Others;
    what_expires_and_stays_fresh_far: ExpiryIsIgnored in server, Own Others;
    late_tags_whose_stamp_stands: StampStands in server, Own Others;
    an_entry_used_under_another_epoch: EpochIsNotCompared in cache, Others;
    a_flight_that_ends_before_its_fill: FlightEndsEarly in cache, Loads;
    a_leader_that_is_lost: LostLeader in cache, Hangs;
    a_refresh_that_leaves_near_what_was_there: RefreshLeavesNear in cache, Own;
    a_refresh_that_gives_way_to_one_that_comes_to_nothing: RefusedRefreshIsOver in cache, Own;
    an_older_load_that_fills_over_what_replaced_it: OlderLoadsFill in cache, Own;
    what_was_fetched_while_it_was_replaced_in_vain: OlderStaysNear in cache, Own;
    what_was_removed_and_is_served_as_stale: StaleIsRevived in cache, Own Others;
    a_failure_that_begins_the_stale_life_anew: CeilingMoves in cache, Lives;
    what_expires_and_stays_fresh_here: ExpiredStaysFresh in cache, Own;
    what_something_that_is_not_kept_has_taken_the_place_of: OlderStaysAnswer in cache, Older;
    late_tags_that_are_not_compared: LateTagsAreNotCompared in cache, Own Others;
}
