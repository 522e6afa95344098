//! Between processes, through Redis.
//!
//! While Redis confirms that a channel is listened to, a message goes to Redis and comes back, so that
//! its order is the same everywhere; it is published over the connection that listens, behind which
//! nothing can overtake it. Otherwise it is delivered here at once, and Redis is told if it can be.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::clock::Clock;
use crate::error::Error;
use crate::wire::{Hearer, Interest, Lane, Op, Wire};

use super::contract::{Delivery, Transport};
use super::event::Event;
use super::local::{Local, Placed};
use super::own::{Came, Echo, Own};
use super::subscription::Subscription;
use super::wanted::{Leave, Wanted};

/// What a foreign message that names a prefix comes on.
const INVALIDATE: &str = "cache:invalidate";

/// Delivers between all processes that share a Redis.
pub(super) struct OverRedis {
    wire: Wire,
    fan: Arc<Fan>,
    wanted: Arc<Wanted>,
}

impl OverRedis {
    pub(super) fn new(wire: &Wire, namespace: &str, capacity: usize) -> Self {
        let fan = Fan {
            local: Local::with_capacity(capacity),
            own: Mutex::default(),
            clock: wire.clock().clone(),
            prefix: format!("{namespace}:").into(),
        };
        Self {
            wire: wire.clone(),
            fan: Arc::new(fan),
            wanted: Arc::default(),
        }
    }

    /// Tells Redis, since nobody reads it here.
    async fn tell(&self, event: &Event) -> Result<usize, Error> {
        let op = publication(event, &event.message().to_string());
        let told = self.wire.one(Lane::Control, op).await;
        only_refused(told, 0)
    }

    /// Tells Redis and those who read it here.
    async fn deliver(&self, event: Event) -> Result<usize, Error> {
        let text: Arc<str> = event.message().to_string().into();
        if let Some(listening) = self.wanted.hearing(event.channel()) {
            let id = self.fan.begin(event.clone(), Arc::clone(&text));
            let sent = listening.publish(event.channel().as_bytes(), text.as_bytes());
            let fan = Arc::clone(&self.fan);
            // there it goes on when the caller leaves
            let ends = async move {
                let told = sent.await;
                let reached = fan.settle(id, &event, &told);
                only_refused(told, reached)
            };
            return self.wire.at_home(ends).await?;
        }
        let op = publication(&event, &text);
        let (id, reached) = self.fan.deliver_first(event, text);
        let mut begun = Begun {
            fan: &self.fan,
            id,
            echo: Echo::Unknown,
        };
        let told = self.wire.one(Lane::Control, op).await;
        begun.echo = match &told {
            // nobody got it, or nothing had been asked for here when somebody did
            Ok(redis::Value::Int(0)) => Echo::Over,
            Ok(_) if !self.wanted.is_asked_for() => Echo::Over,
            Ok(_) => Echo::Published,
            Err(error) if error.is_timeout() => Echo::Unknown,
            Err(_) => Echo::Over,
        };
        only_refused(told, reached)
    }
}

fn publication(event: &Event, text: &str) -> Op {
    Op::keyless("PUBLISH")
        .arg(event.channel().as_bytes())
        .arg(text.as_bytes())
}

/// An outage is no error of a publisher; a right that is missing is.
fn only_refused<T>(told: Result<T, Error>, reached: usize) -> Result<usize, Error> {
    match told {
        Err(error) if error.is_refused() => Err(error),
        Err(error) => {
            tracing::debug!(%error, "a message reached this process alone, as far as is known");
            Ok(reached)
        }
        Ok(_) => Ok(reached),
    }
}

