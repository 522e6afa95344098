//! A placeholder of a key or a tag: written as a key, or else as it prints.

use std::fmt::{self, Display};

use crate::key::{CacheKey, KeyWriter, Ready};

/// An argument that is known to be a key. What is made of several has no bound of its own left to
/// fail, so that a type that is no key is reported once, at the argument.
pub struct KeyPart<'a, T: ?Sized> {
    value: &'a T,
    write: fn(&T, &mut KeyWriter),
    ready: fn(&T) -> Ready<'_>,
}

/// `value` as a part of a key.
#[inline]
pub fn part<T: CacheKey + ?Sized>(value: &T) -> KeyPart<'_, T> {
    KeyPart {
        value,
        write: T::write,
        ready: T::ready,
    }
}

impl<T: ?Sized> CacheKey for KeyPart<'_, T> {
    #[inline]
    fn write(&self, key: &mut KeyWriter) {
        (self.write)(self.value, key);
    }

    #[inline]
    fn ready(&self) -> Ready<'_> {
        (self.ready)(self.value)
    }
}

impl<T: ?Sized> fmt::Debug for KeyPart<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPart")
    }
}

/// The value of a placeholder.
#[derive(Debug)]
pub struct Part<'a, T: ?Sized>(pub &'a T);

/// What can be a key is written as one.
pub trait WrittenPart {
    /// Appends the value.
    fn write(&self, key: &mut KeyWriter);
}

impl<T: CacheKey + ?Sized> WrittenPart for &&Part<'_, T> {
    fn write(&self, key: &mut KeyWriter) {
        self.0.write(key);
    }
}

/// What only prints is written as it prints.
pub trait PrintedPart {
    /// Appends the value.
    fn write(&self, key: &mut KeyWriter);
}

impl<T: Display + ?Sized> PrintedPart for &Part<'_, T> {
    fn write(&self, key: &mut KeyWriter) {
        key.display(self.0);
    }
}

/// What is neither: there only for the message of the compiler.
pub trait NeitherPart {
    /// The type of the value.
    type Value: ?Sized;
    /// Cannot be called.
    fn write(&self, key: &mut KeyWriter)
    where
        Self::Value: CacheKey;
}

impl<T: ?Sized> NeitherPart for Part<'_, T> {
    type Value = T;
    fn write(&self, key: &mut KeyWriter)
    where
        T: CacheKey,
    {
        self.0.write(key);
    }
}
