//! The attribute macros of `tower-redis`, which exports them. A program depends on that crate, not on
//! this one.

mod expand;
#[cfg(test)]
mod expansions;
mod paths;
mod plan;
mod problems;
mod run;
mod syntax;

#[doc = include_str!("../docs/cached.md")]
#[proc_macro_attribute]
pub fn cached(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    run::cached(attr.into(), item.into()).into()
}

/// Invalidates what a function makes wrong, once it has succeeded.
///
/// ```
/// use tower_redis::{cached, invalidates};
/// # #[derive(Debug)]
/// # struct DbError;
///
/// #[cached(ttl = "5m", tags("org:{org}"))]
/// async fn get_user(org: &str, id: u64) -> Option<String> {
///     // reads it from somewhere
/// #   let _ = org;
///     Some(id.to_string())
/// }
///
/// #[cached(ttl = "1h")]
/// async fn list_users(page: u32) -> Vec<String> {
/// #   let _ = page;
///     Vec::new()
/// }
///
/// #[invalidates(get_user(&org, id), clear(list_users), tags("names:{org}"))]
/// async fn rename(org: String, id: u64, name: String) -> Result<(), DbError> {
///     // writes it somewhere
/// #   let _ = (org, id, name);
///     Ok(())
/// }
///
/// # async fn example() -> Result<(), DbError> {
/// get_user("acme", 7).await;
/// rename("acme".to_owned(), 7, "Ada".to_owned()).await?;
/// assert_eq!(get_user::peek("acme", 7).await, None);
/// # Ok(())
/// # }
/// # // in memory nothing waits, so one step is all of it
/// # let example = std::pin::pin!(example());
/// # let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// # let ended = std::future::Future::poll(example, &mut context);
/// # assert!(matches!(ended, std::task::Poll::Ready(Ok(()))));
/// ```
///
/// It goes on functions and on methods, those of traits included; async or not, with type parameters, and on
/// functions that return `impl Future` or a boxed future. The function keeps its signature, and its
/// documentation says what it invalidates.
///
/// # What becomes wrong
///
/// | | |
/// |---|---|
/// | `get_user(&org, id)` | the answer of this call of a `#[cached]` function; a path like `shop::list(org, Some(page))` is fine |
/// | `self.price(item)`, `Self::price(self, item)` | that of a method, or of a function in an `impl` |
/// | `clear(list_users, Self::price)` | every answer of these functions |
/// | `expire(get_user(&org, id), tags("org:{org}"))` | the same, but they become stale and are not removed: they may answer while they are loaded anew, or when that fails, as far as their function allows it |
/// | `tags("users", "org:{org}")` | what carries one of these tags, in every cache |
/// | `prefix("users:{org}:")` | every key that begins so, as keys lie in Redis |
/// | `pattern("users:*:{id}")` | every key that matches: [`invalidate_pattern`](../tower_redis/struct.Toolkit.html#method.invalidate_pattern) |
///
/// A call takes what `invalidate` of that function takes, the arguments that make the key, and the compiler checks
/// them. Each may be any expression over the arguments and `self`; it is only borrowed, so that the body
/// may use them up: `by_name(name)` leaves `name` where it is. A function whose companions have another name
/// is called by that: `users(id)` for `companion = users`, `self.stock(item)` for `companion = stock`. One
/// without companions cannot be named; give it a tag, or companions.
///
/// What stands before the last `::` is taken for a type where it begins with a capital letter, and for a module otherwise. Write
/// `<lowercase>::price(..)` for a type that does not, and `self::tags(..)` for a function that has the name of one of
/// the lists.
///
/// In a text, `{id}` stands for an argument and `{user.id}` for a field of one, written as in a tag; in a
/// pattern it stands for itself, whatever it holds. In keys that have text between two placeholders, the first character
/// of that text is escaped in values, which a prefix does not know: name the function where that matters.
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `before` | it is done before the body runs, and not after |
/// | `before, after` | both |
/// | `toolkit = expression` | in this [`Toolkit`](../tower_redis/struct.Toolkit.html) instead of the one that each function uses where it is called |
/// | `crate = path` | where `tower_redis` is, if it has another name |
///
/// Done only before, it does not last: whoever reads while the body runs may load the old state again. It is for
/// a body that must not see what is kept, and for what must not be served once the work has begun.
///
/// # When
///
/// Keys and tags are written before the body runs. What they name is invalidated after it: after an `Ok` of a
/// `Result`, a `Some` of an `Option`, anything of any other type (aliases are seen through). After an `Err` or a `None` nothing is:
/// return `Ok` from a function that has changed something.
///
/// An async function returns when it is done everywhere, and one on a thread blocks until then: all of it takes
/// one round trip for keys and two for tags, at the same time, and a scan of all keys for a prefix or a pattern.
/// Without Redis nothing waits and keys are not allocated.
///
/// When Redis does not answer, it is done in this process, and the function returns what its body did, after the
/// time that a call to Redis may take. Redis and the others are told when it answers, and before this process reads there what it
/// concerns ([`Reach::Pending`](../tower_redis/cache/enum.Reach.html)).
///
/// # Cancellation and panics
///
/// When the future is dropped while its body runs, nobody knows whether what it wrote was written. An
/// invalidation too many costs a load; one too few leaves what is wrong until its time is over. So it is done
/// when the future is dropped, and when the body panics: in this process at once, in Redis and the others
/// without anybody waiting for it, within about a second. It is as with an invalidation that is dropped half-way.
/// Where the write goes on elsewhere, in a task of its own or in a database that has not been told, what is
/// loaded in between may be old: put the attribute on what really runs to its end.
///
/// A future that was never polled has done nothing, and neither has one with only `before` by being dropped.
#[proc_macro_attribute]
pub fn invalidates(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    run::invalidates(attr.into(), item.into()).into()
}

