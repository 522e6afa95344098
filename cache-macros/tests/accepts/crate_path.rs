//! The library can be anywhere, and be the only thing of ours that the user names.
mod kit {
    pub mod deep {
        pub use tower_redis as redis;
    }

    macro_rules! counted {
        ($name:ident) => {
            #[$crate::crate_path::kit::deep::redis::cached(crate = $crate::crate_path::kit::deep::redis, ttl = 60)]
            fn $name(id: u64) -> u64 {
                id
            }
        };
    }
    pub(crate) use counted;
}

mod user {
    use super::kit::deep::redis;

    /// Nothing of this name is meant.
    #[allow(dead_code)]
    mod tower_redis {}

    #[redis::cached(crate = redis, key = "user:{id}", tags("users"), ttl = "1m", capacity = 3)]
    pub(crate) async fn load(id: u64, name: &str) -> Option<u64> {
        let _ = name;
        Some(id)
    }

    pub(crate) struct Shop(pub(crate) u64);

    impl Shop {
        #[redis::cached(crate = super::kit::deep::redis, key = "{self.0}")]
        pub(crate) fn price(&self) -> u64 {
            self.0
        }
    }
}

kit::counted!(count);

#[test]
fn is_accepted() {
    drop(user::load(1, "a"));
    drop(user::load::invalidate(1));
    user::Shop(1).price();
    let _ = user::Shop(1).price_peek();
    assert_eq!(count(1), 1);
}
