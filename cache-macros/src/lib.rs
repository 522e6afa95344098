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

/// Caches what a function returns, by its arguments.
///
/// ```
/// use tower_redis::cached;
/// # #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// # struct Quote;
///
/// #[cached(ttl = 60)]
/// async fn quote(symbol: &str) -> Result<Quote, std::io::Error> {
///     // asked once a minute for each symbol, however many ask
/// #   let _ = symbol;
///     Ok(Quote)
/// }
///
/// # async fn example() {
/// quote("ACME").await;               // runs the body
/// quote("ACME").await;               // finds the answer
/// quote::invalidate("ACME").await;   // and it is gone
/// # }
/// ```
///
/// It goes on free functions and on methods: `async fn`, `fn`, and `fn` that returns
/// `impl Future<Output = T>` or a boxed future, as `#[async_trait]` makes them. Of many calls with the
/// same arguments at the same time one runs the body; the others wait for it and get the same answer.
/// The cache is that of the installed toolkit, or of the one whose scope the call is made in; `toolkit`
/// and `cache` name another.
///
/// # What is kept
///
/// `Ok` of a `Result`, `Some` of an `Option`, anything of any other type; aliases like `io::Result` are
/// seen through. `Err` and `None` are not kept, but those who waited for that call get them too: a
/// `Clone` error is cloned, an `io::Error` keeps its kind, and one that can hold another
/// (`anyhow::Error`, `Box<dyn Error + Send + Sync>`) is wrapped with the original as its source. Where
/// none of that can be done everybody who waited runs the body, a few at a time.
///
/// The kept value is `Clone + Send + Sync + 'static`; every call gets a clone. Use an `Arc` for what is
/// costly to clone, and write the lifetimes of a type that has some (`Row<'_>` for `Row`), so that one
/// that borrows is refused where it stands. And it can travel: `serde` can write and read it
/// ([`CacheValue`](../tower_redis/codec/trait.CacheValue.html)), since with `REDIS_URL` set it is shared
/// with every other instance, as JSON. `near_only` keeps it in this process, for what cannot travel or
/// should not.
///
/// # Options
///
/// | option | meaning | when left out |
/// |---|---|---|
/// | `ttl = 60` | seconds a value lives | `CACHE_DEFAULT_TTL` |
/// | `ttl = "1h30m"` | the same as a duration, in `d`, `h`, `m`, `s`, `ms` | |
/// | `ttl = expression` | the same as a `Duration`, evaluated when a load begins, with the arguments in scope; zero keeps nothing | |
/// | `key = "user:{id}"` | what tells calls apart, see below | all arguments |
/// | `skip(db, trace)` | arguments that do not tell calls apart; with `key` a reminder that it leaves them out | none |
/// | `tags("users", "org:{org}")` | an answer is unusable once one of its tags is invalidated; placeholders as in `key` | none |
/// | `capacity = 10_000` | answers held in this process, a constant of any integer type | 10,000 |
/// | `name = "users"` | the name in stats and metrics | module path and function |
/// | `companion = name` | another name for the companion, see below | the function's |
/// | `companion = none` | no companions | |
/// | `near_only` | nothing of it travels to Redis | shared where there is Redis |
/// | `toolkit = self.toolkit` | the toolkit whose cache is used, whichever is current | the current one |
/// | `cache = self.users` | the cache that is used, a [`Cache`](../tower_redis/cache/struct.Cache.html), see below | one of the function's own |
/// | `crate = my_kit::redis` | where the library is, for who gets it from elsewhere | `::tower_redis` |
///
/// # Keys
///
/// Without `key`, all arguments that are not skipped make the key, each a
/// [`CacheKey`](../tower_redis/key/trait.CacheKey.html), in order; different arguments never share a
/// key. Finding an answer neither allocates nor clones an argument.
///
/// With `key` the template is the key: `{id}` stands for an argument, `{user.id}` for a field of one,
/// `{{` and `}}` for braces. A placeholder is written as a `CacheKey` where its type is one, and as it
/// prints otherwise. Between two placeholders stands text that begins with a character like `:` or
/// `-`, which is escaped in the values, so that here, too, different values never share a key.
///
/// In Redis, a template that begins with text *is* the key, and the value under it is plain JSON and
/// nothing else, so that other programs can read and write it: `key = "user_profile:{id}"` is
/// `GET user_profile:7`. It is yours to choose one that nothing else uses. (With `tags`, a line stands in
/// front of the value.) Every other key stands behind the namespace, the function and a fingerprint of
/// the value's type, so that nothing else uses it, another version of the program included:
/// `tr:c:shop/quotes/quote.1a2b3c4d:ACME`.
///
/// An argument that the function takes apart counts by what it binds: `Path(id): Path<u64>` is `{id}`, and
/// without `key` it is `id` that counts. What a pattern leaves out, the body cannot use, and it does not
/// count. In `ttl`, `toolkit` and `cache` what a pattern binds is a reference.
///
/// # A cache that is given
///
/// With `cache = expression` the function keeps its answers in that `Cache<K, V>`, where others can use
/// them too. `V` is what is kept of an answer, and the key of a call is a `K`: all arguments that are not
/// skipped, as a tuple where there are several, or what `key` says, which is then an expression:
///
/// ```
/// # use tower_redis::{cache::Cache, cached};
/// struct Shop {
///     id: u64,
///     prices: Cache<String, u64>,
///     stock: Cache<(u64, String), u32>,
/// }
///
/// impl Shop {
///     #[cached(cache = self.prices)]
///     pub async fn price(&self, item: &str) -> Option<u64> {
/// #       let _ = item;
///         Some(self.id)
///     }
///
///     #[cached(cache = self.stock, key = (self.id, item))]
///     pub async fn amount(&self, item: &str) -> Result<u32, std::io::Error> {
/// #       let _ = item;
///         Ok(0)
///     }
/// }
/// ```
///
/// The compiler checks both types. A cache of `self` accounts for `self`: where several objects share it,
/// name what tells them apart. How long values live, unless `ttl` says, how many there are, what they are
/// called and whether they travel is said where the cache is made.
///
/// `toolkit` and `cache` are evaluated at each call, with the arguments in scope; companions that take no
/// others take the arguments that they name.
///
/// # Companions
///
/// Beside a function `quote` there is a type `quote` with functions of the same visibility. They are
/// async where the function is.
///
/// | | |
/// |---|---|
/// | `quote::invalidate(symbol)` | removes the answer, everywhere; what is being loaded for it is not kept |
/// | `quote::peek(symbol)` | the answer that is kept, without loading |
/// | `quote::put(symbol, answer)` | keeps `answer`; an `Err` or a `None` removes what was kept |
/// | `quote::refresh(symbol)` | runs the body and keeps its answer |
/// | `quote::lookup(symbol)` | like the function, telling where the answer came from |
/// | `quote::clear()` | removes all answers |
/// | `quote::uncached(symbol)` | the body itself: nothing is looked up, and nothing kept |
/// | `quote::key(symbol)` | the key as text; never async |
/// | `quote::stats()` | the [counts](../tower_redis/cache/struct.CacheStats.html) of the function's cache; never async |
///
/// A function that makes answers wrong says so with [`#[invalidates]`](macro@invalidates).
///
/// `refresh`, `lookup` and `uncached` take all arguments, `invalidate`, `peek` and `key` those that make
/// the key, `put` those and the ones that `tags` and `ttl` name.
///
/// `key` gives the key as it is written. For a template that begins with text that is the key in Redis, for
/// `GET` in `redis-cli`; for every other it is what follows the namespace, the function and the
/// fingerprint: `ACME` in `tr:c:shop/quotes/quote.1a2b3c4d:ACME`, and `7:a%20b` for two arguments.
///
/// In an `impl` the companions are methods beside the method: `price_invalidate` beside `pub fn price`, or
/// `stock_invalidate` with `companion = stock`. An `impl` of a trait takes no other methods, and a method
/// of a trait has no visibility; so a method without one has companions only where `companion` names them.
/// An associated function that says neither `self` nor `Self` cannot be told from a free function: it
/// needs `companion = none` in an `impl` of a trait.
///
/// # Methods
///
/// What of `self` tells calls apart has to be said: name it in the key, `key = "{self.id}:{item}"`, or
/// say that nothing does, with `skip(self)`.
///
/// ```
/// # use tower_redis::cached;
/// # struct Shop { id: u64 }
/// impl Shop {
///     #[cached(ttl = "5m", key = "price:{self.id}:{item}")]
///     pub async fn price(&self, item: &str) -> Option<u64> {
/// #       let _ = item;
///         Some(self.id)
///     }
/// }
/// ```
///
/// # Cancellation
///
/// The body of an async function runs in a task of its own, and goes on when the calls that wait for it
/// are dropped, if it is `Send`, if there is a Tokio runtime and if the task can own the arguments: what
/// is taken by value, `&str`, `&[T]`, references to numbers, and `Option`s of these. Otherwise it runs
/// inside the first call and is dropped with it; another call that waits runs the body then. Methods
/// with `self` and generic functions always do the latter, and so does `refresh`.
///
/// # Panics
///
/// A panic of the body reaches the call that ran it; the others run the body themselves, a few at a time.
///
/// # Errors
///
/// What cannot be cached is refused where it stands: `const`, `unsafe` and `extern` functions, `&mut`
/// arguments, `impl Trait` in arguments, values that borrow or depend on a type parameter, a generic
/// function without `key`, a `key` that names none of the arguments. So is what cannot be part of a key: a
/// float, since numbers that look equal differ in their last bits, and a handle, such as a pool, a lock, a
/// channel, or `State(db)` of a handler, for which there is `skip(db)`. An argument whose type borrows
/// without saying so (`Ref` for `Ref<'_>`) is refused by the compiler; write the lifetime.
///
/// # What is generated
///
/// A paragraph at the end of the function's documentation says by what it is cached, and for how long. The
/// rest are calls of the library; `cache-macros/tests/expansions` shows them. Generated code names nothing but
/// the library, so it does not depend on what is in scope, and the lints of the user's crate hold for the
/// body alone.
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
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), DbError> {
/// get_user("acme", 7).await;
/// rename("acme".to_owned(), 7, "Ada".to_owned()).await?;
/// assert_eq!(get_user::peek("acme", 7).await, None);
/// # Ok(())
/// # }
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