/// Makes a type a key of caches, by its fields.
///
/// ```
/// use tower_redis::cached;
/// use tower_redis::key::CacheKey;
///
/// #[derive(Clone, CacheKey)]
/// struct Search {
///     words: String,
///     page: u32,
///     #[cache_key(skip)]
///     trace: u64,
/// }
///
/// #[cached(ttl = 60)]
/// async fn search(search: Search) -> Vec<String> {
///     // asked once a minute for the same words and page
/// #   vec![search.words]
/// }
///
/// # async fn example() {
/// # let (words, page) = ("rust".to_owned(), 1);
/// search(Search { words, page, trace: 7 }).await;
/// # }
/// # let search = Search { words: "a b".to_owned(), page: 1, trace: 7 };
/// # assert_eq!(search::key(search), "a%20b:1");
/// ```
///
/// It implements the trait `CacheKey` and, for a `Cache` by that very type, lifetimes included, `KeyFor`.
///
/// | type | its key |
/// |---|---|
/// | a struct with one field | that of the field |
/// | a struct with several | the fields as a tuple, in their order: `rust:1` |
/// | an enum | the name of the variant, and its fields behind it: `ById:7` |
///
/// What lies in Redis is found by these: names of variants and the order of fields are part of how it is stored. Whoever
/// renames a variant does not find what is there. Whoever changes the order of fields, lets names of variants change
/// places or skips another field **finds what belongs to another value**, since `a:b` now means something else: give the
/// cache another `name`, or a function another `key`, with such a change.
///
/// | option | meaning |
/// |---|---|
/// | `#[cache_key(skip)]` on a field | it is no part of the key |
/// | `#[cache_key(crate = path)]` on the type | where `tower_redis` is, if it has another name |
///
/// Type parameters of fields that count are keys themselves. Floats and handles, `union`s, and more than 12 fields (11 in a variant) are
/// refused.
#[proc_macro_derive(CacheKey, attributes(cache_key))]
pub fn cache_key(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    run::cache_key(input.into()).into()
}

#[doc = include_str!("../docs/rate_limited.md")]
#[proc_macro_attribute]
pub fn rate_limited(
    attr: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    run::rate_limited(attr.into(), item.into()).into()
}
