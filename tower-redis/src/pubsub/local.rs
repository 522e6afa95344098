//! Within this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::contract::{Delivery, Transport};
use super::event::Event;
use super::queue::Queue;
use super::subscription::Subscription;

/// Messages that wait for a subscription that is not read.
pub(super) const CAPACITY: usize = 1024;

/// Delivers within this process.
pub(super) struct Local {
    capacity: usize,
    readers: Arc<Mutex<Readers>>,
}

// Held while an event goes to all its queues, which is what makes the order one for all.
#[derive(Default)]
struct Readers {
    next: u64,
    of_all: HashMap<u64, Arc<Queue>>,
    of_channel: HashMap<Box<str>, HashMap<u64, Arc<Queue>>>,
}

impl Local {
    pub(super) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            capacity,
            readers: Arc::default(),
        }
    }

    /// Puts `event` where its readers find it: those of its channel, and those of all if it is `for_all`.
    /// They are not woken yet.
    pub(super) fn place(&self, event: &Event, for_all: bool) -> Placed {
        let mut placed = Placed::default();
        let readers = lock(&self.readers);
        for queue in readers.of(event.channel(), for_all) {
            placed.pushed_out.extend(queue.push(event.clone()));
            placed.reached.push(Arc::clone(queue));
        }
        drop(readers);
        placed
    }

    /// Whether anybody reads `channel`, by its name or, if it is `for_all`, because of reading all.
    #[cfg(feature = "redis")]
    pub(super) fn is_read(&self, channel: &str, for_all: bool) -> bool {
        lock(&self.readers).of(channel, for_all).next().is_some()
    }

    /// A subscription; `also` is dropped with it.
    pub(super) fn join(
        &self,
        channel: Option<&str>,
        also: impl Send + Sync + 'static,
    ) -> Subscription {
        let queue = Arc::new(Queue::new(self.capacity));
        let channel: Option<Box<str>> = channel.map(Into::into);
        let mut readers = lock(&self.readers);
        let id = readers.next;
        readers.next += 1;
        let peers = match &channel {
            Some(channel) => readers.of_channel.entry(channel.clone()).or_default(),
            None => &mut readers.of_all,
        };
        peers.insert(id, Arc::clone(&queue));
        drop(readers);
        let readers = Arc::downgrade(&self.readers);
        let leave = Leave {
            readers,
            channel,
            id,
        };
        Subscription::new(queue, (leave, also))
    }

    /// Ends every subscription once it has been read.
    pub(super) fn close(&self) {
        let readers = std::mem::take(&mut *lock(&self.readers));
        let of_channels = readers.of_channel.into_values().flatten();
        for (_, queue) in of_channels.chain(readers.of_all) {
            queue.close();
        }
    }
}

impl Readers {
    fn of(&self, channel: &str, all: bool) -> impl Iterator<Item = &Arc<Queue>> {
        let of_channel = self.of_channel.get(channel).into_iter();
        let of_all = all.then_some(&self.of_all);
        of_channel.chain(of_all).flat_map(HashMap::values)
    }
}

/// Where an event lies now. To be woken where no lock is held: that runs code of the readers' executors.
#[derive(Default)]
#[must_use = "readers wait until they are woken"]
pub(super) struct Placed {
    reached: Vec<Arc<Queue>>,
    // dropped here, too: a message belongs to the user
    pushed_out: Vec<Event>,
}

impl Placed {
    /// Wakes the readers; how many there are.
    pub(super) fn wake(self) -> usize {
        self.reached.iter().for_each(|queue| queue.wake());
        self.reached.len()
    }

    #[cfg(feature = "redis")]
    pub(super) fn len(&self) -> usize {
        self.reached.len()
    }
}

impl Transport for Local {
    fn publish(&self, event: Event) -> Delivery<'_> {
        Box::pin(async move { Ok(self.place(&event, true).wake()) })
    }

    fn subscribe(&self, channel: Option<&str>) -> Subscription {
        self.join(channel, ())
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.close();
    }
}

struct Leave {
    readers: Weak<Mutex<Readers>>,
    channel: Option<Box<str>>,
    id: u64,
}

impl Drop for Leave {
    fn drop(&mut self) {
        let Some(readers) = self.readers.upgrade() else {
            return;
        };
        let mut readers = lock(&readers);
        let queue = match &self.channel {
            None => readers.of_all.remove(&self.id),
            Some(channel) => {
                let Some(peers) = readers.of_channel.get_mut(channel) else {
                    return;
                };
                let queue = peers.remove(&self.id);
                if peers.is_empty() {
                    readers.of_channel.remove(channel);
                }
                queue
            }
        };
        drop(readers);
        drop(queue);
    }
}

fn lock(readers: &Mutex<Readers>) -> MutexGuard<'_, Readers> {
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pubsub::bus::Bus;
    use crate::pubsub::laws;

    #[test]
    fn keeps_the_laws() {
        laws::hold(|capacity| Bus::over(Local::with_capacity(capacity)));
    }

    #[test]
    fn a_channel_nobody_listens_to_is_forgotten() {
        let local = Local::new();
        let (one, other) = (local.subscribe(Some("a")), local.subscribe(Some("a")));
        let all = local.subscribe(None);
        drop(one);
        assert_eq!(lock(&local.readers).of_channel.len(), 1);
        drop(other);
        assert_eq!(lock(&local.readers).of_channel.len(), 0);
        drop(all);
        assert_eq!(lock(&local.readers).of_all.len(), 0);
    }
}
