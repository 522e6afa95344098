/// Loads.
///
///Cached by `id` and `name` for 60 seconds.
#[allow(clippy::used_underscore_binding)]
pub async fn load(id: u64, name: &str) -> Result<String, Error> {
    load::lookup(id, name).await.value
}
///The cache of the function `load`.
#[allow(
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    clippy::exhaustive_enums
)]
pub enum load {}
impl load {
    ///The body of `load`: nothing is looked up, and nothing kept.
    #[allow(
        unreachable_pub,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc,
        clippy::must_use_candidate,
        clippy::unnecessary_wraps
    )]
    pub async fn uncached(id: u64, name: &str) -> Result<String, Error> {
        ask(id, name).await
    }
}
#[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
impl load {
    #[doc(hidden)]
    #[inline]
    pub fn __cache() -> ::tower_redis::macro_support::Cached<
        impl ::tower_redis::macro_support::Plan<Return = Result<String, Error>>,
    > {
        static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
        ::tower_redis::macro_support::Cached::new(
            &__SLOT,
            {
                use ::tower_redis::macro_support::probes::*;
                (&&&::tower_redis::macro_support::Holds::of({
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Result<String, Error>>::ASKED
                        .plan()
                }))
                    .held()
            },
            ::tower_redis::macro_support::Code::around(|| {}),
            |setup| {
                let near = setup
                    .function(
                        "load",
                        2,
                        ::tower_redis::macro_support::option_env!("CARGO_BIN_NAME"),
                    );
                ::tower_redis::macro_support::shared(near)
            },
        )
    }
    #[inline]
    fn __key<__R>(
        id: &u64,
        name: &&str,
        then: impl ::tower_redis::macro_support::FnOnce(
            ::tower_redis::macro_support::Sought<'_>,
        ) -> __R,
    ) -> __R {
        ::tower_redis::macro_support::KeyWriter::seek(
            &(
                ::tower_redis::macro_support::part(&id),
                ::tower_redis::macro_support::part(&name),
            ),
            then,
        )
    }
    async fn __owned(
        (id, name): (u64, ::tower_redis::macro_support::String),
    ) -> Result<String, Error> {
        Self::uncached(id, &name).await
    }
    fn __start<__P: ::tower_redis::macro_support::Plan<Return = Result<String, Error>>>(
        miss: ::tower_redis::macro_support::Miss<
            __P,
            (u64, ::tower_redis::macro_support::String),
        >,
    ) -> ::tower_redis::macro_support::Start<
        __P,
        (u64, ::tower_redis::macro_support::String),
    > {
        use ::tower_redis::macro_support::probes::*;
        (&&::tower_redis::macro_support::How::of(Self::__owned))
            .how()
            .start(miss, Self::__owned)
    }
    ///What `load` gives, and where it came from.
    #[must_use]
    pub async fn lookup(
        id: u64,
        name: &str,
    ) -> ::tower_redis::macro_support::Lookup<Result<String, Error>> {
        #[allow(deprecated)]
        let _ = load;
        if let ::tower_redis::macro_support::Some(hit) = Self::__key(
            &id,
            &name,
            |sought| Self::__cache().hit(sought),
        ) {
            return ::tower_redis::macro_support::near(hit);
        }
        let found = Self::__key(&id, &name, |sought| Self::__cache().at(sought));
        let terms = ::tower_redis::macro_support::Terms::new()
            .ttl(::tower_redis::macro_support::Duration::new(60, 0));
        Self::__start(found.miss(terms, (id, ::tower_redis::macro_support::text(name))))
            .or_here(Self::__owned)
            .await
    }
    ///What is kept for a call of `load` with these arguments, if anything is. Nothing is loaded.
    #[must_use]
    pub async fn peek(
        id: u64,
        name: &str,
    ) -> ::tower_redis::macro_support::Option<Result<String, Error>> {
        Self::__key(&id, &name, |sought| Self::__cache().at(sought)).peek().await
    }
    ///Keeps `value` for calls of `load` with these arguments. A load under way does not overwrite it. An `Err` or a `None` is not kept, and removes what was.
    pub async fn put(id: u64, name: &str, value: Result<String, Error>) -> () {
        Self::__key(&id, &name, |sought| Self::__cache().at(sought))
            .put(
                &::tower_redis::macro_support::Terms::new()
                    .ttl(::tower_redis::macro_support::Duration::new(60, 0)),
                value,
            )
            .await
    }
    ///Runs the body of `load`, whatever is kept, and keeps what it gives. A load that began before it does not overwrite it.
    pub async fn refresh(id: u64, name: &str) -> Result<String, Error> {
        #[allow(deprecated)]
        let _ = load;
        let found = Self::__key(&id, &name, |sought| Self::__cache().at(sought));
        let terms = ::tower_redis::macro_support::Terms::new()
            .ttl(::tower_redis::macro_support::Duration::new(60, 0));
        found.refresh(&terms, Self::uncached(id, name)).await
    }
    ///Removes what is kept for a call of `load` with these arguments. What is being loaded for it is not kept.
    pub async fn invalidate(
        id: u64,
        name: &str,
    ) -> ::tower_redis::macro_support::Invalidated {
        Self::__key(&id, &name, |sought| Self::__cache().at(sought)).invalidate().await
    }
    ///Makes what is kept for a call of `load` with these arguments stale: it is loaded anew, and may answer until then as `stale_while_revalidate` and `stale_if_error` say. What is being loaded for it is not kept.
    pub async fn expire(
        id: u64,
        name: &str,
    ) -> ::tower_redis::macro_support::Invalidated {
        Self::__key(&id, &name, |sought| Self::__cache().at(sought)).expire().await
    }
    ///Removes everything that is kept for `load`.
    pub async fn clear() -> ::tower_redis::macro_support::Invalidated {
        Self::__cache().clear().await
    }
    ///The key of a call of `load` with these arguments, as it is written. In Redis it is the last part of the key.
    #[must_use]
    pub fn key(id: u64, name: &str) -> ::tower_redis::macro_support::String {
        Self::__key(&id, &name, |sought| Self::__cache().at(sought)).text()
    }
    ///What the cache of `load` has done so far.
    #[must_use]
    pub fn stats() -> ::tower_redis::macro_support::CacheStats {
        Self::__cache().stats()
    }
    #[doc(hidden)]
    pub fn __cached(
        id: &u64,
        name: &str,
    ) -> ::tower_redis::macro_support::Found<
        impl ::tower_redis::macro_support::Plan<Return = Result<String, Error>>,
    > {
        Self::__key(id, &name, |sought| Self::__cache().at(sought))
    }
}
