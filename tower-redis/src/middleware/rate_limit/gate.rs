//! What all services of one layer share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use http::Request;

use crate::key::KeyWriter;
use crate::limit::{Asked, Limiter, LimiterSet, Quota, Subjects};

use super::answers::Answers;
use super::fields::Fields;
use super::held::Until;
use super::joint;
use super::key::{RequestKey, Unidentified, head};
use super::manner::Manner;
use super::parked::{Later, reserved};
use super::rules::Rules;
use super::ruling::Ruling;
use super::several::Several;
use super::tenants::Tenants;

/// Requests that are looked at for a key that seems to be the wrong one: what is wrong shows at once, and the look
/// costs each of them something.
const LOOKED_AT: u32 = 1_000;

/// A limiter, and what it needs to know of requests.
#[derive(Debug)]
pub(super) struct Gate<K> {
    /// The first of several.
    pub(super) limiter: Limiter,
    /// Where several decide together.
    pub(super) set: Option<LimiterSet>,
    pub(super) manner: Arc<Manner>,
    pub(super) rules: Rules,
    // shared, so that a key need not be `Clone`
    key: Arc<K>,
    warned: Arc<AtomicBool>,
    /// How many requests are still looked at.
    looks: Arc<AtomicU32>,
    /// Whether a request that cannot be told apart is an error.
    pub(super) strict: bool,
    /// Where requests bring their quotas along.
    pub(super) tenants: Option<Tenants<Self>>,
}

impl<K> Clone for Gate<K> {
    fn clone(&self) -> Self {
        Self {
            limiter: self.limiter.clone(),
            set: self.set.clone(),
            manner: Arc::clone(&self.manner),
            rules: self.rules.clone(),
            key: Arc::clone(&self.key),
            warned: Arc::clone(&self.warned),
            looks: Arc::clone(&self.looks),
            strict: self.strict,
            tenants: self.tenants.as_ref().map(Tenants::afresh),
        }
    }
}

impl<K> Gate<K> {
    pub(super) fn new(limits: LimiterSet, key: K) -> Self {
        Self {
            manner: Arc::new(Manner::of(&limits)),
            limiter: limits.first().clone(),
            set: (limits.limiters().len() > 1).then_some(limits),
            rules: Rules::default(),
            key: Arc::new(key),
            warned: Arc::default(),
            looks: Arc::new(AtomicU32::new(LOOKED_AT)),
            strict: false,
            tenants: None,
        }
    }

    /// The one for requests with this quota; this one itself where requests bring none.
    pub(super) fn of(self: &Arc<Self>, quota: Quota) -> Arc<Self> {
        let tenants = self.tenants.as_ref();
        let gate = tenants.and_then(|tenants| tenants.of(quota, |limiter| self.by(limiter)));
        gate.unwrap_or_else(|| Arc::clone(self))
    }

    /// The same by another limiter, asked as a set of one.
    fn by(&self, limiter: Limiter) -> Self {
        let set = LimiterSet::from(limiter.clone());
        let manner = self.manner.by(&set);
        Self {
            manner: Arc::new(manner),
            limiter,
            set: Some(set),
            rules: Rules::default(),
            key: Arc::clone(&self.key),
            warned: Arc::clone(&self.warned),
            looks: Arc::clone(&self.looks),
            strict: self.strict,
            tenants: None,
        }
    }

    /// Permits that are held stay so until the answer has been sent, whatever else is chosen.
    pub(super) fn refund(&mut self, until: Until) {
        let manner = Arc::make_mut(&mut self.manner);
        if manner.until.is_none() || until == Until::Answered && manner.until != Some(Until::Sent) {
            manner.until = Some(until);
        }
    }

    pub(super) fn answer(&mut self, change: impl FnOnce(&mut Answers)) {
        let manner = Arc::make_mut(&mut self.manner);
        let mut answers = manner.fields.answers.clone();
        change(&mut answers);
        if let Some(set) = &self.set {
            manner.several = Several::of(set.limiters(), &answers).map(Arc::new);
        }
        manner.fields = Arc::new(Fields::of(&self.limiter, answers));
    }

    pub(super) fn limiters(&self) -> &[Limiter] {
        let one = std::slice::from_ref(&self.limiter);
        self.set.as_ref().map_or(one, LimiterSet::limiters)
    }
}

impl<K: RequestKey> Gate<K> {
    /// The key of `request`, if it may be counted.
    #[inline]
    pub(super) fn key_of<B>(&self, request: &Request<B>) -> Option<KeyWriter> {
        let mut key = KeyWriter::new();
        let told = self.key.write(request, &mut key);
        if told.is_ok() && !self.strict && !self.looks() {
            return Some(key);
        }
        self.is_counted(told, request).then_some(key)
    }

    /// The key of each policy, where several decide together.
    pub(super) fn keys_of<B>(&self, request: &Request<B>) -> Option<Subjects> {
        let mut keys = Subjects::default();
        let mut told = Ok(());
        for place in 0..self.limiters().len() {
            let mut key = KeyWriter::new();
            told = told.and(self.key.write_for(place, request, &mut key));
            keys.push(key.as_bytes());
        }
        if told.is_ok() && !self.strict && !self.looks() {
            return Some(keys);
        }
        self.is_counted(told, request).then_some(keys)
    }

    fn is_counted<B>(&self, told: Result<(), Unidentified>, request: &Request<B>) -> bool {
        match told.err().or_else(|| self.key.doubt(request)) {
            Some(unidentified) => {
                self.warn(unidentified);
                !self.strict
            }
            None => true,
        }
    }

    /// Whether one more request is looked at. Threads that meet may look at a few more.
    #[inline]
    fn looks(&self) -> bool {
        let left = self.looks.load(Ordering::Relaxed);
        if left > 0 {
            self.looks.store(left - 1, Ordering::Relaxed);
        }
        left > 0
    }

    /// Decides about a request whose key has to be found out, if there is such a thing.
    pub(super) fn ask_later<B>(self: &Arc<Self>, request: &Request<B>, cost: u32) -> Option<Later> {
        let ahead = self.key.ahead(request)?;
        let (gate, head) = (Arc::clone(self), head(request));
        Some(Box::pin(async move {
            let mut request = Request::from_parts(head, ());
            request.extensions_mut().extend(ahead.await);
            if let Some(set) = &gate.set {
                let keys = gate.keys_of(&request)?;
                return joint::ask(set, keys, cost, gate.manner.until).await;
            }
            let key = gate.key_of(&request)?;
            let key = key.as_bytes();
            let Some(until) = gate.manner.until else {
                let ruled = |decision| Some((Ruling::One(decision), None));
                return match gate.limiter.ask(key, cost) {
                    Asked::Decided(decision) => ruled(decision),
                    #[cfg(feature = "redis")]
                    Asked::Asking(asking) => ruled(asking.await),
                };
            };
            let asked = gate.limiter.ask_to_reserve(key, cost).await;
            Some(reserved(asked, until))
        }))
    }

    #[cold]
    fn warn(&self, unidentified: Unidentified) {
        self.looks.store(0, Ordering::Relaxed);
        if self.warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let names: Vec<_> = self.limiters().iter().map(Limiter::name).collect();
        let (policy, help) = (&*names.join(", "), unidentified.help());
        if self.strict {
            tracing::error!(
                policy,
                "a rate limit cannot tell clients apart, and answers 500: {help}. This is said once"
            );
        } else {
            tracing::warn!(
                policy,
                "a rate limit cannot tell clients apart: {help}. This is said once"
            );
        }
    }
}
