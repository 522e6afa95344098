//! What happens to the server and to the ways there.

use std::time::Duration;

use tests::torture::{Event, Instant, Process, Span, Trouble, What};
use tests::{Proxy, RedisServer};
use tokio::time::sleep;

use crate::clock::Clock;
use tests::Random;

/// Something that happens.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    /// One of the connections of a process is closed: values, leases, the feed.
    CutOne,
    /// All of them are.
    Cut,
    /// Nothing gets through, and nothing is lost.
    Hold,
    /// Everything is lost, and nobody is told.
    BlackHole,
    /// They are closed, and nobody listens.
    Refuse,
    /// Everything takes its time.
    Delay,
    /// The server is stopped, for all processes, and goes on.
    Pause,
    /// It is killed, and starts with nothing.
    Kill,
    /// It loses everything.
    Flush,
}

/// What happens in one round, in an order of its own each time.
const ROUND: [Mishap; 11] = [
    Mishap::CutOne,
    Mishap::CutOne,
    Mishap::CutOne,
    Mishap::Cut,
    Mishap::Hold,
    Mishap::BlackHole,
    Mishap::Refuse,
    Mishap::Delay,
    Mishap::Pause,
    Mishap::Kill,
    Mishap::Flush,
];

/// The server, and a proxy for each process of each mode.
pub(super) struct Weather {
    redis: RedisServer,
    proxies: Vec<Proxy>,
    clock: Clock,
    random: Random,
    events: Vec<Event>,
    /// What is still to happen in this round.
    to_come: Vec<Mishap>,
    rounds: usize,
}

impl Weather {
    pub(super) fn over(
        redis: RedisServer,
        proxies: Vec<Proxy>,
        clock: Clock,
        random: Random,
    ) -> Self {
        Self {
            redis,
            proxies,
            clock,
            random,
            events: Vec::new(),
            to_come: ROUND.to_vec(),
            rounds: 0,
        }
    }

    /// Whether everything has happened.
    pub(super) fn has_gone_round(&self) -> bool {
        self.rounds > 0
    }

    /// Something happens, and is over when this returns.
    pub(super) async fn change(&mut self) {
        let next = self.random.index(self.to_come.len());
        let mishap = self.to_come.swap_remove(next);
        if self.to_come.is_empty() {
            self.to_come = ROUND.to_vec();
            self.rounds += 1;
        }
        let begin = self.clock.now();
        let at = self.random.index(self.proxies.len());
        // longer than a writer takes to meet it, and to give up
        let lasts = self.random.millis(700, 2_600);
        let proxy = &self.proxies[at];
        match mishap {
            Mishap::CutOne => proxy.cut_one(self.random.draw()),
            Mishap::Cut => proxy.cut(),
            Mishap::Hold => {
                proxy.hold();
                sleep(lasts).await;
                proxy.restore();
            }
            Mishap::BlackHole => {
                proxy.black_hole();
                sleep(lasts).await;
                proxy.restore();
            }
            Mishap::Refuse => {
                proxy.refuse();
                proxy.cut();
                sleep(lasts).await;
                proxy.restore();
            }
            Mishap::Delay => {
                let (there, back) = (self.random.millis(0, 30), self.random.millis(0, 30));
                proxy.delay(there, back);
                sleep(lasts / 4).await;
                proxy.restore();
            }
            Mishap::Pause => {
                self.redis.pause();
                sleep(lasts).await;
                self.redis.resume();
            }
            Mishap::Kill => {
                self.redis.kill();
                sleep(lasts / 4).await;
                self.redis.restart();
            }
            Mishap::Flush => {
                self.redis.cli(&["FLUSHALL"]);
            }
        }
        match mishap {
            // what takes its time comes within the bounds all the same
            Mishap::Delay => {}
            Mishap::Pause => self.trouble(None, begin),
            Mishap::Kill => {
                self.trouble(None, begin);
                self.note(0, begin, What::Wiped);
            }
            Mishap::Flush => self.note(0, begin, What::Wiped),
            _ => self.trouble(Some(at), begin),
        }
        // time for what was broken to be whole again, most of the time
        let calm = self.random.below(3);
        sleep(Duration::from_millis(100 + 400 * calm)).await;
    }

    /// What happened to the processes of a mode; the proxies are in order of mode, then of process.
    pub(super) fn of_mode(&self, mode: usize, processes: usize) -> impl Iterator<Item = Event> {
        let first = mode * processes;
        let own = first..first + processes;
        self.events.iter().filter_map(move |event| {
            let everybody = event.what == What::Wiped;
            (everybody || own.contains(&event.process)).then(|| Event {
                process: event.process.saturating_sub(first),
                ..event.clone()
            })
        })
    }

    /// What concerned the process behind a proxy, or all of them.
    fn trouble(&mut self, at: Option<usize>, begin: Instant) {
        let all = 0..self.proxies.len();
        for process in all.filter(|process| at.is_none_or(|at| at == *process)) {
            self.note(process, begin, What::Trouble(Trouble::Feed));
            self.note(process, begin, What::Trouble(Trouble::Data));
        }
    }

    fn note(&mut self, process: Process, begin: Instant, what: What) {
        self.events.push(Event {
            process,
            span: Span::new(begin, self.clock.now()),
            what,
        });
    }
}
