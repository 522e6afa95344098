//! Invalidating what no handle is at hand for.

use crate::cache::Invalidated;
use crate::cache::far::{Wrong, invalidate};
use crate::error::Error;
use crate::store::Pattern;

use super::handle::Toolkit;

impl Toolkit {
    /// Removes every key that `pattern` means, as keys lie in Redis: from Redis, and from the caches of every
    /// process. What is being loaded for such a key is not stored.
    ///
    /// It is for keys that other programs know too: those of a function with `key = "user:{id}"`, and of a
    /// cache with [`exact_keys`](crate::cache::CacheBuilder::exact_keys). Without Redis these are removed
    /// from this process, and so they are from caches that are `near_only`; other processes do not hear of it for the
    /// latter.
    ///
    /// The pattern is one of Redis: `*` stands for any text, `?` for any character, `[abc]` and `[a-z]` for
    /// one of these, `[^a]` for any other; behind `\` a character stands for itself. Whatever matches goes, be it ours or
    /// not. It looks at every key of the database; prefer tags for what happens often.
    ///
    /// While Redis does not answer it is removed from this process, and
    /// [`Invalidated::reach`] is [`Reach::Pending`](crate::cache::Reach::Pending): Redis and the others are
    /// told when it answers, and before this process reads such a key there.
    ///
    /// ```
    /// # use tower_redis::Toolkit;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), tower_redis::Error> {
    /// # let toolkit = Toolkit::in_memory();
    /// toolkit.invalidate_pattern("cache:expensive_function:*").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When nothing in `pattern` stands for itself, as in `*`: it would mean every key there is.
    ///
    /// # Cancellation
    /// Dropped half-way, it is done in this process, and will be done in the others.
    pub async fn invalidate_pattern(&self, pattern: &str) -> Result<Invalidated, Error> {
        let pattern = Pattern::glob(pattern.as_bytes().to_vec());
        if pattern.is_wild() {
            return Err(Error::config(
                "the pattern to invalidate would mean every key there is; expected at least one character \
                 that stands for itself, as in \"user:*\"",
            ));
        }
        Ok(self.invalidate_matching(&pattern).await)
    }

    /// [`invalidate_pattern`](Self::invalidate_pattern) for every key that starts with `prefix`.
    ///
    /// # Errors
    /// When `prefix` is empty: it would mean every key there is.
    ///
    /// # Cancellation
    /// Dropped half-way, it is done in this process, and will be done in the others.
    pub async fn invalidate_prefix(&self, prefix: &str) -> Result<Invalidated, Error> {
        if prefix.is_empty() {
            return Err(Error::config(
                "the prefix to invalidate is empty, and would mean every key there is; expected at least one \
                 character, as in \"user:\"",
            ));
        }
        let pattern = Pattern::prefix(prefix.as_bytes());
        Ok(self.invalidate_matching(&pattern).await)
    }

    async fn invalidate_matching(&self, pattern: &Pattern) -> Invalidated {
        invalidate(&[Wrong::Matching(self.caches(), self.tagging(), pattern)]).await
    }
}
