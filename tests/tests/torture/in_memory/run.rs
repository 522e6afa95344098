//! One run.

use std::rc::Rc;
use std::time::Duration;

use tests::canary;
use tests::torture::{Bounds, History, Key, Outage, Violation, What, check};
use tower_redis::Toolkit;
use tower_redis::config::{Settings, Variables};
use tower_redis::testing::{FarProcess, FarServer, Fault, ManualClock};

use super::log::Log;
use super::seat::{Inner, Loading, Seat};
use super::source::Source;
use super::tasks::{Sleepers, Tasks, come_back, cut_short};
use super::weather::Weather;
use super::witness::Witness;
use crate::keys::{How, KEYS};
use tests::Random;

/// What is served while Redis is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Default,
    Strict,
}

const STEPS: u64 = 8_000;
/// More would only queue.
const TASKS: usize = 32;
/// Those who look on while something is replaced are fewer than this.
const LOOKERS: u64 = 6;
const TTL: Duration = Duration::from_secs(6);
const GRACE: Duration = Duration::from_millis(2_500);
const OUTAGE_TTL: Duration = Duration::from_millis(3_500);

fn bounds(mode: Mode) -> Bounds {
    Bounds {
        ttl: TTL,
        // a message that is not held back is there before the invalidation returns
        message: Duration::ZERO,
        silence: Duration::from_secs(2),
        outage: (mode == Mode::Default).then_some(Outage {
            grace: GRACE,
            ttl: OUTAGE_TTL,
            unasked: Duration::from_secs(1),
        }),
        recovery: Duration::ZERO,
        slack: Duration::ZERO,
        patience: Duration::from_secs(60),
    }
}

fn settings(mode: Mode) -> Settings {
    let outage = match mode {
        Mode::Default => "grace",
        Mode::Strict => "strict",
    };
    let variables = [
        ("CACHE_OUTAGE", outage.to_owned()),
        ("CACHE_OUTAGE_GRACE", format!("{}ms", GRACE.as_millis())),
        ("CACHE_OUTAGE_TTL", format!("{}ms", OUTAGE_TTL.as_millis())),
    ];
    Settings::read(&Variables::from_iter(variables)).unwrap()
}

/// What two processes did by `seed`, held against what was promised.
pub(super) fn run(seed: u64, mode: Mode, fault: Option<Fault>) -> (History, Vec<Violation>) {
    canary::listen();
    let mut world = World::new(seed, mode, fault);
    for _ in 0..STEPS {
        world.step();
    }
    let history = History::of(world.end());
    let violations = check(&history, &bounds(mode));
    (history, violations)
}

struct World {
    random: Random,
    clock: ManualClock,
    server: FarServer,
    log: Log,
    source: Source,
    sleepers: Sleepers,
    seats: Vec<Seat>,
    weather: Vec<Weather>,
    tasks: Tasks,
    witness: Witness,
}

/// For how many steps somebody waits for what he has asked for: for most it is enough.
fn patience(random: &mut Random) -> u64 {
    if random.once_in(4) {
        random.below(24)
    } else {
        u64::MAX
    }
}

impl World {
    fn new(seed: u64, mode: Mode, fault: Option<Fault>) -> Self {
        let mut random = Random::new(seed);
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        if let Some(fault) = fault {
            server.commit(fault);
        }
        let log = Log::new(clock.clock());
        let (source, sleepers) = (Source::default(), Sleepers::default());
        let toolkit = |far: &FarProcess| {
            let builder = Toolkit::builder().settings(settings(mode));
            builder.clock(clock.clock()).far(far).build().unwrap()
        };
        let seat = |process| {
            let far = server.process();
            far.dawdle(random.draw() | 1);
            let toolkit = toolkit(&far);
            Seat(Rc::new(Inner {
                process,
                cache: toolkit.cache("numbers").ttl(TTL).build().unwrap(),
                far,
                toolkit,
                log: log.clone(),
                source: source.clone(),
                sleepers: sleepers.clone(),
            }))
        };
        let seats: Vec<_> = (0..2).map(seat).collect();
        let far = server.process();
        let witness = Witness::new(&toolkit(&far), far);
        Self {
            weather: seats.iter().map(Weather::of).collect(),
            tasks: Tasks::default(),
            random,
            clock,
            server,
            log,
            source,
            sleepers,
            seats,
            witness,
        }
    }

