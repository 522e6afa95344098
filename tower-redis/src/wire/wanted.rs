//! What is to be listened to, and the connection that does.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redis::aio::MultiplexedConnection;
use tokio::sync::Notify;

use super::ear::Ear;
use super::hearer::Interest;
use super::set::Set;

/// Channels of which the log is told that they are refused.
const MOST_TOLD: usize = 1_000;

#[derive(Default)]
pub(super) struct Wanted {
    set: Mutex<Set>,
    pub(super) changed: Notify,
    current: Mutex<Option<Current>>,
    /// What the log has been told of.
    told: Mutex<Set>,
}

/// The connection that listens now.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) ear: Arc<Ear>,
    pub(super) mux: MultiplexedConnection,
}

impl Wanted {
    pub(super) fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn current(&self) -> Option<Current> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.clone()
    }

    pub(super) fn become_(&self, next: Option<Current>) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *current, next);
        drop(current);
        drop(old);
    }

    /// The server refuses to let us listen to `refused`. That is said once, however often it is asked.
    pub(super) fn is_refused(&self, refused: &Set) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let new = refused.without(&told);
        let room = MOST_TOLD.saturating_sub(told.channels.len());
        let named: Vec<_> = new.channels.into_iter().take(room).collect();
        told.channels.extend(named.iter().cloned());
        told.everything |= new.everything;
        drop(told);
        for channel in named {
            tracing::warn!(
                channel = %channel.escape_ascii(),
                "Redis refused SUBSCRIBE: NOPERM (its user lacks the right to the channel); what others \
                 publish there is not heard"
            );
        }
        if new.everything {
            tracing::warn!(
                "Redis refused PSUBSCRIBE *: NOPERM (its user lacks the right to all channels); what \
                 others publish is heard on channels that are named alone"
            );
        }
    }

    /// Waits until there is something to listen to.
    pub(super) async fn something(&self) -> Set {
        loop {
            let changed = self.changed.notified();
            let set = self.set().clone();
            if !set.is_empty() {
                return set;
            }
            changed.await;
        }
    }
}

impl From<Interest> for Wanted {
    fn from(to: Interest) -> Self {
        let set = match to {
            Interest::Channels(channels) => Set {
                channels: channels.into_iter().collect(),
                everything: false,
            },
            Interest::Everything => Set {
                channels: BTreeSet::new(),
                everything: true,
            },
        };
        Self {
            set: Mutex::new(set),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_is_told_once_and_for_a_bounded_number_of_channels() {
        let wanted = Wanted::default();
        let told = || wanted.told.lock().unwrap().channels.len();
        for n in 0..2 * MOST_TOLD {
            let channel = n.to_string().into_bytes();
            let refused = Set {
                channels: [channel, b"always".to_vec()].into(),
                everything: false,
            };
            wanted.is_refused(&refused);
            assert_eq!(told(), MOST_TOLD.min(n + 2));
        }
    }
}
