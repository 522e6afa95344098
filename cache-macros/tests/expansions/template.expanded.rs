///Cached by `user:{user.id}` for `CACHE_DEFAULT_TTL`; tags `users`.
#[allow(clippy::used_underscore_binding)]
async fn profile<S: Source>(source: &S, user: &User) -> Option<Profile> {
    profile::lookup::<S>(source, user).await.value
}
///The cache of the function `profile`.
#[allow(
    missing_copy_implementations,
    missing_debug_implementations,
    non_camel_case_types,
    unreachable_pub,
    clippy::exhaustive_enums
)]
enum profile {}
impl profile {
    ///The body of `profile`: nothing is looked up, and nothing kept.
    #[allow(
        unreachable_pub,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc,
        clippy::must_use_candidate,
        clippy::unnecessary_wraps
    )]
    async fn uncached<S: Source>(source: &S, user: &User) -> Option<Profile> {
        let _ = &user;
        source.get(user.id).await
    }
}
#[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
impl profile {
    #[doc(hidden)]
    #[inline]
    fn __cache() -> kit::redis::macro_support::Cached<
        impl kit::redis::macro_support::Plan<Return = Option<Profile>>,
    > {
        static __SLOT: kit::redis::macro_support::Slot = kit::redis::macro_support::Slot::new();
        kit::redis::macro_support::Cached::new(
            &__SLOT,
            {
                use kit::redis::macro_support::probes::*;
                (&&&kit::redis::macro_support::Holds::of({
                    use kit::redis::macro_support::probes::*;
                    kit::redis::macro_support::Returns::<Option<Profile>>::ASKED.plan()
                }))
                    .held()
            },
            kit::redis::macro_support::Code::around(|| {}),
            |setup| {
                let near = setup
                    .function(
                        "profile",
                        2,
                        kit::redis::macro_support::option_env!("CARGO_BIN_NAME"),
                    )
                    .exact("user:*")
                    .capacity(const {
                        kit::redis::macro_support::capacity(
                            (100) as kit::redis::macro_support::i128,
                        )
                    });
                kit::redis::macro_support::shared(near)
            },
        )
    }
    #[inline]
    fn __key<__R>(
        user: &&User,
        then: impl kit::redis::macro_support::FnOnce(
            kit::redis::macro_support::Sought<'_>,
        ) -> __R,
    ) -> __R {
        {
            let mut key = kit::redis::macro_support::KeyWriter::exact(b"");
            use kit::redis::macro_support::probes::*;
            key.literal("user:");
            (&&&kit::redis::macro_support::Part(&user.id)).write(&mut key);
            key.sought(then)
        }
    }
    ///What `profile` gives, and where it came from.
    #[must_use]
    async fn lookup<S: Source>(
        source: &S,
        user: &User,
    ) -> kit::redis::macro_support::Lookup<Option<Profile>> {
        #[allow(deprecated)]
        let _ = profile::<S>;
        if let kit::redis::macro_support::Some(hit) = Self::__key(
            &user,
            |sought| Self::__cache().hit(sought),
        ) {
            return kit::redis::macro_support::near(hit);
        }
        let found = Self::__key(&user, |sought| Self::__cache().at(sought));
        let terms = kit::redis::macro_support::Terms::new()
            .tag(|tag| {
                tag.literal("users");
            });
        found.load(terms, |_| Self::uncached::<S>(source, user)).await
    }
    ///What is kept for a call of `profile` with these arguments, if anything is. Nothing is loaded.
    #[must_use]
    async fn peek(user: &User) -> kit::redis::macro_support::Option<Option<Profile>> {
        Self::__key(&user, |sought| Self::__cache().at(sought)).peek().await
    }
    ///Keeps `value` for calls of `profile` with these arguments. A load under way does not overwrite it. An `Err` or a `None` is not kept, and removes what was.
    async fn put(user: &User, value: Option<Profile>) -> () {
        Self::__key(&user, |sought| Self::__cache().at(sought))
            .put(
                &kit::redis::macro_support::Terms::new()
                    .tag(|tag| {
                        tag.literal("users");
                    }),
                value,
            )
            .await
    }
    ///Runs the body of `profile`, whatever is kept, and keeps what it gives. A load that began before it does not overwrite it.
    async fn refresh<S: Source>(source: &S, user: &User) -> Option<Profile> {
        #[allow(deprecated)]
        let _ = profile::<S>;
        let found = Self::__key(&user, |sought| Self::__cache().at(sought));
        let terms = kit::redis::macro_support::Terms::new()
            .tag(|tag| {
                tag.literal("users");
            });
        found.refresh(&terms, Self::uncached::<S>(source, user)).await
    }
    ///Removes what is kept for a call of `profile` with these arguments. What is being loaded for it is not kept.
    async fn invalidate(user: &User) -> kit::redis::macro_support::Invalidated {
        Self::__key(&user, |sought| Self::__cache().at(sought)).invalidate().await
    }
    ///Makes what is kept for a call of `profile` with these arguments stale: it is loaded anew, and may answer until then as `stale_while_revalidate` and `stale_if_error` say. What is being loaded for it is not kept.
    async fn expire(user: &User) -> kit::redis::macro_support::Invalidated {
        Self::__key(&user, |sought| Self::__cache().at(sought)).expire().await
    }
    ///Removes everything that is kept for `profile`.
    async fn clear() -> kit::redis::macro_support::Invalidated {
        Self::__cache().clear().await
    }
    ///The key of a call of `profile` with these arguments, as it is written. It is the key in Redis.
    #[must_use]
    fn key(user: &User) -> kit::redis::macro_support::String {
        Self::__key(&user, |sought| Self::__cache().at(sought)).text()
    }
    ///What the cache of `profile` has done so far.
    #[must_use]
    fn stats() -> kit::redis::macro_support::CacheStats {
        Self::__cache().stats()
    }
    #[doc(hidden)]
    fn __cached(
        user: &User,
    ) -> kit::redis::macro_support::Found<
        impl kit::redis::macro_support::Plan<Return = Option<Profile>>,
    > {
        Self::__key(&user, |sought| Self::__cache().at(sought))
    }
}
