//! Values of fields that the next answer is likely to have, too.
//!
//! Ages and times to live are whole seconds: what one answer says of them, the next ones of the same second say as well.
//! Each thread keeps the last of them, so that nothing is written, checked and allocated for it again.

use std::cell::RefCell;

use http::HeaderValue;

/// As many as are kept: those of as many seconds in a row have places of their own.
const PLACES: usize = 64;

/// The last values, by what they were made of.
#[derive(Debug)]
pub(super) struct Recent<K>(RefCell<[Option<(K, HeaderValue)>; PLACES]>);

impl<K: Copy + Eq> Recent<K> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new([const { None }; PLACES]))
    }

    /// What `write` makes of `key`, or made of it before. The place of it is that of `seconds`.
    pub(super) fn value(
        &self,
        key: K,
        seconds: u64,
        write: impl FnOnce() -> HeaderValue,
    ) -> HeaderValue {
        let Ok(mut places) = self.0.try_borrow_mut() else {
            return write();
        };
        let place = &mut places[seconds as usize % PLACES];
        match place {
            Some((known, value)) if *known == key => value.clone(),
            _ => {
                let value = write();
                *place = Some((key, value.clone()));
                value
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_for_each_key_and_again_when_another_took_its_place() {
        let recent = Recent::new();
        let made = std::cell::Cell::new(0);
        let value = |key: u64| {
            let value = recent.value(key, key, || {
                made.set(made.get() + 1);
                key.into()
            });
            assert_eq!(value, key.to_string());
            made.get()
        };
        assert_eq!([value(1), value(1), value(2), value(1)], [1, 1, 2, 2]);
        let same_place = 1 + PLACES as u64;
        assert_eq!([value(same_place), value(1), value(2)], [3, 4, 4]);
    }
}
