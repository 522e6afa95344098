//! Functions made by a macro of the user's can be cached.
use tower_redis::cached;

macro_rules! loaders {
    ($($name:ident: $ty:ty, $key:literal;)*) => {$(
        #[cached(key = $key, ttl = 60)]
        async fn $name(id: $ty, name: &str) -> Result<$ty, std::io::Error> {
            let _ = name;
            Ok(id)
        }
    )*};
}

loaders! {
    first: u8, "first:{id}";
    second: u16, "second:{id}:{name}";
}

#[test]
fn is_accepted() {
    drop(first(1, "a"));
    drop(second(1, "a"));
    drop(second::invalidate(1, "a"));
}
