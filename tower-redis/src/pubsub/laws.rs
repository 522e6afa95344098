//! What every bus has to keep, as tests any transport runs.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use pollster::block_on;
use serde_json::json;

use super::bus::Bus;
use super::event::Lagged;
use super::subscription::Subscription;

/// Runs all laws on buses from `make`, which gives one whose subscriptions hold that many messages.
pub(super) fn hold(make: impl Fn(usize) -> Bus) {
    a_channel_gets_its_own_and_all_gets_everything(&make(8));
    nothing_is_kept_for_later(&make(8));
    a_slow_reader_loses_the_oldest_and_is_told(&make(4));
    order_is_the_same_for_everybody(&make(4_000));
    a_waiting_reader_is_woken(&make(8));
    a_bus_that_is_gone_ends_its_subscriptions(make(8));
}

fn read(subscription: &mut Subscription) -> Vec<serde_json::Value> {
    std::iter::from_fn(|| subscription.try_next())
        .map(|event| event.unwrap().message().clone())
        .collect()
}

fn a_channel_gets_its_own_and_all_gets_everything(bus: &Bus) {
    let (mut a, mut all) = (bus.subscribe("a").unwrap(), bus.subscribe_all());
    assert_eq!(block_on(bus.publish("a", &json!([1, null]))).unwrap(), 2);
    assert_eq!(block_on(bus.clone().publish("b", "two")).unwrap(), 1);
    assert_eq!(read(&mut a), [json!([1, null])]);
    let event = all.try_next().unwrap().unwrap();
    assert_eq!(event.channel(), "a");
    assert_eq!(read(&mut all), [json!("two")]);
}

fn nothing_is_kept_for_later(bus: &Bus) {
    assert_eq!(block_on(bus.publish("a", &1)).unwrap(), 0);
    assert!(bus.subscribe("a").unwrap().try_next().is_none());
}

fn a_slow_reader_loses_the_oldest_and_is_told(bus: &Bus) {
    let mut slow = bus.subscribe("a").unwrap();
    for n in 0..10 {
        block_on(bus.publish("a", &n)).unwrap();
    }
    assert_eq!(slow.try_next(), Some(Err(Lagged { missed: 6 })));
    assert_eq!(read(&mut slow), [6, 7, 8, 9]);
}

fn order_is_the_same_for_everybody(bus: &Bus) {
    let mut readers: Vec<_> = (0..3).map(|_| bus.subscribe("a").unwrap()).collect();
    readers.push(bus.subscribe_all());
    thread::scope(|scope| {
        for publisher in 0..4 {
            scope.spawn(move || {
                for n in 0..500 {
                    block_on(bus.publish("a", &(publisher, n))).unwrap();
                }
            });
        }
    });
    let seen: Vec<_> = readers.iter_mut().map(read).collect();
    assert_eq!(seen[0].len(), 2_000);
    assert!(seen.iter().all(|other| *other == seen[0]));
    for publisher in 0..4 {
        let own = seen[0].iter().filter(|message| message[0] == publisher);
        assert!(own.map(|message| message[1].as_u64()).is_sorted());
    }
}

struct Woken(std::sync::atomic::AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::SeqCst);
    }
}

fn a_waiting_reader_is_woken(bus: &Bus) {
    let woken = Arc::new(Woken(false.into()));
    let waker = Waker::from(Arc::clone(&woken));
    let mut context = Context::from_waker(&waker);
    let mut subscription = bus.subscribe("a").unwrap();
    let mut next = Box::pin(subscription.next());
    assert_eq!(next.as_mut().poll(&mut context), Poll::Pending);
    block_on(bus.publish("a", &1)).unwrap();
    assert!(woken.0.load(std::sync::atomic::Ordering::SeqCst));
    assert!(matches!(
        next.as_mut().poll(&mut context),
        Poll::Ready(Some(Ok(_)))
    ));
}

fn a_bus_that_is_gone_ends_its_subscriptions(bus: Bus) {
    let mut subscription = bus.subscribe("a").unwrap();
    block_on(bus.publish("a", &1)).unwrap();
    drop(bus);
    assert!(matches!(block_on(subscription.next()), Some(Ok(_))));
    assert_eq!(block_on(subscription.next()), None);
}