    fn step(&mut self) {
        match self.random.below(200) {
            0..170 => {
                self.tasks.step(&mut self.random);
            }
            170..185 => self.read(),
            185..187 => self.change(),
            187..196 => self.pass(),
            196 => self.tasks.cancel(&mut self.random),
            _ => self.turn_weather(),
        }
        for weather in &mut self.weather {
            weather.strike(&mut self.random);
        }
        self.seats.iter().for_each(|seat| seat.0.far.work());
    }

    /// Most of the time nothing is wrong, or little would be stored.
    fn turn_weather(&mut self) {
        let random = &mut self.random;
        let weather = &mut self.weather[random.index(2)];
        let witness = &self.witness;
        match random.below(12) {
            0 => weather.break_feed(random, || witness.speak()),
            1 => weather.break_data(),
            2..5 => weather.mend_feed(random, || witness.speak()),
            5..8 => weather.mend_data(),
            8 if random.once_in(4) => {
                let begin = self.log.now();
                self.server.flush_all();
                self.log.end(0, begin, What::Wiped);
            }
            _ => {}
        }
    }

    fn seat(&mut self) -> Seat {
        self.seats[self.random.index(self.seats.len())].clone()
    }

    fn read(&mut self) {
        if self.tasks.len() >= TASKS {
            return;
        }
        let (seat, key) = (self.seat(), self.random.below(KEYS));
        let loading = Loading::draw(&mut self.random);
        self.tasks.start(true, seat.read(key, loading));
    }

    /// Some read `key` while it is replaced, or refresh it too.
    fn look_on(&mut self, key: Key) {
        for _ in 0..self.random.below(LOOKERS) {
            let seat = self.seat();
            let random = &mut self.random;
            let (later, loading) = (random.below(12), Loading::draw(random));
            let too = random.once_in(4);
            self.tasks.start(true, async move {
                come_back(later).await;
                if too {
                    seat.refresh(key, loading).await;
                } else {
                    seat.read(key, loading).await;
                }
            });
        }
    }

    /// Somebody writes, and has what is kept of it replaced or invalidated; or does the latter to something that
    /// nobody wrote.
    fn change(&mut self) {
        if self.tasks.len() >= TASKS {
            return;
        }
        let (seat, key) = (self.seat(), self.random.below(KEYS));
        let process = seat.0.process;
        let random = &mut self.random;
        let how = How::of(key, random.below(12), random.once_in(2));
        let (puts, refreshes) = match random.below(8) {
            0 | 1 => (true, false),
            2 | 3 => (false, true),
            _ => (false, false),
        };
        let loading = Loading::draw(random);
        let steps = patience(random);
        let pauses = (random.below(3), random.below(3));
        let log = self.log.clone();
        let writing = (!random.once_in(5))
            .then(|| self.source.writing(key))
            .flatten();
        self.tasks.start(false, async move {
            match writing {
                Some(writing) if puts => {
                    let version = writing.write(&log, pauses).await;
                    return cut_short(steps, seat.put(key, version)).await;
                }
                Some(writing) => drop(writing.write(&log, pauses).await),
                None => {}
            }
            if refreshes {
                cut_short(steps, seat.refresh(key, loading)).await;
            } else {
                seat.invalidate(how).await;
            }
        });
        if puts || refreshes {
            self.weather[process].unsettle();
            self.look_on(key);
        }
    }

    fn pass(&mut self) {
        let most = if self.random.once_in(10) { 900 } else { 150 };
        self.clock.advance(self.random.millis(1, most));
        for weather in &mut self.weather {
            weather.pass(&mut self.random);
        }
        self.sleepers.wake();
    }

    /// Mends everything and lets everybody come to an end.
    fn end(mut self) -> Vec<tests::torture::Event> {
        for weather in &mut self.weather {
            let witness = &self.witness;
            weather.mend_feed(&mut self.random, || witness.speak());
            weather.mend_data();
        }
        // more than all loads and calls take together
        for _ in 0..2_000 {
            while self.tasks.step(&mut self.random) {}
            if self.tasks.len() == 0 {
                break;
            }
            self.pass();
        }
        self.log.close();
        drop(self.tasks);
        self.log.events()
    }
}
