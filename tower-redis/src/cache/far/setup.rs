//! How the far tier of a cache is set up.

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use bytes::Bytes;

use crate::codec::{CacheValue, Codec, Packing, Shape};
use crate::error::Error;
use crate::store::{CacheName, FarTier, Hears, Pattern};
use crate::telemetry::Counter;

use crate::cache::hold::Hold;
use crate::cache::known::Known;
use crate::cache::tags::Tags;

use super::claim::Claims;
use super::outage::Outage;
use super::tier::{Far, Form, Generation};

/// What all caches of one toolkit know of the far tier.
#[derive(Debug, Clone)]
pub(crate) struct FarSettings {
    pub(crate) tier: FarTier,
    pub(crate) claims: Arc<Claims>,
    pub(crate) outage: Outage,
}

/// Where the values of a cache lie.
#[derive(Debug, Clone)]
pub(crate) enum Naming {
    /// Under the name of the cache.
    Named,
    /// Under the path of the function, as `shop`, `quotes`, `quote`.
    #[cfg(feature = "macros")]
    Function(Vec<String>),
    /// Where the user says.
    Exact { prefix: Box<str>, pattern: Pattern },
}

impl Naming {
    /// Keys are as they are written; all of them match `pattern`.
    #[cfg(feature = "macros")]
    pub(crate) fn exact_matching(pattern: &str) -> Self {
        Self::Exact {
            prefix: Box::default(),
            pattern: Pattern::glob(pattern.as_bytes().to_vec()),
        }
    }

    /// Keys stand after `prefix`.
    pub(crate) fn exact_after(prefix: &str) -> Self {
        Self::Exact {
            prefix: prefix.into(),
            pattern: Pattern::prefix(prefix.as_bytes()),
        }
    }

    /// What stands before keys that are the same without Redis.
    pub(crate) fn spelled(&self) -> Option<Box<str>> {
        match self {
            Self::Exact { prefix, .. } => Some(prefix.clone()),
            Self::Named => None,
            #[cfg(feature = "macros")]
            Self::Function(_) => None,
        }
    }

    /// Whether other programs read and write what lies there.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Exact { .. })
    }

    /// Whether keys of others would be taken for those of this cache.
    pub(crate) fn is_too_wide(&self) -> bool {
        matches!(self, Self::Exact { pattern, .. } if pattern.as_bytes() == b"*")
    }
}

/// How values of a type travel.
pub(crate) struct Serial<V> {
    codec: fn(Packing) -> Result<Codec<V>, Error>,
    /// Of the type's shape.
    fingerprint: String,
}

impl<V: CacheValue> Serial<V> {
    pub(crate) fn by_serde() -> Self {
        Self {
            codec: Codec::packing,
            fingerprint: Shape::of::<V>().to_string(),
        }
    }
}

impl<V> Serial<V> {
    /// By a form of one's own, of which `fingerprint` is the version.
    #[cfg(feature = "http-cache")]
    pub(crate) fn by(codec: fn(Packing) -> Result<Codec<V>, Error>, fingerprint: &str) -> Self {
        Self {
            codec,
            fingerprint: fingerprint.to_owned(),
        }
    }

    /// What packs values so.
    ///
    /// # Errors
    /// When this build cannot do it.
    pub(crate) fn codec(&self, packing: Packing) -> Result<Codec<V>, Error> {
        (self.codec)(packing)
    }
}

impl<V> fmt::Debug for Serial<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serial")
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

impl<V: Hold> Far<V> {
    /// `None` when another cache of the toolkit has these keys; the log says so.
    pub(crate) fn new(
        settings: &FarSettings,
        name: &str,
        naming: Naming,
        serial: &Serial<V::Value>,
        codec: Codec<V::Value>,
        tags: Arc<Tags>,
    ) -> Option<Self> {
        let own = |path: &[&str]| {
            let cache = CacheName::new(path, &serial.fingerprint);
            Form::Own {
                prefix: settings.tier.names.values(&cache),
                generation: Generation {
                    key: cache.generation(),
                    known: Known::default(),
                },
            }
        };
        let form = match naming {
            Naming::Named => own(&[name]),
            #[cfg(feature = "macros")]
            Naming::Function(path) => own(&path.iter().map(|part| &**part).collect::<Vec<_>>()),
            Naming::Exact { prefix, pattern } => Form::Exact {
                prefix: prefix.into_boxed_bytes().into(),
                pattern,
            },
        };
        let claimed: Option<(Bytes, _)> = match &form {
            // a handle says itself what it shares with others
            Form::Exact { prefix, .. } if !prefix.is_empty() => None,
            Form::Exact { pattern, .. } => Some((
                [b"exact ", pattern.as_bytes()].concat().into(),
                "these keys in Redis; this one would answer with what the other keeps there, so it",
            )),
            Form::Own { prefix, .. } => {
                Some((prefix.clone(), "this name and keeps such values; this one"))
            }
        };
        let claim = match claimed {
            None => None,
            Some((claimed, what)) => {
                let claim = settings.claims.claim(&claimed);
                if claim.is_none() {
                    tracing::error!(
                        cache = name,
                        "another cache of this process has {what} keeps what it has in memory, where \
                         invalidations from elsewhere do not reach it. Give it a name or a template of its own, \
                         or build the cache once and clone it"
                    );
                    return None;
                }
                claim
            }
        };
        Some(Self {
            claim,
            watch: Arc::clone(&settings.tier.watch),
            store: Arc::clone(&settings.tier.store),
            codec,
            outage: settings.outage,
            form,
            tags,
            lost_tokens: Counter::default(),
            warned: AtomicBool::new(false),
        })
    }

    /// Has `ear` told what others invalidate.
    pub(crate) fn listen(&self, ear: Weak<dyn Hears>) {
        self.watch.listen(ear);
    }
}
