///Cached by `id` for `CACHE_DEFAULT_TTL`, in this process only.
#[allow(clippy::used_underscore_binding, clippy::manual_async_fn)]
fn user(arg0: Path<u64>, arg1: State<Db>) -> impl Future<Output = Option<User>> + Send {
    ///The cache of the function `user`.
    #[allow(
        missing_copy_implementations,
        missing_debug_implementations,
        non_camel_case_types,
        unreachable_pub,
        clippy::exhaustive_enums
    )]
    enum __Cached {}
    impl __Cached {
        ///The body of `user`: nothing is looked up, and nothing kept.
        #[allow(
            unreachable_pub,
            clippy::missing_errors_doc,
            clippy::missing_panics_doc,
            clippy::must_use_candidate,
            clippy::unnecessary_wraps
        )]
        fn uncached(
            Path(id): Path<u64>,
            State(db): State<Db>,
        ) -> impl Future<Output = Option<User>> + Send {
            async move { db.get(id).await }
        }
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    impl __Cached {
        #[doc(hidden)]
        #[inline]
        fn __cache() -> ::tower_redis::macro_support::Cached<
            impl ::tower_redis::macro_support::Plan<Return = Option<User>>,
        > {
            static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
            ::tower_redis::macro_support::Cached::new(
                &__SLOT,
                {
                    use ::tower_redis::macro_support::probes::*;
                    (&&&::tower_redis::macro_support::Holds::of({
                        use ::tower_redis::macro_support::probes::*;
                        ::tower_redis::macro_support::Returns::<Option<User>>::ASKED
                            .plan()
                    }))
                        .held()
                },
                ::tower_redis::macro_support::Code::around(|| {}),
                |setup| {
                    setup
                        .function(
                            "user",
                            3,
                            ::tower_redis::macro_support::option_env!("CARGO_BIN_NAME"),
                        )
                },
            )
        }
        #[inline]
        fn __key<__R>(
            arg0: &Path<u64>,
            then: impl ::tower_redis::macro_support::FnOnce(
                ::tower_redis::macro_support::Sought<'_>,
            ) -> __R,
        ) -> __R {
            #[allow(unused_variables)]
            let Path(id) = &arg0;
            ::tower_redis::macro_support::KeyWriter::seek(
                &(::tower_redis::macro_support::part(&id),),
                then,
            )
        }
        async fn __owned((arg0, arg1): (Path<u64>, State<Db>)) -> Option<User> {
            Self::uncached(arg0, arg1).await
        }
        fn __start<__P: ::tower_redis::macro_support::Plan<Return = Option<User>>>(
            miss: ::tower_redis::macro_support::Miss<__P, (Path<u64>, State<Db>)>,
        ) -> ::tower_redis::macro_support::Start<__P, (Path<u64>, State<Db>)> {
            use ::tower_redis::macro_support::probes::*;
            (&&::tower_redis::macro_support::How::of(Self::__owned))
                .how()
                .start(miss, Self::__owned)
        }
        ///What `user` gives, and where it came from.
        #[must_use]
        async fn lookup(
            arg0: Path<u64>,
            arg1: State<Db>,
        ) -> ::tower_redis::macro_support::Lookup<Option<User>> {
            if let ::tower_redis::macro_support::Some(hit) = Self::__key(
                &arg0,
                |sought| Self::__cache().hit(sought),
            ) {
                return ::tower_redis::macro_support::near(hit);
            }
            let found = Self::__key(&arg0, |sought| Self::__cache().at(sought));
            let terms = ::tower_redis::macro_support::Terms::new();
            Self::__start(found.miss(terms, (arg0, arg1))).or_here(Self::__owned).await
        }
    }
    async move { __Cached::lookup(arg0, arg1).await.value }
}