impl Transport for OverRedis {
    fn publish(&self, event: Event) -> Delivery<'_> {
        // most of what is published is read elsewhere, if at all: that is kept small
        if self.fan.is_read(event.channel()) {
            Box::pin(self.deliver(event))
        } else {
            Box::pin(async move { self.tell(&event).await })
        }
    }

    fn subscribe(&self, channel: Option<&str>) -> Subscription {
        // first the reader, so that nothing that is heard finds nobody
        let leave = Leave {
            wanted: Arc::downgrade(&self.wanted),
            channel: channel.map(Into::into),
        };
        let subscription = self.fan.local.join(channel, leave);
        let listen = || {
            let hearer: Arc<dyn Hearer> = Arc::clone(&self.fan) as Arc<dyn Hearer>;
            let first = match channel {
                Some(channel) => Interest::Channels(vec![channel.into()]),
                None => Interest::Everything,
            };
            Arc::new(self.wire.listen(first, hearer))
        };
        let listening = self.wanted.listening.get_or_init(listen);
        self.wanted.enter(listening, channel);
        subscription
    }
}

impl Drop for OverRedis {
    // what listens may hold the readers for a moment longer
    fn drop(&mut self) {
        self.fan.local.close();
    }
}

/// A publication that may be given up.
struct Begun<'a> {
    fan: &'a Fan,
    id: u64,
    echo: Echo,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let now = self.fan.clock.coarse();
        self.fan.own().end(self.id, self.echo, now);
    }
}

/// The readers of this process, and what it published itself.
struct Fan {
    local: Local,
    own: Mutex<Own>,
    clock: Clock,
    prefix: Box<str>,
}

impl Fan {
    fn is_for_all(&self, channel: &str) -> bool {
        let numbered = channel.strip_prefix(INVALIDATE);
        let is_invalidate = numbered.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        !is_invalidate && !channel.starts_with("__") && !channel.starts_with(&*self.prefix)
    }

    fn is_read(&self, channel: &str) -> bool {
        self.local.is_read(channel, self.is_for_all(channel))
    }

    fn place(&self, event: &Event) -> Placed {
        self.local.place(event, self.is_for_all(event.channel()))
    }

    fn begin(&self, event: Event, text: Arc<str>) -> u64 {
        self.own().begin(event, text)
    }

    /// Delivers before Redis is told.
    fn deliver_first(&self, event: Event, text: Arc<str>) -> (u64, usize) {
        let mut own = self.own();
        let placed = self.place(&event);
        let id = own.begin(event, text);
        own.delivered(id, placed.len());
        drop(own);
        (id, placed.wake())
    }

