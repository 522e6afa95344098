//! Removing what is stored, here and everywhere.

use std::sync::Arc;

use http::Uri;

use crate::cache::Invalidated;
use crate::cache::tags::Severity;
use crate::error::Error;
use crate::key::KeyWriter;

use super::key::{keys, origins, starts};
use super::shared::Shared;
use super::tags::group;

/// URLs and tags to be purged.
#[derive(Debug)]
pub(crate) struct Purge {
    shared: Arc<Shared>,
    keys: Vec<KeyWriter>,
    tags: Vec<String>,
}

impl Purge {
    /// Of the URLs with these keys, and of what has these tags.
    pub(crate) fn of(shared: &Arc<Shared>, urls: Vec<KeyWriter>, mut tags: Vec<String>) -> Self {
        let more = shared.rules.key.has_more();
        if more {
            tags.extend(urls.iter().map(|url| shared.url_tag(url)));
        }
        Self {
            shared: Arc::clone(shared),
            keys: if more { Vec::new() } else { urls },
            tags,
        }
    }

    /// Cancellation: dropped half-way, it is done in this process, and will be done in the others.
    pub(crate) async fn run(&self, severity: Severity) -> Invalidated {
        let engine = &self.shared.engine;
        let of_keys = match severity {
            _ if self.keys.is_empty() => Invalidated::dropping(0),
            Severity::Remove => engine.invalidate_many(&self.keys).await,
            Severity::Expire => engine.expire_many(&self.keys).await,
        };
        if self.tags.is_empty() {
            return of_keys;
        }
        let of_tags = engine.tagging().invalidate(&self.tags, severity).await;
        of_keys.and(of_tags)
    }
}

/// Purges what a cache layer has stored, in every process that shares it. Made by
/// [`CacheLayer::purger`](super::CacheLayer::purger); clones do the same.
///
/// What it returns says how far it got: while Redis does not answer, [`Reach::Pending`](crate::cache::Reach::Pending):
/// it is done in this process, and the others are told when Redis is back.
///
/// ```
/// use tower_redis::Toolkit;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tower_redis::Error> {
/// let layer = Toolkit::in_memory().cache_layer();
/// let purger = layer.purger();
/// purger.uri("https://example.com/report?of=may").await?;
/// purger.tags(&["org:acme"]).await;
/// purger.soft().prefix("https://example.com/static/").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
/// A call that is dropped half-way is done in this process, and will be done in the others.
#[derive(Debug, Clone)]
pub struct Purger {
    shared: Arc<Shared>,
    severity: Severity,
}

impl Purger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            severity: Severity::Remove,
        }
    }

    /// The same, but what is purged is stale from then on and not gone: it is validated before it answers, and may
    /// still answer by itself where something stale may (`stale-while-revalidate`, `stale-if-error`, an origin that is
    /// away). It is kept for an hour. [`prefix`](Self::prefix) and [`all`](Self::all) remove all the same.
    #[must_use]
    pub fn soft(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            severity: Severity::Expire,
        }
    }

    /// All that is stored for a URL, as clients ask for it: `https://example.com/report?of=may`, or `/report?of=may` for
    /// requests that name no host. Whether it was asked for by `http` or `https` makes no difference.
    ///
    /// # Errors
    /// When it is no such URL.
    pub async fn uri(&self, uri: &str) -> Result<Invalidated, Error> {
        let (authority, path) = parsed(uri)?;
        let urls = keys(&self.shared.rules.key, &authority, &path);
        let purge = Purge::of(&self.shared, urls.into(), Vec::new());
        Ok(purge.run(self.severity).await)
    }

    /// All that has one of these tags, as responses tell them in `Cache-Tag` or `Surrogate-Key`. The tags of functions
    /// and caches of the same toolkit are the same: it is [`Toolkit::invalidate_tags`](crate::Toolkit::invalidate_tags).
    /// It costs the same for one response and for a million.
    pub async fn tags<T: AsRef<str>>(&self, tags: &[T]) -> Invalidated {
        self.shared
            .engine
            .tagging()
            .invalidate(tags, self.severity)
            .await
    }

    /// All that is in one of these groups of an origin (RFC 9875), as `https://example.com`.
    ///
    /// # Errors
    /// When it is no origin.
    pub async fn groups<G: AsRef<str>>(
        &self,
        origin: &str,
        groups: &[G],
    ) -> Result<Invalidated, Error> {
        let (authority, _) = parsed(origin)?;
        let within = |origin: &String| {
            let groups = groups.iter().map(|name| group(origin, name.as_ref()));
            groups.collect::<Vec<_>>()
        };
        let tags: Vec<_> = origins(&authority).iter().flat_map(within).collect();
        Ok(self.tags(&tags).await)
    }

    /// All whose URL begins so: `https://example.com/static/`, or `/static/` for requests that name no host. It looks at
    /// every key in Redis; prefer tags for what happens often.
    ///
    /// # Errors
    /// When it is no beginning of a URL, and when it goes on into the query: `https://example.com/list` takes every
    /// query with it.
    pub async fn prefix(&self, uri: &str) -> Result<Invalidated, Error> {
        let (authority, path) = parsed(uri)?;
        if let Some((path, _)) = path.split_once('?') {
            return Err(Error::config(format!(
                "found {uri:?}, which begins a query; expected the beginning of a path, as {path:?}, which takes every \
                 query with it, or a whole URL for `uri`"
            )));
        }
        let mut all = Invalidated::dropping(0);
        for start in starts(&self.shared.rules.key, &authority, &path) {
            let engine = &self.shared.engine;
            all = all.and(engine.invalidate_prefix(start.as_bytes()).await);
        }
        Ok(all)
    }

    /// All that is stored.
    pub async fn all(&self) -> Invalidated {
        self.shared.engine.clear().await
    }
}

/// The authority, and the path with the query.
fn parsed(uri: &str) -> Result<(String, String), Error> {
    let refuse = || {
        Error::config(format!(
            "found {uri:?}; expected a URL as in \"https://example.com/report\", or a path as in \"/report\""
        ))
    };
    let parsed: Uri = uri.parse().map_err(|_| refuse())?;
    if !uri.starts_with('/') && parsed.scheme().is_none() {
        return Err(refuse());
    }
    let authority = parsed.authority().map(|authority| authority.as_str());
    let path = parsed.path_and_query().map_or("/", |path| path.as_str());
    Ok((authority.unwrap_or_default().to_owned(), path.to_owned()))
}
