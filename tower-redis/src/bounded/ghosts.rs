//! Who had to go lately.
//!
//! A key that comes back soon after it went is one to keep. Of those that went only hashes are known, and when. They
//! lie in lines of eight, and a new one takes the place of the oldest in its line.

const WAYS: usize = 8;

#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line([Ghost; WAYS]);

#[derive(Debug, Clone, Copy, Default)]
struct Ghost {
    hash: u32,
    /// How many went before it and with it; 0 where there is none.
    at: u32,
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
        let lately = |ghost: &Ghost| (self.gone.wrapping_sub(ghost.at) as usize) < window;
        let mut line = line.0.iter();
        line.any(|ghost| ghost.at > 0 && ghost.hash == hash && lately(ghost))
    }

    /// A key with `hash` went, of which the last `window` are to be known.
    pub(super) fn went(&mut self, hash: u32, window: usize) {
        // half as many more, since lines do not fill alike
        let lines = (window + window / 2).div_ceil(WAYS).next_power_of_two();
        if self.lines.len() < lines {
            self.grow(lines);
        }
        self.gone = self.gone.wrapping_add(1).max(1);
        self.note(Ghost {
            hash,
            at: self.gone,
        });
    }

    fn grow(&mut self, lines: usize) {
        let known = std::mem::replace(&mut self.lines, vec![Line::default(); lines]);
        for ghost in known.iter().flat_map(|line| line.0) {
            if ghost.at > 0 {
                self.note(ghost);
            }
        }
    }

    fn note(&mut self, ghost: Ghost) {
        let (line, gone) = (self.line(ghost.hash), self.gone);
        let age = |ghost: &Ghost| match ghost.at {
            0 => u32::MAX,
            at => gone.wrapping_sub(at),
        };
        let line = self.lines.get_mut(line);
        if let Some(oldest) = line.and_then(|line| line.0.iter_mut().max_by_key(|ghost| age(ghost)))
        {
            *oldest = ghost;
        }
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
