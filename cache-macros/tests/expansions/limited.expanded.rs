///Rate limited: 100 per 1m, for each `login:{user}`.
async fn login(user: &str) -> Result<(), Refused> {
    let asking = {
        let limit = {
            static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
            ::tower_redis::macro_support::Rated::own(
                &__SLOT,
                || ::tower_redis::macro_support::Policy::new(
                    ::tower_redis::macro_support::policy_name(
                        ::tower_redis::macro_support::Code::around(|| {}),
                        "login",
                    ),
                    ::tower_redis::macro_support::Quota::new(
                        const {
                            ::tower_redis::macro_support::permits(
                                (100) as ::tower_redis::macro_support::i128,
                            )
                        },
                        const {
                            ::tower_redis::macro_support::period(
                                ::tower_redis::macro_support::Duration::new(60, 0),
                            )
                        },
                    ),
                ),
            )
        };
        let key = {
            let mut written = ::tower_redis::macro_support::KeyWriter::exact(b"");
            use ::tower_redis::macro_support::probes::*;
            written.literal("login:");
            (&&&::tower_redis::macro_support::Part(&user)).write(&mut written);
            written
        };
        limit.admit(&key, 1)
    };
    let _admitted = match asking.await {
        ::tower_redis::macro_support::Ok(_admitted) => _admitted,
        ::tower_redis::macro_support::Err(refused) => {
            return {
                use ::tower_redis::macro_support::probes::*;
                (&&&::tower_redis::macro_support::Refusal::<Result<(), Refused>>::of())
                    .refuse(refused)
            };
        }
    };
    let _ = user;
    Ok(())
}
///Rate limited by `logins`, for all calls together.
fn count(logins: &Limiter) -> u64 {
    let asking = {
        let limit = ::tower_redis::macro_support::Rated::given(&(logins));
        let key = ::tower_redis::macro_support::KeyWriter::new();
        limit.admit_blocking(&key, 1)
    };
    let _admitted = match asking {
        ::tower_redis::macro_support::Ok(_admitted) => _admitted,
        ::tower_redis::macro_support::Err(refused) => {
            return ::tower_redis::macro_support::on_limited(refused, |_| 0);
        }
    };
    1
}
impl Shop {
    ///Rate limited: 3 per 60s, 2 at once, for all calls together.
    #[allow(clippy::manual_async_fn)]
    fn price(&self) -> impl Future<Output = Result<u64, Refused>> {
        async move {
            let asking = {
                let limit = {
                    static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
                    ::tower_redis::macro_support::Rated::own(
                        &__SLOT,
                        || {
                            ::tower_redis::macro_support::Policy::new(
                                    ::tower_redis::macro_support::policy_name(
                                        ::tower_redis::macro_support::Code::around(|| {}),
                                        "price",
                                    ),
                                    ::tower_redis::macro_support::Quota::new(
                                            const {
                                                ::tower_redis::macro_support::permits(
                                                    (3) as ::tower_redis::macro_support::i128,
                                                )
                                            },
                                            const {
                                                ::tower_redis::macro_support::period(
                                                    ::tower_redis::macro_support::Duration::new(60, 0),
                                                )
                                            },
                                        )
                                        .burst(const {
                                            ::tower_redis::macro_support::burst(
                                                (2) as ::tower_redis::macro_support::i128,
                                            )
                                        }),
                                )
                                .ban(
                                    ::tower_redis::macro_support::Ban::after(
                                        const {
                                            ::tower_redis::macro_support::denials(
                                                (20) as ::tower_redis::macro_support::i128,
                                            )
                                        },
                                        const {
                                            ::tower_redis::macro_support::period(
                                                ::tower_redis::macro_support::Duration::new(60, 0),
                                            )
                                        },
                                    ),
                                )
                        },
                    )
                };
                let key = ::tower_redis::macro_support::KeyWriter::new();
                limit.admit(&key, 1)
            };
            let _admitted = match asking.await {
                ::tower_redis::macro_support::Ok(_admitted) => _admitted,
                ::tower_redis::macro_support::Err(refused) => {
                    return {
                        use ::tower_redis::macro_support::probes::*;
                        (&&&::tower_redis::macro_support::Refusal::<
                            Result<u64, Refused>,
                        >::of())
                            .refuse(refused)
                    };
                }
            };
            ::tower_redis::macro_support::call(move || -> _ { async { Ok(1) } }).await
        }
    }
}
