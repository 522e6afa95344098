//! A key for each of several policies.

use http::Request;

use crate::key::KeyWriter;

use super::contract::{Ahead, RequestKey, Unidentified};

/// Each policy of several that decide together counts by a key of its own: a tuple of keys, in the order of the
/// policies. `Toolkit::rate_limit_layer` makes one of a tuple of policies.
///
/// Where there are fewer keys than policies the last one is that of the rest as well. To a policy by itself it is as
/// the tuple: one key of all its parts.
#[derive(Debug, Clone, Copy, Default)]
pub struct PerPolicy<T>(pub T);

macro_rules! tuples {
    ($(($($part:ident $at:tt)+ | $last:ident $end:tt))*) => {$(
        impl<$($part: RequestKey,)+ $last: RequestKey> RequestKey for PerPolicy<($($part,)+ $last)> {
            fn write<Body>(
                &self,
                request: &Request<Body>,
                key: &mut KeyWriter,
            ) -> Result<(), Unidentified> {
                self.0.write(request, key)
            }

            fn write_for<Body>(
                &self,
                place: usize,
                request: &Request<Body>,
                key: &mut KeyWriter,
            ) -> Result<(), Unidentified> {
                match place {
                    $($at => self.0.$at.write(request, key),)+
                    _ => self.0.$end.write(request, key),
                }
            }

            fn ahead<Body>(&self, request: &Request<Body>) -> Option<Ahead> {
                self.0.ahead(request)
            }

            fn doubt<Body>(&self, request: &Request<Body>) -> Option<Unidentified> {
                self.0.doubt(request)
            }
        }
    )*};
}

tuples! {
    (A 0 | B 1)
    (A 0 B 1 | C 2)
    (A 0 B 1 C 2 | D 3)
    (A 0 B 1 C 2 D 3 | E 4)
    (A 0 B 1 C 2 D 3 E 4 | F 5)
}
