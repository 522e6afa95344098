//! What the options of a limit give, checked in the compiler, where these functions are evaluated.

use std::time::Duration;

use crate::limit::{LARGEST_COUNT, LONGEST_PERIOD};

use super::called::{Code, Place};

/// Most characters of the name of a policy.
const LONGEST: usize = 64;

/// The permits of a period, as an option gives them.
///
/// # Panics
/// When nothing would ever pass, or a client could not be told.
#[must_use]
pub const fn permits(permits: i128) -> u64 {
    amount(
        permits,
        "`limit` is zero or less, so nothing would ever pass; expected at least 1 call",
        "`limit` is too large; expected at most 999,999,999,999,999 calls",
    )
}

/// The permits that may be used at once, as an option gives them.
///
/// # Panics
/// As [`permits`].
#[must_use]
pub const fn burst(permits: i128) -> u64 {
    amount(
        permits,
        "`burst` is zero or less, so nothing would ever pass; expected at least 1 call",
        "`burst` is too large; expected at most 999,999,999,999,999 calls",
    )
}

/// After how many denials a key is kept out, as an option gives it.
///
/// # Panics
/// When it is no such number.
#[must_use]
pub const fn denials(denials: i128) -> u64 {
    const NONE: &str = "`after` is not an amount of denials; expected one like `20`";
    amount(denials, NONE, NONE)
}

/// What can be counted, or what is wrong with it: that it is too small, or too large.
const fn amount(given: i128, too_small: &'static str, too_large: &'static str) -> u64 {
    assert!(given > 0, "{}", too_small);
    assert!(given <= LARGEST_COUNT as i128, "{}", too_large);
    given as u64
}

/// The period, as an option gives it.
///
/// # Panics
/// When it cannot be counted exactly.
#[must_use]
pub const fn period(period: Duration) -> Duration {
    assert!(
        period.subsec_nanos().is_multiple_of(1_000),
        "`per` is no whole number of microseconds"
    );
    assert!(
        period.as_micros() > 0,
        "`per` is zero; expected a period, like \"1m\""
    );
    assert!(
        period.as_micros() <= LONGEST_PERIOD as u128,
        "`per` is too long; expected at most 142 years"
    );
    period
}

/// How many permits are taken ahead, as an option gives them.
///
/// # Panics
/// When it is no such number.
#[must_use]
pub const fn leases(permits: i128) -> u32 {
    assert!(
        permits > 0 && permits <= u32::MAX as i128,
        "`leases` is not an amount of permits; expected one like `20`"
    );
    permits as u32
}

/// How many keys are remembered, as an option gives them.
///
/// # Panics
/// When there is room for none.
#[must_use]
pub const fn keys(keys: i128) -> usize {
    assert!(
        keys > 0 && keys <= usize::MAX as i128,
        "`max_keys` is not an amount of keys; expected one like `10_000`"
    );
    keys as usize
}

/// What the limit of the function of `code` is called, which has no name of its own: after where it stands.
///
/// Clients may be told, so it is printable ASCII, and no longer than a name may be. What had to be left out of two
/// names tells them apart all the same.
#[must_use]
pub fn policy_name(code: Code, function: &'static str) -> String {
    let place = Place {
        function,
        own: 1,
        is_method: true,
        program: None,
    };
    shortened(&place.shown(code.path()))
}

fn shortened(name: &str) -> String {
    let plain = |c: char| (' '..='~').contains(&c);
    if name.len() <= LONGEST && name.chars().all(plain) {
        return name.to_owned();
    }
    let digest = sha1_smol::Sha1::from(name).digest().to_string();
    let room = LONGEST - 9;
    let mut end: Vec<char> = name
        .chars()
        .rev()
        .filter(|c| plain(*c))
        .take(room)
        .collect();
    end.reverse();
    format!("{}~{}", &digest[..8], end.into_iter().collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_such_as_clients_may_be_told() {
        assert_eq!(shortened("shop::login"), "shop::login");
        let long = [7, 8].map(|n| shortened(&format!("shop{n}::{}::login", "deep::".repeat(12))));
        assert_ne!(long[0], long[1]);
        let other = shortened("shop::größe");
        assert!(other.ends_with("~shop::gre"), "{other}");
        assert_ne!(other, shortened("shop::gräe"));
        for name in long.into_iter().chain([other]) {
            assert!(name.len() <= LONGEST, "{name}");
            assert!(name.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        }
    }
}
