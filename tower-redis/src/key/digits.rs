//! Decimal digits, eight at a time.
//!
//! A number is the most frequent key there is, and it is written for every lookup. What is written a byte or
//! two at a time cannot be read in larger pieces until the processor has put it together, so the digits are
//! made in a register and written at once.

const TEN_TO_8: u64 = 100_000_000;

/// A number as it prints.
#[derive(Clone, Copy)]
pub(super) struct Digits {
    // three words, of which the last two follow what is used of those before
    bytes: [u8; 24],
    len: usize,
}

impl Digits {
    #[inline]
    pub(super) fn of(number: u64) -> Self {
        let mut digits = Self {
            bytes: [0; 24],
            len: 0,
        };
        if number < TEN_TO_8 {
            digits.first(number);
        } else {
            digits.rest(number);
        }
        digits
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    #[inline(never)]
    fn rest(&mut self, number: u64) {
        let (high, low) = (number / TEN_TO_8, number % TEN_TO_8);
        if high < TEN_TO_8 {
            self.first(high);
        } else {
            self.first(high / TEN_TO_8);
            self.push(eight(high % TEN_TO_8), 8);
        }
        self.push(eight(low), 8);
    }

    /// The digits of `number`, which has eight at most, without zeros in front.
    #[inline]
    fn first(&mut self, number: u64) {
        let digits = eight(number);
        // the first digit is the lowest byte; zero itself is one digit
        let zeros = (digits.trailing_zeros() / 8).min(7);
        self.push(digits >> (8 * zeros), 8 - zeros as usize);
    }

    #[inline]
    fn push(&mut self, digits: u64, len: usize) {
        const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
        if let Some(room) = self.bytes.get_mut(self.len..self.len + 8) {
            room.copy_from_slice(&(digits | ZEROS).to_le_bytes());
        }
        self.len += len;
    }
}

/// The eight digits of `number`, as many as it may have, each in a byte, the first in the lowest.
///
/// Halves, quarters and then single digits are parted side by side in one word. The quotients are products
/// with the reciprocal, which is exact for numbers as small as these.
#[inline]
fn eight(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 5_243) >> 19) & 0x7f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - 10 * tens) << 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn print(number: u64) -> String {
        String::from_utf8(Digits::of(number).as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn each_number_of_digits_is_written() {
        for power in 0..20 {
            let ten = 10_u64.pow(power);
            for number in [ten - 1, ten, ten + 1, ten.saturating_mul(9)] {
                assert_eq!(print(number), number.to_string());
            }
        }
        assert_eq!(print(u64::MAX), u64::MAX.to_string());
    }

    #[test]
    fn every_half_and_every_quarter_is_parted_right() {
        for number in 0..10_000 {
            assert_eq!(print(number), number.to_string());
            let twice = number * 10_001;
            assert_eq!(print(twice), twice.to_string());
        }
    }

    proptest! {
        #[test]
        fn a_number_is_written_as_it_prints(number: u64, shift in 0..64_u32) {
            let number = number >> shift;
            prop_assert_eq!(print(number), number.to_string());
        }
    }
}
