//! How an error reaches those who waited for the load that failed.

use std::any::Any;
use std::error::Error as StdError;
use std::fmt;
#[cfg(feature = "macros")]
use std::io;
use std::sync::Arc;

/// A load's error as its waiters see it: what they share is the source.
///
/// An error type that is not `Clone` but can be made from this one (`anyhow::Error`,
/// `Box<dyn Error + Send + Sync>`) is shared by wrapping: the call that ran the load gets the error
/// itself when nobody waited, and everybody gets a wrapped one otherwise. Look along the chain of
/// sources to find the original.
#[derive(Debug, Clone)]
pub struct Shared(Arc<dyn StdError + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the load this call waited for failed")
    }
}

impl StdError for Shared {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.0)
    }
}

/// An error in the form in which waiters find it.
pub(crate) type Found = Arc<dyn Any + Send + Sync>;

/// A way of sharing errors of type `E` with waiters.
#[cfg_attr(
    not(feature = "macros"),
    expect(unreachable_pub, reason = "only what macros expand to names it")
)]
pub trait Sharing<E> {
    /// The error for the call that ran the load, and what its waiters will find, if anything.
    #[doc(hidden)]
    fn split(error: E) -> (E, Option<Arc<dyn Any + Send + Sync>>);

    /// Whether it is a failure: not an answer that is not kept.
    #[doc(hidden)]
    fn fails(_error: &E) -> bool {
        true
    }

    /// A waiter's error from what it found.
    #[doc(hidden)]
    fn join(found: Arc<dyn Any + Send + Sync>) -> Option<E>;
}

/// Everybody gets a clone.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "macros"),
    expect(unreachable_pub, reason = "only what macros expand to names it")
)]
pub struct ByClone;

impl<E: Clone + Send + Sync + 'static> Sharing<E> for ByClone {
    fn split(error: E) -> (E, Option<Found>) {
        let found = Arc::new(error.clone());
        (error, Some(found))
    }

    fn join(found: Found) -> Option<E> {
        found.downcast_ref::<E>().cloned()
    }
}

/// Everybody gets the error wrapped in [`Shared`].
#[cfg(feature = "macros")]
#[derive(Debug, Clone, Copy)]
pub struct AsSource;

#[cfg(feature = "macros")]
impl<E> Sharing<E> for AsSource
where
    E: From<Shared> + Into<Box<dyn StdError + Send + Sync>>,
{
    fn split(error: E) -> (E, Option<Found>) {
        let shared = Shared(Arc::from(error.into()));
        (E::from(shared.clone()), Some(Arc::new(shared)))
    }

    fn join(found: Found) -> Option<E> {
        found.downcast_ref::<Shared>().cloned().map(E::from)
    }
}

/// Everybody gets an I/O error of the same kind, wrapping the original.
#[cfg(feature = "macros")]
#[derive(Debug, Clone, Copy)]
pub struct WithKind;

#[cfg(feature = "macros")]
impl Sharing<io::Error> for WithKind {
    fn split(error: io::Error) -> (io::Error, Option<Found>) {
        let kind = error.kind();
        let shared = Shared(Arc::new(error));
        let found = Arc::new((kind, shared.clone()));
        (io::Error::new(kind, shared), Some(found))
    }

    fn join(found: Found) -> Option<io::Error> {
        let (kind, shared) = found.downcast_ref::<(io::ErrorKind, Shared)>()?.clone();
        Some(io::Error::new(kind, shared))
    }
}

/// The error stays with the call that ran the load; waiters run their own, a few at a time.
#[cfg(feature = "macros")]
#[derive(Debug, Clone, Copy)]
pub struct Unshared;

#[cfg(feature = "macros")]
impl<E> Sharing<E> for Unshared {
    fn split(error: E) -> (E, Option<Found>) {
        (error, None)
    }

    fn join(_: Found) -> Option<E> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "macros")]
    #[test]
    fn a_wrapped_error_keeps_its_source_for_everybody() {
        let (own, found) = AsSource::split(anyhow::anyhow!("boom"));
        let theirs: anyhow::Error = AsSource::join(found.unwrap()).unwrap();
        for error in [own, theirs] {
            assert_eq!(error.root_cause().to_string(), "boom");
        }
    }

    #[cfg(feature = "macros")]
    #[test]
    fn an_io_error_keeps_its_kind() {
        let (own, found) = WithKind::split(io::Error::new(io::ErrorKind::NotFound, "gone"));
        let theirs = WithKind::join(found.unwrap()).unwrap();
        for error in [own, theirs] {
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            let shared = error.into_inner().unwrap();
            assert_eq!(shared.source().unwrap().to_string(), "gone");
        }
    }

    #[test]
    fn what_is_of_another_type_is_not_read() {
        let (_, found) = ByClone::split(7_u8);
        assert_eq!(<ByClone as Sharing<u16>>::join(found.unwrap()), None);
    }
}
