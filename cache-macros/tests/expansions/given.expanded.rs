impl Shop {
    ///Cached by `item` for as long as its cache says.
    #[allow(clippy::used_underscore_binding)]
    async fn price(&self, item: &str) -> Option<u64> {
        self.price_lookup(item).await.value
    }
    ///The body of `price`: nothing is looked up, and nothing kept.
    #[allow(
        unreachable_pub,
        clippy::missing_errors_doc,
        clippy::missing_panics_doc,
        clippy::must_use_candidate,
        clippy::unnecessary_wraps
    )]
    async fn price_uncached(&self, item: &str) -> Option<u64> {
        self.ask(item).await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    #[doc(hidden)]
    #[inline]
    fn __price_cache(
        &self,
    ) -> ::tower_redis::macro_support::Cached<
        impl ::tower_redis::macro_support::Plan<Return = Option<u64>>,
    > {
        ::tower_redis::macro_support::Cached::given(
            {
                use ::tower_redis::macro_support::probes::*;
                ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
            },
            &self.prices,
        )
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///What `price` gives, and where it came from.
    #[must_use]
    async fn price_lookup(
        &self,
        item: &str,
    ) -> ::tower_redis::macro_support::Lookup<Option<u64>> {
        #[allow(deprecated)]
        let _ = Self::price;
        let found = ::tower_redis::macro_support::Cached::given_at(
            {
                use ::tower_redis::macro_support::probes::*;
                ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
            },
            &self.prices,
            &item,
        );
        if let ::tower_redis::macro_support::Some(hit) = found.hit() {
            return ::tower_redis::macro_support::near(hit);
        }
        let terms = ::tower_redis::macro_support::Terms::new();
        found.load(terms, |_| self.price_uncached(item)).await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///What is kept for a call of `price` with these arguments, if anything is. Nothing is loaded.
    #[must_use]
    async fn price_peek(
        &self,
        item: &str,
    ) -> ::tower_redis::macro_support::Option<Option<u64>> {
        ::tower_redis::macro_support::Cached::given_at(
                {
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
                },
                &self.prices,
                &item,
            )
            .peek()
            .await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///Keeps `value` for calls of `price` with these arguments. A load under way does not overwrite it. An `Err` or a `None` is not kept, and removes what was.
    async fn price_put(&self, item: &str, value: Option<u64>) -> () {
        ::tower_redis::macro_support::Cached::given_at(
                {
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
                },
                &self.prices,
                &item,
            )
            .put(&::tower_redis::macro_support::Terms::new(), value)
            .await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///Runs the body of `price`, whatever is kept, and keeps what it gives. A load that began before it does not overwrite it.
    async fn price_refresh(&self, item: &str) -> Option<u64> {
        #[allow(deprecated)]
        let _ = Self::price;
        let found = ::tower_redis::macro_support::Cached::given_at(
            {
                use ::tower_redis::macro_support::probes::*;
                ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
            },
            &self.prices,
            &item,
        );
        let terms = ::tower_redis::macro_support::Terms::new();
        found.refresh(&terms, self.price_uncached(item)).await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///Removes what is kept for a call of `price` with these arguments. What is being loaded for it is not kept.
    async fn price_invalidate(
        &self,
        item: &str,
    ) -> ::tower_redis::macro_support::Invalidated {
        ::tower_redis::macro_support::Cached::given_at(
                {
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
                },
                &self.prices,
                &item,
            )
            .invalidate()
            .await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///Makes what is kept for a call of `price` with these arguments stale: it is loaded anew, and may answer until then as `stale_while_revalidate` and `stale_if_error` say. What is being loaded for it is not kept.
    async fn price_expire(
        &self,
        item: &str,
    ) -> ::tower_redis::macro_support::Invalidated {
        ::tower_redis::macro_support::Cached::given_at(
                {
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
                },
                &self.prices,
                &item,
            )
            .expire()
            .await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///Removes everything that is kept for `price`.
    async fn price_clear(&self) -> ::tower_redis::macro_support::Invalidated {
        self.__price_cache().clear().await
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///The key of a call of `price` with these arguments, as it is written. In Redis it is the last part of the key.
    #[must_use]
    fn price_key(&self, item: &str) -> ::tower_redis::macro_support::String {
        ::tower_redis::macro_support::Cached::given_at(
                {
                    use ::tower_redis::macro_support::probes::*;
                    ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
                },
                &self.prices,
                &item,
            )
            .text()
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    ///What the cache of `price` has done so far.
    #[must_use]
    fn price_stats(&self) -> ::tower_redis::macro_support::CacheStats {
        self.__price_cache().stats()
    }
    #[allow(unreachable_pub, clippy::all, clippy::nursery, clippy::pedantic)]
    #[allow(dead_code)]
    #[doc(hidden)]
    fn __cached_price(
        &self,
        item: &str,
    ) -> ::tower_redis::macro_support::Found<
        impl ::tower_redis::macro_support::Plan<Return = Option<u64>>,
    > {
        ::tower_redis::macro_support::Cached::given_at(
            {
                use ::tower_redis::macro_support::probes::*;
                ::tower_redis::macro_support::Returns::<Option<u64>>::ASKED.plan()
            },
            &self.prices,
            &item,
        )
    }
}
