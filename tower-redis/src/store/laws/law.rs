//! The list.

use crate::store::memory::Fault;

use super::world::World;
use super::{chances, entries, feed, fleet, leases, many, matching, sliding, stale, tokens};

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Law {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) check: fn(&dyn World),
    /// The ways of being wrong that it finds.
    pub(in crate::store) finds: &'static [Fault],
}

macro_rules! laws {
    ($($module:ident::$name:ident finds [$($fault:ident),+];)+) => {
        &[$(Law {
            name: stringify!($name),
            check: $module::$name,
            finds: &[$(Fault::$fault),+],
        }),+]
    };
}

/// Every law. Each gets a world to itself, or one that others have used and left: keys are its own.
pub(in crate::store) fn all() -> &'static [Law] {
    laws! {
        entries::a_value_comes_back_with_what_describes_it finds [NothingIsKept];
        entries::what_is_over_is_not_found finds [ExpiredIsRevived];
        entries::a_value_is_replaced finds [NothingIsKept];
        entries::bytes_of_others_are_named_and_not_read finds [LeaseIgnoresWhatIsThere];
        entries::what_is_no_string_is_left_alone finds [ForeignIsOverwritten];
        entries::a_plain_value_is_its_bytes finds [NothingIsKept];
        entries::a_plain_value_of_somebody_else_is_found finds [LeaseIgnoresWhatIsThere];
        leases::a_removal_takes_the_lease finds [FillWithoutLease, RemovalKeepsLease];
        leases::the_first_fill_wins finds [FillWithoutLease, LeaseIsNotConsumed];
        leases::a_put_beats_older_loads finds [FillWithoutLease, PutKeepsLease];
        leases::a_lease_names_what_it_rejects finds [LeaseIgnoresWhatIsThere];
        leases::a_lease_anew_replaces_all_before finds [FillWithoutLease];
        leases::a_lost_lease_refuses finds [FillWithoutLease];
        leases::many_keys_go_at_once finds [RemovalKeepsLease];
        tokens::a_token_stays_until_it_is_replaced finds [TokensStand];
        tokens::a_lost_token_never_comes_back finds [TokensComeBack];
        tokens::who_makes_a_token_is_told finds [TokensAreMadeInSilence];
        tokens::an_entry_carries_what_it_was_given finds [TokensReadLate];
        tokens::a_late_tag_is_not_later_than_the_stamp finds [StampStands];
        tokens::tokens_outlive_what_carries_them finds [TokensDieEarly];
        stale::what_is_no_longer_fresh_is_kept finds [NothingIsKept];
        stale::what_was_made_stale_is_another_entry_and_is_kept finds [
            ExpiryIsIgnored, ExpiryRemoves, ExpiryKeepsTheEntry
        ];
        stale::what_was_made_stale_ends_when_it_would_have finds [ExpiredIsRevived];
        stale::what_has_no_stale_life_goes finds [PlainIsNotExpired];
        stale::an_expiry_takes_the_lease finds [ExpiryKeepsLease];
        stale::an_expiry_is_told finds [ExpiryIsSilent];
        stale::a_soft_part_is_replaced_alone finds [SoftIsHard, SoftStands];
        stale::which_part_was_replaced_is_told finds [PartsAreConfused];
        matching::what_matches_goes_and_nothing_else finds [PatternKeepsLeases];
        matching::characters_of_a_pattern_can_be_meant finds [PatternKeepsLeases];
        feed::a_removal_is_told_to_others_and_not_to_oneself finds [RemovalIsSilent];
        feed::what_fills_anew_is_told finds [RefreshIsSilent];
        feed::replaced_tokens_are_told finds [TokensAreSilent];
        feed::a_pattern_is_told_before_and_after finds [RemovalIsSilent];
        feed::who_missed_something_starts_a_new_epoch finds [GapsAreOverlooked];
        fleet::one_loads_for_all finds [FleetIsShared];
        fleet::who_is_not_heard_of_is_replaced finds [HoldNeverEnds, RenewalIsBlind];
        fleet::who_renews_is_not_replaced finds [RenewalIsForgotten];
        fleet::after_a_failure_everybody_loads finds [FailureIsForgotten];
        fleet::who_gives_up_is_replaced_at_once finds [ReleaseIsForgotten];
        fleet::nobody_waits_for_a_load_that_was_overtaken finds [
            RemovalKeepsLease, ExpiryKeepsLease, PatternKeepsLeases, RenewalIsBlind
        ];
        fleet::who_shares_a_lease_loads_beside_the_one finds [SharingEndsTheHold];
        fleet::who_waits_is_woken_whatever_becomes_of_it finds [FleetIsSilent];
        fleet::who_may_have_missed_it_is_woken finds [GapsAreOverlooked];
        many::many_are_found_in_their_order finds [ManyAreMixedUp];
        many::many_are_leased_and_filled_in_their_order finds [ManyAreMixedUp];
        many::what_fills_many_is_told finds [RefreshIsSilent, FleetIsSilent];
        sliding::what_nobody_touches_ends finds [IdleIsIgnored];
        sliding::what_is_touched_lives_as_long_as_its_header_allows finds [
            TouchIsForgotten, TouchOutlives, TouchShortens
        ];
        sliding::what_is_plain_lives_as_long_as_it_is_told finds [TouchIsForgotten, TouchShortens];
        sliding::what_does_not_end_is_not_touched finds [TouchEnds];
        chances::no_chance_serves_what_was_invalidated finds [
            FillWithoutLease, RemovalKeepsLease, PutKeepsLease, TokensReadLate,
            StampStands, PatternKeepsLeases, TokensStand, ExpiryIsIgnored, ExpiryKeepsLease,
            SoftStands
        ];
        chances::no_mishap_serves_what_was_invalidated finds [
            FillWithoutLease, RemovalKeepsLease, PutKeepsLease, TokensReadLate, StampStands,
            PatternKeepsLeases, TokensStand, DebtsAreForgotten, ExpiryIsIgnored, ExpiryKeepsLease,
            SoftStands
        ];
    }
}
