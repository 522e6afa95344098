//! The play: what happens to Redis, one thing after the other, while clients call.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tests::{Proxy, RedisServer, Target, eventually_async};

use crate::fleet::Demo;
use crate::outage::clients::{Client, KINDS};
use crate::outage::record::Record;

const CLIENTS: usize = 64;

/// Calls in each phase: enough that every client has done everything.
const CALLS: usize = CLIENTS * KINDS;

/// How long Redis is stopped.
const STOPPED: Duration = Duration::from_secs(3);

/// What is the matter with Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    Healthy,
    Killed,
    Restarted,
    Stopped,
    Resumed,
    Silent,
    Back,
    Flushed,
}

impl Phase {
    pub(crate) const ALL: [Self; 8] = [
        Self::Healthy,
        Self::Killed,
        Self::Restarted,
        Self::Stopped,
        Self::Resumed,
        Self::Silent,
        Self::Back,
        Self::Flushed,
    ];
}

/// Which phase it is, and how many calls were made in each.
#[derive(Debug, Default)]
pub(super) struct Phases {
    now: AtomicUsize,
    made: [AtomicUsize; Phase::ALL.len()],
}

impl Phases {
    /// A call begins: in which phase?
    pub(super) fn enter(&self) -> Phase {
        Phase::ALL[self.now.load(Ordering::SeqCst)]
    }

    /// It has been answered.
    pub(super) fn leave(&self, phase: Phase) {
        self.made[phase as usize].fetch_add(1, Ordering::SeqCst);
    }

    /// Calls that begin from now on are made in this phase.
    fn begin(&self, phase: Phase) {
        self.now.store(phase as usize, Ordering::SeqCst);
    }

    /// Begins a phase, and waits until enough was called in it.
    async fn play(&self, phase: Phase) {
        self.begin(phase);
        eventually_async("clients make their calls", || async {
            let made = self.made[phase as usize].load(Ordering::SeqCst);
            if made >= CALLS {
                Ok(())
            } else {
                Err(format!("{made} calls in {phase:?}"))
            }
        })
        .await;
    }
}

/// Two demos, their Redis, and what stands between them.
pub(crate) struct Outage {
    demos: Vec<Demo>,
    proxy: Proxy,
    redis: RedisServer,
}

impl Outage {
    /// Plays all of it, and tells what every call was answered.
    pub(crate) async fn played() -> Record {
        let redis = RedisServer::start();
        let proxy = Proxy::before(Target::Unix(redis.socket()));
        let demos = (0..2).map(|_| Demo::start(&proxy.url(), "50ms"));
        let mut outage = Self {
            demos: demos.collect(),
            proxy,
            redis,
        };
        outage.has_healed().await;

        let phases = Arc::<Phases>::default();
        let stop = Arc::<AtomicBool>::default();
        let clients = (0..CLIENTS).map(|number| {
            let demo = number % outage.demos.len();
            let client = Client {
                number,
                demo,
                site: *outage.demos[demo],
                phases: Arc::clone(&phases),
                stop: Arc::clone(&stop),
            };
            tokio::spawn(client.calls())
        });
        let clients: Vec<_> = clients.collect();
        outage.play(&phases).await;
        stop.store(true, Ordering::Relaxed);
        let mut calls = Vec::new();
        for client in clients {
            calls.extend(client.await.unwrap());
        }
        Record::of(calls)
    }

    async fn play(&mut self, phases: &Phases) {
        phases.play(Phase::Healthy).await;

        self.redis.kill();
        phases.play(Phase::Killed).await;
        self.redis.restart();
        self.has_healed().await;
        phases.play(Phase::Restarted).await;

        self.redis.pause();
        phases.begin(Phase::Stopped);
        // part of the play: every deadline is long over when it goes on
        tokio::time::sleep(STOPPED).await;
        phases.play(Phase::Stopped).await;
        self.redis.resume();
        self.has_healed().await;
        phases.play(Phase::Resumed).await;

        // somebody else listens there now, and says nothing
        self.proxy.black_hole();
        self.proxy.cut();
        phases.play(Phase::Silent).await;
        self.proxy.restore();
        self.has_healed().await;
        phases.play(Phase::Back).await;

        self.redis.cli(&["FLUSHALL"]);
        phases.play(Phase::Flushed).await;
        self.has_healed().await;
    }

    /// Waits until what one demo makes is found by the other, what is near is used, events cross, and nothing
    /// waits to be told.
    async fn has_healed(&self) {
        let [one, other] = &self.demos[..] else {
            panic!("there are two");
        };
        let mut user = 0;
        eventually_async("what one makes is found by the other", || {
            user += 1;
            let user = format!("healed-{user}");
            async move {
                one.user(&user).await;
                let found = other.user(&user).await.status();
                if found == "far hit" {
                    Ok(())
                } else {
                    Err(found)
                }
            }
        })
        .await;
        eventually_async("an event crosses", || {
            user += 1;
            let message = format!("healed-{user}");
            async move {
                let event = json!({ "channel": "healing", "message": message });
                one.post("/api/publish-event", event.to_string()).await.ok();
                let events = other.get("/api/recent-events?channel=healing").await;
                events.text.contains(&message)
            }
        })
        .await;
        for demo in &self.demos {
            eventually_async("what is near is used", || async {
                demo.user("healed").await.status() == "near hit"
            })
            .await;
            eventually_async("an invalidation reaches everywhere", || async {
                demo.invalidate("healed").await["reach"] == json!("everywhere")
            })
            .await;
        }
    }
}
