///Cached by `text` for `CACHE_DEFAULT_TTL`.
#[allow(clippy::used_underscore_binding)]
fn length(text: &str) -> usize {
    length::lookup(text).value
}
///The cache of the function `length`.
#[allow(
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    clippy::exhaustive_enums
)]
enum length {}
impl length {
    ///The body of `length`: nothing is looked up, and nothing kept.
    #[allow(
        unreachable_pub,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc,
        clippy::must_use_candidate,
        clippy::unnecessary_wraps
    )]
    fn uncached(text: &str) -> usize {
        text.len()
    }
}
#[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
impl length {
    #[doc(hidden)]
    #[inline]
    fn __cache() -> ::tower_redis::macro_support::Cached<
        impl ::tower_redis::macro_support::Plan<Return = usize>,
    > {
        static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
        ::tower_redis::macro_support::Cached::new(
            &__SLOT,
            {
                use ::tower_redis::macro_support::probes::*;
                (&&&::tower_redis::macro_support::Holds::of({
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<usize>::ASKED.plan()
                }))
                    .held()
            },
            ::tower_redis::macro_support::Code::around(|| {}),
            |setup| {
                let near = setup
                    .function(
                        "length",
                        2,
                        ::tower_redis::macro_support::option_env!("CARGO_BIN_NAME"),
                    );
                ::tower_redis::macro_support::shared(near)
            },
        )
    }
    #[inline]
    fn __key<__R>(
        text: &&str,
        then: impl ::tower_redis::macro_support::FnOnce(
            ::tower_redis::macro_support::Sought<'_>,
        ) -> __R,
    ) -> __R {
        ::tower_redis::macro_support::KeyWriter::seek(
            &(::tower_redis::macro_support::part(&text),),
            then,
        )
    }
    ///What `length` gives, and where it came from.
    #[must_use]
    fn lookup(text: &str) -> ::tower_redis::macro_support::Lookup<usize> {
        #[allow(deprecated)]
        let _ = length;
        if let ::tower_redis::macro_support::Some(hit) = Self::__key(
            &text,
            |sought| Self::__cache().hit(sought),
        ) {
            return ::tower_redis::macro_support::near(hit);
        }
        let found = Self::__key(&text, |sought| Self::__cache().at(sought));
        let terms = ::tower_redis::macro_support::Terms::new();
        found.load_blocking(terms, |_| Self::uncached(text))
    }
    ///What is kept for a call of `length` with these arguments, if anything is. Nothing is loaded.
    #[must_use]
    fn peek(text: &str) -> ::tower_redis::macro_support::Option<usize> {
        Self::__key(&text, |sought| Self::__cache().at(sought)).peek_blocking()
    }
    ///Keeps `value` for calls of `length` with these arguments. A load under way does not overwrite it. An `Err` or a `None` is not kept, and removes what was.
    fn put(text: &str, value: usize) -> () {
        Self::__key(&text, |sought| Self::__cache().at(sought))
            .put_blocking(&::tower_redis::macro_support::Terms::new(), value)
    }
    ///Runs the body of `length`, whatever is kept, and keeps what it gives. A load that began before it does not overwrite it.
    fn refresh(text: &str) -> usize {
        #[allow(deprecated)]
        let _ = length;
        let found = Self::__key(&text, |sought| Self::__cache().at(sought));
        let terms = ::tower_redis::macro_support::Terms::new();
        found.refresh_blocking(&terms, || Self::uncached(text))
    }
    ///Removes what is kept for a call of `length` with these arguments. What is being loaded for it is not kept.
    fn invalidate(text: &str) -> ::tower_redis::macro_support::Invalidated {
        Self::__key(&text, |sought| Self::__cache().at(sought)).invalidate_blocking()
    }
    ///Makes what is kept for a call of `length` with these arguments stale: it is loaded anew, and may answer until then as `stale_while_revalidate` and `stale_if_error` say. What is being loaded for it is not kept.
    fn expire(text: &str) -> ::tower_redis::macro_support::Invalidated {
        Self::__key(&text, |sought| Self::__cache().at(sought)).expire_blocking()
    }
    ///Removes everything that is kept for `length`.
    fn clear() -> ::tower_redis::macro_support::Invalidated {
        Self::__cache().clear_blocking()
    }
    ///The key of a call of `length` with these arguments, as it is written. In Redis it is the last part of the key.
    #[must_use]
    fn key(text: &str) -> ::tower_redis::macro_support::String {
        Self::__key(&text, |sought| Self::__cache().at(sought)).text()
    }
    ///What the cache of `length` has done so far.
    #[must_use]
    fn stats() -> ::tower_redis::macro_support::CacheStats {
        Self::__cache().stats()
    }
    #[doc(hidden)]
    fn __cached(
        text: &str,
    ) -> ::tower_redis::macro_support::Found<
        impl ::tower_redis::macro_support::Plan<Return = usize>,
    > {
        Self::__key(&text, |sought| Self::__cache().at(sought))
    }
}
