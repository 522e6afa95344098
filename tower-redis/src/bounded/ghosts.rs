//! Who had to go lately.
//!
//! A key that comes back soon after it went is one to keep. Of those that went only hashes are known, and when. They
//! lie in lines of eight, and a new one takes the place of the oldest in its line.

const WAYS: usize = 8;

#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line {
    hashes: [u32; WAYS],
    /// How many went before each of them and with it; 0 where there is none.
    ats: [u32; WAYS],
}

#[derive(Debug, Default)]
pub(super) struct Ghosts {
    /// As many as a power of two, or none.
    lines: Vec<Line>,
    gone: u32,
}

impl Ghosts {
    /// Whether a key with `hash` is among the last `window` that went.
    pub(super) fn know(&self, hash: u32, window: usize) -> bool {
        let Some(line) = self.lines.get(self.line(hash)) else {
            return false;
        };
        let window = u32::try_from(window).unwrap_or(u32::MAX);
        // all of them, without a branch in between
        let mut known = false;
        for (of, at) in line.hashes.iter().zip(&line.ats) {
            known |= (*of == hash) & (*at > 0) & (self.gone.wrapping_sub(*at) < window);
        }
        known
    }

    /// A key with `hash` went, of which the last `window` are to be known.
    pub(super) fn went(&mut self, hash: u32, window: usize) {
        // half as many more, since lines do not fill alike
        let lines = (window + window / 2).div_ceil(WAYS).next_power_of_two();
        if self.lines.len() < lines {
            self.grow(lines);
        }
        self.gone = self.gone.wrapping_add(1).max(1);
        self.note(hash, self.gone);
    }

    fn grow(&mut self, lines: usize) {
        let known = std::mem::replace(&mut self.lines, vec![Line::default(); lines]);
        for line in known {
            for (hash, at) in line.hashes.into_iter().zip(line.ats) {
                if at > 0 {
                    self.note(hash, at);
                }
            }
        }
    }

    fn note(&mut self, hash: u32, at: u32) {
        let (line, gone) = (self.line(hash), self.gone);
        let Some(line) = self.lines.get_mut(line) else {
            return;
        };
        let (mut oldest, mut most) = (0, 0);
        for (way, at) in line.ats.iter().enumerate() {
            // none at all is older than any
            let age = if *at == 0 {
                u32::MAX
            } else {
                gone.wrapping_sub(*at)
            };
            if age > most {
                (oldest, most) = (way, age);
            }
        }
        (line.hashes[oldest], line.ats[oldest]) = (hash, at);
    }

    fn line(&self, hash: u32) -> usize {
        hash as usize & self.lines.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spread as hashes are.
    fn hash(key: u32) -> u32 {
        key.wrapping_mul(0x9e37_79b9).rotate_left(16)
    }

    #[test]
    fn the_last_that_went_are_known_and_no_others() {
        for window in [1, 8, 100, 1_000] {
            let mut ghosts = Ghosts::default();
            assert!(!ghosts.know(hash(0), window));
            for key in 0..5_000 {
                ghosts.went(hash(key), window);
            }
            let known = |keys: std::ops::Range<u32>| {
                keys.filter(|key| ghosts.know(hash(*key), window)).count()
            };
            assert_eq!(known(0..5_000 - window as u32), 0);
            let lately = known(5_000 - window as u32..5_000);
            assert!(lately >= window * 9 / 10, "{lately} of {window}");
        }
    }

    #[test]
    fn a_larger_window_forgets_nobody() {
        let mut ghosts = Ghosts::default();
        for key in 0..8 {
            ghosts.went(hash(key), 8);
        }
        ghosts.went(hash(8), 1_000);
        assert!((0..9).all(|key| ghosts.know(hash(key), 1_000)));
    }

    #[test]
    fn counting_starts_anew_where_numbers_end() {
        let mut ghosts = Ghosts {
            gone: u32::MAX - 2,
            ..Ghosts::default()
        };
        for key in 0..6 {
            ghosts.went(hash(key), 8);
        }
        assert!((0..6).all(|key| ghosts.know(hash(key), 8)));
    }
}
