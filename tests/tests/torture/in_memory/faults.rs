//! What is wrong is found.

use tests::torture::Rule;
use tower_redis::testing::{CacheFault, Fault};

use super::SEEDS;
use super::run::{Mode, run};

/// Runs with a fault until somebody notices, and holds what was noticed against `expected`.
#[track_caller]
fn is_found(fault: Option<Fault>, expected: &[Rule]) {
    is_found_in(&[Mode::Default, Mode::Strict], fault, expected);
}

#[track_caller]
fn is_found_in(modes: &[Mode], fault: Option<Fault>, expected: &[Rule]) {
    let mut runs = 0;
    for &mode in modes {
        let mut found = false;
        for seed in tests::seeds(SEEDS) {
            runs += 1;
            let (_, violations) = run(seed, mode, fault);
            if violations
                .iter()
                .any(|violation| expected.contains(&violation.rule))
            {
                found = true;
                break;
            }
        }
        assert!(found, "nobody noticed in {runs} runs, {mode:?}");
    }
}

#[test]
fn a_gap_that_is_overlooked() {
    is_found(Some(Fault::GapsAreOverlooked), &[Rule::Others]);
}

#[test]
fn an_entry_used_under_another_epoch() {
    let _fault = CacheFault::EpochIsNotCompared.commit();
    is_found(None, &[Rule::Others]);
}

#[test]
fn a_flight_that_ends_before_its_fill() {
    let _fault = CacheFault::FlightEndsEarly.commit();
    is_found(None, &[Rule::Loads]);
}

#[test]
fn a_leader_that_is_lost() {
    let _fault = CacheFault::LostLeader.commit();
    is_found(None, &[Rule::Hangs]);
}

#[test]
fn a_fill_without_lease() {
    is_found(Some(Fault::FillWithoutLease), &[Rule::Own, Rule::Others]);
}

#[test]
fn tokens_read_after_the_load() {
    is_found(Some(Fault::TokensReadLate), &[Rule::Own, Rule::Others]);
}

#[test]
fn an_entry_that_is_over_and_comes_back() {
    is_found(Some(Fault::ExpiredIsRevived), &[Rule::Truth]);
}

#[test]
fn a_removal_that_leaves_the_lease() {
    is_found(Some(Fault::RemovalKeepsLease), &[Rule::Own, Rule::Others]);
}

#[test]
fn a_removal_that_nobody_is_told_of() {
    is_found(Some(Fault::RemovalIsSilent), &[Rule::Others]);
}

#[test]
fn replaced_tokens_that_nobody_is_told_of() {
    is_found(Some(Fault::TokensAreSilent), &[Rule::Others]);
}

#[test]
fn a_refresh_that_leaves_near_what_was_there() {
    let _fault = CacheFault::RefreshLeavesNear.commit();
    is_found(None, &[Rule::Own]);
}

#[test]
fn a_refresh_that_nobody_is_told_of() {
    is_found(Some(Fault::RefreshIsSilent), &[Rule::Others]);
}

#[test]
fn a_refresh_that_gives_way_to_one_that_comes_to_nothing() {
    let _fault = CacheFault::RefusedRefreshIsOver.commit();
    is_found(None, &[Rule::Own]);
}

#[test]
fn an_older_load_that_fills_over_what_replaced_it() {
    let _fault = CacheFault::OlderLoadsFill.commit();
    is_found(None, &[Rule::Own]);
}

#[test]
fn a_put_that_leaves_the_lease() {
    is_found(Some(Fault::PutKeepsLease), &[Rule::Own, Rule::Others]);
}

/// Elsewhere what gets no answer is near instead.
#[test]
fn what_was_fetched_while_it_was_replaced_in_vain() {
    let _fault = CacheFault::OlderStaysNear.commit();
    is_found_in(&[Mode::Strict], None, &[Rule::Own]);
}