    /// Redis was told: delivers what did not come back, and tells to how many it went.
    fn settle(&self, id: u64, event: &Event, told: &Result<(), Error>) -> usize {
        let mut own = self.own();
        let (reached, placed) = match own.reached(id) {
            Some(reached) => (reached, None),
            None => {
                let placed = self.place(event);
                own.delivered(id, placed.len());
                (placed.len(), Some(placed))
            }
        };
        let echo = match told {
            Err(error) if error.is_timeout() => Echo::Unknown,
            _ => Echo::Over,
        };
        own.end(id, echo, self.clock.coarse());
        drop(own);
        placed.map(Placed::wake);
        reached
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hearer for Fan {
    fn connected(&self) {}

    fn message(&self, channel: &[u8], payload: &[u8]) {
        let Ok(channel) = std::str::from_utf8(channel) else {
            return;
        };
        if !self.is_read(channel) {
            return;
        }
        let mut own = self.own();
        let placed = match own.came(channel, payload, self.clock.coarse()) {
            Came::First(id, event) => {
                let placed = self.place(&event);
                own.delivered(id, placed.len());
                drop(own);
                placed
            }
            Came::Again => return,
            Came::Foreign => {
                drop(own);
                self.place(&Event::new(channel, read(payload)))
            }
        };
        placed.wake();
    }

    fn lost(&self) {}
}

/// What anybody may have published, as JSON.
fn read(payload: &[u8]) -> Value {
    serde_json::from_slice(payload)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(payload).into_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ::tests::{Proxy, RedisOptions, RedisServer, Target, eventually};
    use pollster::block_on;
    use serde_json::json;

    use super::*;
    use crate::clock::ManualClock;
    use crate::config::RedisSettings;
    use crate::pubsub::bus::Bus;
    use crate::pubsub::laws;

    const MANY: usize = 100_000;

    fn bus_to(url: &str, timeout: &str) -> Bus {
        let wire = Wire::new(&RedisSettings::of(url, timeout), &Clock::system());
        Bus::over(OverRedis::new(&wire, "tr", MANY))
    }

    fn bus(server: &RedisServer) -> Bus {
        bus_to(&server.url(), "5s")
    }

    fn listeners(server: &RedisServer, channel: &str) -> i64 {
        server.cli(&["PUBSUB", "NUMSUB", channel]).items()[1].int()
    }

    fn is_heard(server: &RedisServer, channel: &str, by: i64) {
        eventually("the subscription is confirmed", || {
            listeners(server, channel) == by
        });
    }

    fn everything_is_heard(server: &RedisServer, patterns: i64) {
        eventually("the subscription to all is confirmed", || {
            // all of them are the same pattern
            server.cli(&["PUBLISH", "__probe", "1"]).int() == patterns
        });
    }

    #[test]
    fn as_many_at_once_as_anybody_likes_are_delivered_once_each() {
        const AT_ONCE: u64 = 3_000;
        let server = RedisServer::start();
        let bus = bus(&server);
        let mut reader = bus.subscribe("a").unwrap();
        is_heard(&server, "a", 1);
        let all = (0..AT_ONCE).map(|n| bus.publish("a", &n));
        for reached in block_on(futures_util::future::join_all(all)) {
            assert_eq!(reached.unwrap(), 1);
        }
        let seen: BTreeSet<u64> = (0..AT_ONCE)
            .map(|_| next(&mut reader).message().as_u64().unwrap())
            .collect();
        assert_eq!(seen.len() as u64, AT_ONCE);
        nothing_waits(&mut reader);
    }

    #[test]
    fn what_another_says_alike_is_not_taken_for_an_echo() {
        let server = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(server.socket()));
        proxy.refuse();
        let clock = ManualClock::new();
        let wire = Wire::new(&RedisSettings::of(&proxy.url(), "5s"), &clock.clock());
        let here = Bus::over(OverRedis::new(&wire, "tr", MANY));
        let there = bus(&server);
        let mut reader = here.subscribe("a").unwrap();
        let mut other = there.subscribe("a").unwrap();
        is_heard(&server, "a", 1);
        // a connection to publish with comes before one that listens
        proxy.restore();
        eventually("it is published", || {
            block_on(here.publish("a", &1)).unwrap();
            next(&mut reader);
            other.try_next().is_some()
        });
        is_heard(&server, "a", 2);
        // by then none of those comes any more
        clock.advance(std::time::Duration::from_secs(3));
        while other.try_next().is_some() {}
        while reader.try_next().is_some() {}
        block_on(there.publish("a", &1)).unwrap();
        assert_eq!(next(&mut reader).message(), &json!(1));
        nothing_waits(&mut reader);
    }

    fn next(subscription: &mut Subscription) -> Event {
        eventually("an event comes", || subscription.try_next()).unwrap()
    }

    fn nothing_waits(subscription: &mut Subscription) {
        assert!(subscription.try_next().is_none());
    }

    #[test]
    fn keeps_the_laws() {
        let server = RedisServer::start();
        laws::hold(|capacity| {
            let wire = Wire::new(&RedisSettings::of(&server.url(), "5s"), &Clock::system());
            Bus::over(OverRedis::new(&wire, "tr", capacity))
        });
    }

    #[test]
    fn keeps_the_laws_while_redis_is_away() {
        let mut server = RedisServer::start();
        let url = server.url();
        server.kill();
        laws::hold(|capacity| {
            let wire = Wire::new(&RedisSettings::of(&url, "5s"), &Clock::system());
            Bus::over(OverRedis::new(&wire, "tr", capacity))
        });
    }

    #[test]
    fn a_message_crosses_as_plain_json_under_its_own_name() {
        let server = RedisServer::start();
        let (here, there) = (bus(&server), bus(&server));
        let mut hears = there.subscribe("news").unwrap();
        is_heard(&server, "news", 1);
        let mut client = server.client();
        client.call(&["SUBSCRIBE", "news"]);
        let message = json!({ "a": [1, 2.5, null], "b": "\u{e9}" });
        assert_eq!(block_on(here.publish("news", &message)).unwrap(), 0);
        let event = next(&mut hears);
        assert_eq!((event.channel(), event.message()), ("news", &message));
        let raw = client.receive().unwrap();
        assert_eq!(raw.texts(), ["message", "news", &message.to_string()]);
        for (payload, message) in [
            (&b"{\"a\":1}"[..], json!({ "a": 1 })),
            (b"user:7", json!("user:7")),
            (b"", json!("")),
            (b"7", json!(7)),
            (b"a\xFF", json!("a\u{FFFD}")),
        ] {
            server.client().call(&[&b"PUBLISH"[..], b"news", payload]);
            assert_eq!(next(&mut hears).message(), &message);
        }
    }

    #[test]
    fn everybody_sees_one_order() {
        let server = RedisServer::start();
        let buses = [bus(&server), bus(&server), bus(&server)];
        let mut readers: Vec<_> = buses
            .iter()
            .map(|bus| bus.subscribe("a").unwrap())
            .collect();
        is_heard(&server, "a", 3);
        // whoever has heard this knows that it is listening
        server.cli(&["PUBLISH", "a", "0"]);
        for reader in &mut readers {
            assert_eq!(next(reader).message(), &json!(0));
        }
        std::thread::scope(|scope| {
            for (who, bus) in buses.iter().enumerate() {
                scope.spawn(move || {
                    for n in 0..200 {
                        block_on(bus.publish("a", &(who, n))).unwrap();
                    }
                });
            }
        });
        let mut seen = readers.iter_mut().map(|reader| {
            let events = (0..600).map(|_| next(reader).message().clone());
            events.collect::<Vec<_>>()
        });
        let first = seen.next().unwrap();
        assert!(seen.all(|other| other == first));
        readers.iter_mut().for_each(nothing_waits);
    }

    #[test]
    fn all_is_all_but_what_the_library_and_the_server_say() {
        let server = RedisServer::start();
        let (bus, other) = (bus(&server), bus(&server));
        let mut all = bus.subscribe_all();
        everything_is_heard(&server, 1);
        let mut named = bus.subscribe("tr:feed").unwrap();
        is_heard(&server, "tr:feed", 1);
        for channel in [
            "__keyspace@0__:k",
            "tr:feed",
            "tr:feed:3",
            "cache:invalidate",
            "cache:invalidate:2",
            "trial",
            "cache:invalidated",
        ] {
            block_on(other.publish(channel, channel)).unwrap();
        }
        assert_eq!(next(&mut all).channel(), "trial");
        assert_eq!(next(&mut all).channel(), "cache:invalidated");
        assert_eq!(next(&mut named).channel(), "tr:feed");
        nothing_waits(&mut named);
        nothing_waits(&mut all);
    }

    #[test]
    fn only_what_somebody_reads_is_listened_to() {
        let server = RedisServer::start();
        let bus = bus(&server);
        block_on(bus.publish("a", &1)).unwrap();
        let (one, other) = (bus.subscribe("a").unwrap(), bus.subscribe("a").unwrap());
        let mut both = bus.subscribe("b").unwrap();
        let mut all = bus.subscribe_all();
        is_heard(&server, "a", 1);
        is_heard(&server, "b", 1);
        everything_is_heard(&server, 1);
        server.cli(&["PUBLISH", "b", "1"]);
        assert_eq!(next(&mut both).message(), &json!(1));
        assert_eq!(next(&mut all).message(), &json!(1));
        block_on(bus.publish("b", &2)).unwrap();
        assert_eq!(next(&mut both).message(), &json!(2));
        assert_eq!(next(&mut all).message(), &json!(2));
        drop(one);
        drop(all);
        everything_is_heard(&server, 0);
        assert_eq!(listeners(&server, "a"), 1);
        drop(other);
        is_heard(&server, "a", 0);
        let mut again = bus.subscribe("a").unwrap();
        is_heard(&server, "a", 1);
        server.cli(&["PUBLISH", "a", "3"]);
        assert_eq!(next(&mut again).message(), &json!(3));
        drop(bus);
        is_heard(&server, "a", 0);
        nothing_waits(&mut both);
    }

    /// Publishes while `disturb` does its worst; every message reaches this process exactly once, in
    /// the order of its publisher.
    fn each_once(bus: &Bus, disturb: impl FnOnce()) {
        let mut reader = bus.subscribe("a").unwrap();
        let over = std::sync::atomic::AtomicBool::new(false);
        let published: Vec<u64> = std::thread::scope(|scope| {
            let publishers: Vec<_> = (0..3)
                .map(|who| {
                    let over = &over;
                    scope.spawn(move || {
                        let mut n = 0_u64;
                        while !over.load(std::sync::atomic::Ordering::SeqCst) {
                            let reached = block_on(bus.publish("a", &(who, n))).unwrap();
                            assert_eq!(reached, 1);
                            n += 1;
                        }
                        n
                    })
                })
                .collect();
            disturb();
            over.store(true, std::sync::atomic::Ordering::SeqCst);
            publishers
                .into_iter()
                .map(|one| one.join().unwrap())
                .collect()
        });
        let mut seen = BTreeSet::new();
        let mut last = [None; 3];
        while let Some(event) = reader.try_next() {
            let (who, n): (usize, u64) =
                serde_json::from_value(event.unwrap().message().clone()).unwrap();
            assert!(seen.insert((who, n)), "twice: {who} {n}");
            assert!(last[who] < Some(n), "{last:?} {who} {n}");
            last[who] = Some(n);
        }
        assert_eq!(seen.len() as u64, published.iter().sum::<u64>());
    }

    #[test]
    fn every_message_reaches_its_own_process_once_whatever_happens_to_redis() {
        let mut server = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(server.socket()));
        let wire = Wire::new(&RedisSettings::of(&proxy.url(), "40ms"), &Clock::system());
        let bus = Bus::over(OverRedis::new(&wire, "tr", MANY));
        each_once(&bus, || {
            is_heard(&server, "a", 1);
            for _ in 0..5 {
                proxy.cut();
                is_heard(&server, "a", 1);
            }
            server.kill();
            server.restart();
            is_heard(&server, "a", 1);
            server.pause();
            let waiting = proxy.counts().command("PUBLISH");
            eventually("something is published meanwhile", || {
                proxy.counts().command("PUBLISH") > waiting
            });
            server.resume();
            is_heard(&server, "a", 1);
            proxy.black_hole();
            eventually("it is known that nobody answers", || {
                wire.state().away.is_some()
            });
            proxy.restore();
            eventually("somebody answers again", || wire.state().away.is_none());
        });
    }

