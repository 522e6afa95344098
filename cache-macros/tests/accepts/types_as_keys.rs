//! Types that are keys, also where the library has another name and nothing else is in scope.

use tower_redis as kit;

mod shadowed {
    use super::kit;

    struct Self_;
    trait Into {}
    enum Option {}
    enum Result {}

    /// A key.
    #[derive(kit::key::CacheKey)]
    #[cache_key(crate = kit)]
    pub struct Search<'a, T: ?Sized, const N: usize>
    where
        T: Ord,
    {
        /// One.
        pub key: &'a T,
        /// Two.
        pub bytes: [u8; N],
    }

    /// A key.
    #[derive(kit::key::CacheKey)]
    #[cache_key(crate = kit)]
    pub enum By<T> {
        /// Nothing.
        Nothing,
        /// One.
        One(T),
        /// Two.
        Two {
            /// The key.
            key: u64,
            /// And more.
            r#type: bool,
        },
    }

    /// A key that says of what it is.
    #[derive(kit::key::CacheKey)]
    #[cache_key(crate = kit)]
    pub struct Id<T> {
        /// The key.
        pub number: u64,
        /// No key.
        #[cache_key(skip)]
        pub of: core::marker::PhantomData<T>,
    }

    /// There is none.
    #[derive(kit::key::CacheKey)]
    #[cache_key(crate = kit)]
    pub enum Never {}
}

#[kit::cached(crate = kit)]
async fn found(search: shadowed::Search<'_, str, 2>, by: shadowed::By<&str>) -> usize {
    let _ = by;
    search.key.len() + usize::from(search.bytes[0])
}

#[test]
fn is_accepted() {
    use shadowed::By;

    struct NoKey;

    let search = shadowed::Search {
        key: "a",
        bytes: [1, 2],
    };
    drop(found(search, By::One("x")));
    let _ = (
        By::<u8>::Nothing,
        By::<u8>::Two {
            key: 1,
            r#type: true,
        },
    );
    let id = shadowed::Id::<NoKey> {
        number: 7,
        of: std::marker::PhantomData,
    };
    assert_eq!(kit::key::KeyWriter::of(&id).as_bytes(), b"7");
}
