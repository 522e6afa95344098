//! What a load may say about what it brings, and what it is shown.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use super::hold::{Hold, Pointed};
use super::made::Made;

/// What a load brings, and what it says about it: how long it lives, and which tags it has.
///
/// ```
/// # use std::convert::Infallible;
/// # use std::time::Duration;
/// # use tower_redis::Toolkit;
/// use tower_redis::cache::Fresh;
///
/// # #[derive(Clone, serde::Serialize, serde::Deserialize)]
/// # struct Page { org: u64, max_age: u64 }
/// # async fn fetch(_: u64) -> Result<Page, Infallible> { Ok(Page { org: 7, max_age: 30 }) }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pages = Toolkit::in_memory().cache::<u64, Page>("pages").build()?;
/// let found = pages.entry(&1).load_with(|_| async {
///     let page = fetch(1).await?;
///     let (life, tag) = (Duration::from_secs(page.max_age), format!("org:{}", page.org));
///     Ok::<_, Infallible>(Fresh::new(page).ttl(life).tag(tag))
/// });
/// assert_eq!(found.await.value?.org, 7);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "a load returns it"]
pub struct Fresh<V: Clone + Send + Sync + 'static> {
    value: Pointed<V>,
    ttl: Option<Duration>,
    tags: Vec<String>,
}

impl<V: Clone + Send + Sync + 'static> Fresh<V> {
    /// A value.
    pub fn new(value: V) -> Self {
        Self::of(Pointed::hold(value))
    }

    fn of(value: Pointed<V>) -> Self {
        Self {
            value,
            ttl: None,
            tags: Vec::new(),
        }
    }

    /// It lives for `ttl`, whatever the call and the cache say. Zero stores nothing.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// It becomes unusable when `tag` is invalidated, also when that happened while it was loaded, as with
    /// [`tags_with`](super::CacheBuilder::tags_with).
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tags.push(tag.into());
        self
    }

    pub(super) fn made(self) -> Made<Pointed<V>> {
        let Self { value, ttl, tags } = self;
        Made { value, ttl, tags }
    }
}

impl<V: Clone + Send + Sync + 'static> fmt::Debug for Fresh<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fresh")
            .field("ttl", &self.ttl)
            .finish_non_exhaustive()
    }
}

/// What was there before a load: an `ETag` in it may save the load most of its work.
///
/// It is shown as long as it is kept: see [`keep_for_revalidation`].
///
/// [`keep_for_revalidation`]: super::CacheBuilder::keep_for_revalidation
pub struct Previous<V: Clone + Send + Sync + 'static>(Pointed<V>);

impl<V: Clone + Send + Sync + 'static> Previous<V> {
    pub(super) fn of(value: Pointed<V>) -> Self {
        Self(value)
    }

    /// It is still right, and lives anew.
    pub fn unchanged(self) -> Fresh<V> {
        Fresh::of(self.0)
    }
}

impl<V: Clone + Send + Sync + 'static> Deref for Previous<V> {
    type Target = V;

    fn deref(&self) -> &V {
        self.0.value()
    }
}

impl<V: Clone + Send + Sync + 'static> fmt::Debug for Previous<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Previous").finish_non_exhaustive()
    }
}
