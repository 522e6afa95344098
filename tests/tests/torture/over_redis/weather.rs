//! What happens to the server and to the ways there.

use std::time::Duration;

use tests::torture::{Event, Process, Span, Trouble, What};
use tests::{Proxy, RedisServer};
use tokio::time::sleep;

use super::clock::Clock;
use crate::random::Random;

/// The server, and a proxy for each process of each mode.
pub(super) struct Weather {
    pub(super) redis: RedisServer,
    pub(super) proxies: Vec<Proxy>,
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) events: Vec<Event>,
    /// How many processes a mode has: the proxies are in order of mode, then of process.
    pub(super) processes: usize,
}

impl Weather {
    /// Something happens, and is over when this returns.
    pub(super) async fn change(&mut self) {
        let begin = self.clock.now();
        let at = self.random.index(self.proxies.len());
        let lasts = self.random.millis(100, 3_500);
        let proxy = &self.proxies[at];
        match self.random.below(10) {
            0..3 => {
                proxy.cut();
                self.trouble(Some(at), begin);
            }
            3 => {
                proxy.hold();
                sleep(lasts).await;
                proxy.restore();
                self.trouble(Some(at), begin);
            }
            4 => {
                proxy.black_hole();
                sleep(lasts).await;
                proxy.restore();
                self.trouble(Some(at), begin);
            }
            5 => {
                proxy.refuse();
                proxy.cut();
                sleep(lasts).await;
                proxy.restore();
                self.trouble(Some(at), begin);
            }
            6 => {
                self.redis.pause();
                sleep(lasts).await;
                self.redis.resume();
                self.trouble(None, begin);
            }
            7 => {
                self.redis.kill();
                sleep(lasts / 4).await;
                self.redis.restart();
                self.trouble(None, begin);
                self.note(0, begin, What::Wiped);
            }
            8 => {
                self.redis.cli(&["FLUSHALL"]);
                self.note(0, begin, What::Wiped);
            }
            _ => sleep(lasts).await,
        }
        // time for what was broken to be whole again, most of the time
        let calm = self.random.below(3);
        sleep(Duration::from_millis(300 + 1_500 * calm)).await;
    }

    /// What happened to the processes of a mode.
    pub(super) fn of_mode(&self, mode: usize) -> impl Iterator<Item = Event> {
        let first = mode * self.processes;
        let own = first..first + self.processes;
        self.events.iter().filter_map(move |event| {
            let everybody = event.what == What::Wiped;
            (everybody || own.contains(&event.process)).then(|| Event {
                process: event.process.saturating_sub(first),
                ..event.clone()
            })
        })
    }

    /// What concerned the process behind a proxy, or all of them.
    fn trouble(&mut self, at: Option<usize>, begin: tests::torture::Instant) {
        let all = 0..self.proxies.len();
        for process in all.filter(|process| at.is_none_or(|at| at == *process)) {
            self.note(process, begin, What::Trouble(Trouble::Feed));
            self.note(process, begin, What::Trouble(Trouble::Data));
        }
    }

    fn note(&mut self, process: Process, begin: tests::torture::Instant, what: What) {
        self.events.push(Event {
            process,
            span: Span::new(begin, self.clock.now()),
            what,
        });
    }
}
