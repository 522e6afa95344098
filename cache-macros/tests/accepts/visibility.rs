//! The companion is seen where the function is.
mod outer {
    pub(crate) mod inner {
        #[tower_redis::cached]
        pub(in crate::visibility::outer) fn narrow(id: u64) -> u64 {
            id
        }

        #[tower_redis::cached]
        pub(crate) fn wide(id: u64) -> u64 {
            id
        }
    }

    pub(crate) fn both() {
        inner::narrow(1);
        inner::narrow::invalidate(1);
    }
}

use outer::inner::wide;

#[test]
fn is_accepted() {
    outer::both();
    wide(1);
    wide::invalidate(1);
}
