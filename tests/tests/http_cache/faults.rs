//! Rules that are broken are found.

use tower_redis::testing::HttpCacheFault;

use crate::grammar::history;
use crate::histories::Runner;

/// Runs histories with a fault until one differs, which has no difference without it.
#[track_caller]
fn is_found(fault: HttpCacheFault) {
    const MOST: u64 = 20_000;
    let runner = Runner::new();
    let differs = |seed: u64| runner.difference(&history(seed));
    let found = {
        let _fault = fault.commit();
        (0..MOST).find_map(|seed| Some((seed, differs(seed)?)))
    };
    let Some((seed, difference)) = found else {
        unreachable!("nobody noticed {fault:?}");
    };
    println!("{fault:?} in history {seed}: {difference:?}");
    let other = differs(seed);
    assert!(
        other.is_none(),
        "history {seed} differs without it: {other:?}"
    );
}

macro_rules! found {
    ($($name:ident: $fault:ident;)+) => {$(
        #[test]
        fn $name() {
            is_found(HttpCacheFault::$fault);
        }
    )+};
}

found! {
    s_maxage_that_is_ignored: SMaxageIsIgnored;
    an_age_that_is_not_counted: AgeIsNotCounted;
    a_second_line_of_vary_that_is_not_read: VaryIsOneLine;
    one_without_vary_that_answers_before_one_with_it: VaryIsNotPreferred;
    something_stale_in_spite_of_must_revalidate: StaleInSpiteOfMustRevalidate;
    a_304_that_replaces_the_length: LengthIsUpdated;
    a_date_that_counts_beside_a_tag: DateBeatsTag;
    a_failure_that_invalidates: FailuresInvalidate;
    what_credentials_have_asked_for_and_is_shared: AuthorizationIsShared;
    a_guess_about_a_status_code_that_allows_none: FoundIsGuessed;
    an_if_range_that_is_compared_weakly: IfRangeIsWeak;
    parts_with_a_weak_tag_that_are_joined: WeakPartsAreJoined;
    what_is_gone_and_served_on: RefusalsLeaveWhatIsStored;
    a_targeted_field_that_cannot_be_read_and_counts: UnreadableTargetsCount;
}
