//! Where in Redis the states of a policy lie.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::key::KeyWriter;
use crate::limit::contract::Terms;
use crate::wire::Wire;

use super::namesakes::Namesakes;
use super::subject;

/// Where the counts of several processes lie. Limiters made with clones of one can be asked together.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Place>);

struct Place {
    wire: Wire,
    /// What all keys of limits start with, up to the subject.
    head: Box<[u8]>,
    namesakes: Namesakes,
    /// How many processes were alive when Redis last said so.
    processes: AtomicU64,
    counts_processes: AtomicBool,
}

impl Shared {
    /// In the server behind `wire`, under keys of `namespace`, which has no brace.
    pub(crate) fn new(wire: Wire, namespace: &str) -> Self {
        let head = format!("{namespace}:r:{{").into_bytes().into();
        Self(Arc::new(Place {
            wire,
            head,
            namesakes: Namesakes::default(),
            processes: AtomicU64::new(1),
            counts_processes: AtomicBool::new(false),
        }))
    }

    /// Learns how many processes are alive.
    pub(crate) fn learn_processes(&self, processes: u64) {
        self.0.processes.store(processes.max(1), Ordering::Relaxed);
    }

    /// Whether nobody has begun to count processes; who asks does.
    pub(crate) fn begins_to_count(&self) -> bool {
        !self.0.counts_processes.swap(true, Ordering::Relaxed)
    }

    /// What runs work that nobody waits for.
    pub(crate) fn wire(&self) -> &Wire {
        &self.0.wire
    }

    /// How many have a limiter, or can make one.
    pub(crate) fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }
}

/// One policy there.
pub(crate) struct Far {
    shared: Shared,
    /// Its policy and rule, and which of those with this name it is; nothing of what stands beside one.
    own: Option<(Box<[u8]>, u32)>,
    /// What its keys end with, from behind the subject.
    tail: Box<[u8]>,
    pub(super) terms: Terms,
}

impl Far {
    pub(crate) fn new(shared: &Shared, policy: &str, terms: Terms) -> Self {
        let [a, b, c] = terms.numbers;
        let rule = format!("{}{a}/{b}/{c}", terms.rule);
        let name = KeyWriter::of(&(policy, &*rule));
        let number = shared.0.namesakes.take(name.as_bytes());
        let numbered = KeyWriter::of(&(policy, number, rule));
        let last = if number == 1 { &name } else { &numbered };
        let tail = [b"}:", last.as_bytes()].concat().into();
        Self {
            shared: shared.clone(),
            own: Some((name.as_bytes().into(), number)),
            tail,
            terms,
        }
    }

    /// What else is kept of the same subjects for this policy, by another rule.
    pub(crate) fn beside(&self, what: &str, terms: Terms) -> Self {
        let [a, b, c] = terms.numbers;
        let rest = format!(":{what}:{}{a}/{b}/{c}", terms.rule);
        Self {
            shared: self.shared.clone(),
            own: None,
            tail: [&*self.tail, rest.as_bytes()].concat().into(),
            terms,
        }
    }

    /// What runs work of limits that nobody waits for.
    pub(crate) fn wire(&self) -> &Wire {
        self.shared.wire()
    }

    /// How many processes were alive when Redis last said so.
    pub(crate) fn processes(&self) -> u64 {
        self.shared.0.processes.load(Ordering::Relaxed)
    }

    /// Whether one call can decide for both.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared.0, &other.shared.0)
    }

    /// Where it says when `subject` was forgotten last.
    pub(super) fn key_of_reset(&self, subject: &[u8]) -> Vec<u8> {
        let mut key = self.key(subject);
        key.extend_from_slice(b":reset");
        key
    }

    pub(super) fn key(&self, subject: &[u8]) -> Vec<u8> {
        let head = &self.shared.0.head;
        let mut key = Vec::with_capacity(head.len() + subject.len() + self.tail.len());
        key.extend_from_slice(head);
        subject::append(subject, &mut key);
        key.extend_from_slice(&self.tail);
        key
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        if let Some((name, number)) = &self.own {
            self.shared.0.namesakes.give_back(name, *number);
        }
    }
}
