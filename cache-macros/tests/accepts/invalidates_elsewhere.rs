//! Functions in modules, methods by every way to name them, and the library under another name.
mod inner {
    pub(crate) use tower_redis as cache;

    pub(crate) mod users {
        use tower_redis::cached;

        #[cached]
        pub(crate) fn name(id: u64) -> u64 {
            id
        }
    }
}

use inner::users;
use inner::users::name as called;

pub struct Shop<T>(T);

impl<T: Clone + Send + Sync + 'static> Shop<T> {
    #[inner::cache::cached(skip(self))]
    pub fn price(&self, id: u64) -> u64 {
        id
    }

    #[inner::cache::cached(near_only)]
    pub fn make(id: u64) -> Option<u64> {
        let none: Option<Self> = None;
        none.is_none().then_some(id)
    }

    #[inner::cache::invalidates(
        self.price(id),
        Self::price(self, id + 1),
        <Shop<T>>::price(self, 2),
        Shop::<T>::make(id),
        clear(Self::price, Self::make),
        crate = inner::cache,
    )]
    fn write(&self, id: u64) {
        self.price(id);
        Self::make(id);
    }
}

#[inner::cache::invalidates(users::name(id), called(id), crate::invalidates_elsewhere::inner::users::name(1), clear(users::name), crate = crate::invalidates_elsewhere::inner::cache)]
fn write(id: u64) -> u64 {
    id
}

macro_rules! writer {
    ($name:ident, $f:path, $argument:expr) => {
        #[inner::cache::invalidates($f($argument))]
        fn $name(id: u64) -> u64 {
            id
        }
    };
}

writer!(by_macro, called, 1);

#[test]
fn is_accepted() {
    Shop(1_u8).write(3);
    write(1);
    by_macro(1);
}
