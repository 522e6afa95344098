//! Within this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::contract::{Delivery, Transport};
use super::event::Event;
use super::queue::Queue;
use super::subscription::Subscription;

/// Messages that wait for a subscription that is not read.
const CAPACITY: usize = 1024;

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

    fn deliver(&self, event: &Event) -> usize {
        let (mut pushed_out, mut reached) = (Vec::new(), Vec::new());
        let readers = lock(&self.readers);
        let of_channel = readers.of_channel.get(event.channel());
        for queue in of_channel
            .into_iter()
            .chain([&readers.of_all])
            .flat_map(HashMap::values)
        {
            pushed_out.extend(queue.push(event.clone()));
            reached.push(Arc::clone(queue));
        }
        drop(readers);
        reached.iter().for_each(|queue| queue.wake());
        reached.len()
    }
}

impl Transport for Local {
    fn publish(&self, event: Event) -> Delivery<'_> {
        Box::pin(async move { Ok(self.deliver(&event)) })
    }

    fn subscribe(&self, channel: Option<&str>) -> Subscription {
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
        Subscription::new(
            queue,
            Leave {
                readers,
                channel,
                id,
            },
        )
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let readers = std::mem::take(&mut *lock(&self.readers));
        let of_channels = readers.of_channel.into_values().flatten();
        for (_, queue) in of_channels.chain(readers.of_all) {
            queue.close();
        }
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
