//! Functions and methods under hostile names, without a prelude, in macros, and the library under another name.
#![deny(warnings, unused, clippy::all, clippy::pedantic, missing_docs)]
#![no_implicit_prelude]

use ::tower_redis::limit::RateLimited;
use ::tower_redis::{cached, rate_limited};

mod inner {
    pub(crate) use ::tower_redis as limits;
}

#[allow(dead_code, non_camel_case_types)]
struct std;
#[allow(dead_code)]
struct Rated;
#[allow(dead_code)]
struct Result;

type Told<T> = ::std::result::Result<T, RateLimited>;

/// Names that generated code has as well.
#[rate_limited(limit = 3, per = "1m", key = "{key}:{limit}")]
pub fn shadowed(
    key: u64,
    limit: u64,
    asking: u64,
    refused: u64,
    admitted: u64,
    peer: u64,
) -> Told<u64> {
    ::std::result::Result::Ok(key + limit + asking + refused + admitted + peer)
}

#[inner::limits::rate_limited(limit = 3, per = "1m", crate = inner::limits)]
async fn elsewhere() -> Told<()> {
    ::std::result::Result::Ok(())
}

struct Shelf<T>(T);

impl<T: ::std::marker::Copy> Shelf<T> {
    const MOST: u64 = 3;

    #[rate_limited(limit = Self::MOST, per = "1m", skip(self))]
    fn get(&self) -> Told<T> {
        ::std::result::Result::Ok(self.0)
    }

    #[rate_limited(limit = 3, per = "1m")]
    fn make(it: T) -> Told<Self> {
        ::std::result::Result::Ok(Self(it))
    }
}

#[rate_limited(limit = 3, per = "1m", key = "{id}")]
#[cached(ttl = 60)]
fn kept(id: u64) -> Told<u64> {
    ::std::result::Result::Ok(id)
}

macro_rules! limited {
    ($name:ident, $limit:literal, $per:expr, $key:literal, $ty:ty) => {
        #[rate_limited(limit = $limit, per = $per, key = $key)]
        fn $name(id: u64) -> $ty {
            ::std::result::Result::Ok(id)
        }
    };
}

limited!(by_macro, 3, "1m", "{id}", Told<u64>);

fn is_send<T: ::std::marker::Send>(it: T) {
    ::std::mem::drop(it);
}

#[::core::prelude::v1::test]
fn is_accepted() {
    ::std::assert_eq!(shadowed(1, 1, 1, 1, 1, 1).unwrap(), 6);
    is_send(elsewhere());
    ::std::assert_eq!(Shelf::make(7).unwrap().get().unwrap(), 7);
    ::std::assert_eq!(kept(7).unwrap(), 7);
    ::std::assert_eq!(by_macro(7).unwrap(), 7);
}
