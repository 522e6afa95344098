impl Load for Db {
    ///Cached by `{self.id}:{id}` for `CACHE_DEFAULT_TTL`. It has no companions; `companion = name` gives those to a method that is not of a trait.
    #[allow(clippy::used_underscore_binding)]
    async fn load(&self, id: u64) -> Option<u64> {
        let found = {
            let mut key = ::tower_redis::macro_support::KeyWriter::exact(b":");
            use ::tower_redis::macro_support::probes::*;
            (&&&::tower_redis::macro_support::Part(&self.id)).write(&mut key);
            key.literal(":");
            (&&&::tower_redis::macro_support::Part(&id)).write(&mut key);
            key.sought(::tower_redis::macro_support::KeyWriter::written)
        }
            .sought(|sought| {
                {
                    static __SLOT: ::tower_redis::macro_support::Slot = ::tower_redis::macro_support::Slot::new();
                    ::tower_redis::macro_support::Cached::new(
                        &__SLOT,
                        {
                            use ::tower_redis::macro_support::probes::*;
                            (&&&::tower_redis::macro_support::Holds::of({
                                use ::tower_redis::macro_support::probes::*;
                                ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED
                                    .plan()
                            }))
                                .held()
                        },
                        ::tower_redis::macro_support::Code::around(|| {}),
                        |setup| {
                            let near = setup
                                .method(
                                    "load",
                                    1,
                                    ::tower_redis::macro_support::option_env!("CARGO_BIN_NAME"),
                                );
                            ::tower_redis::macro_support::shared(near)
                        },
                    )
                }
                    .within(&self.toolkit)
                    .at(sought)
            });
        if let ::tower_redis::macro_support::Some(hit) = found.hit() {
            return hit;
        }
        let terms = ::tower_redis::macro_support::Terms::new();
        let load = async move || -> Option<u64> {
            let id = id;
            self.get(id).await
        };
        found.load(terms, async move |_| load().await).await.value
    }
}