    #[test]
    fn a_channel_one_may_not_publish_on_is_an_error() {
        let server = RedisOptions::new()
            .user("joe on >hunter2 ~* +@all resetchannels &news")
            .start();
        let url = format!(
            "redis+unix://{}?user=joe&pass=hunter2",
            server.socket().display()
        );
        let bus = bus_to(&url, "5s");
        block_on(bus.publish("news", &1)).unwrap();
        let error = block_on(bus.publish("other", &1)).unwrap_err();
        assert!(error.is_refused());
        let mut news = bus.subscribe("news").unwrap();
        is_heard(&server, "news", 1);
        block_on(bus.publish("news", &1)).unwrap();
        assert_eq!(next(&mut news).message(), &json!(1));
    }

    #[test]
    fn a_publisher_that_leaves_may_have_published() {
        let server = RedisServer::start();
        let bus = bus(&server);
        let mut reader = bus.subscribe("a").unwrap();
        is_heard(&server, "a", 1);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let mut publish = Box::pin(bus.publish("a", &1));
        let _ = publish.as_mut().poll(&mut context);
        drop(publish);
        assert_eq!(next(&mut reader).message(), &json!(1));
        block_on(bus.publish("a", &2)).unwrap();
        assert_eq!(next(&mut reader).message(), &json!(2));
        nothing_waits(&mut reader);
    }
}
