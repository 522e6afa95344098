//! One history.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tests::canary;
use tokio::runtime::{Builder, Handle};
use tokio::task::yield_now;
use tower_redis::Toolkit;
use tower_redis::testing::{FarProcess, FarServer, Fault, ManualClock, SeededChance};

use super::super::tasks::{Tasks, cut_short};
use super::super::witness::Witness;
use super::change::Change;
use super::load::Loading;
use super::plan::{KEYS, Plan};
use super::reference::{Broken, PROCESSES, Reference, Rule};
use super::seat::{Seat, Way};
use super::sky::Sky;
use super::state::State;
use super::value::held;
use tests::Random;

/// The fewest things that are done in a history.
const LEAST: u64 = 50;
const MORE: u64 = 30;

/// More would only queue.
const TASKS: usize = 12;

/// What came of a history.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) plan: Plan,
    pub(super) broken: Vec<Broken>,
    /// What happened, if that was asked for.
    pub(super) told: Vec<String>,
}

/// What two processes did by `seed`, held against the reference.
pub(super) fn run(seed: u64, fault: Option<Fault>, tells: bool) -> Ran {
    canary::listen();
    let _same_every_time = SeededChance::from_seed(seed);
    let before = held();
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let mut ran = runtime.block_on(async {
        let mut world = World::new(seed, fault, tells);
        while world.left > 0 {
            world.step().await;
        }
        world.end().await
    });
    drop(runtime);
    let left = held() - before;
    if left > 0 && ran.broken.is_empty() {
        let what = format!("{left} values are held by nobody");
        ran.broken.push(Broken {
            rule: Rule::Memory,
            what,
        });
    }
    ran
}

struct World {
    random: Random,
    plan: Plan,
    clock: ManualClock,
    server: FarServer,
    seats: Vec<Seat>,
    skies: Vec<Sky>,
    state: State,
    tasks: Tasks,
    witness: Witness,
    /// How much is still to be done.
    left: u64,
}

/// `work`, which may panic.
async fn caught(work: impl Future<Output = ()>) {
    let mut work = pin!(work);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx)));
        polled.unwrap_or(Poll::Ready(()))
    })
    .await;
}

impl World {
    fn new(seed: u64, fault: Option<Fault>, tells: bool) -> Self {
        let mut random = Random::new(seed);
        let plan = Plan::draw(&mut random);
        let clock = ManualClock::new();
        let server = FarServer::new(&clock);
        if let Some(fault) = fault {
            server.commit(fault);
        }
        let now = time(&clock);
        let state = State::new(Reference::new(plan, now), tells);
        let toolkit = |far: &FarProcess| {
            let builder = Toolkit::builder().settings(plan.settings());
            builder.clock(clock.clock()).far(far).build().unwrap()
        };
        let seat = |process| {
            let far = server.process();
            far.dawdle(random.draw() | 1);
            let toolkit = toolkit(&far);
            Seat {
                process,
                cache: plan.cache(&toolkit),
                far,
                toolkit,
                state: state.clone(),
                plan,
            }
        };
        let seats: Vec<_> = (0..PROCESSES).map(seat).collect();
        let far = server.process();
        let witness = Witness::new(&toolkit(&far), far);
        Self {
            skies: seats.iter().map(|seat| Sky::of(seat, now)).collect(),
            tasks: Tasks::default(),
            left: LEAST + random.below(MORE),
            random,
            plan,
            clock,
            server,
            seats,
            state,
            witness,
        }
    }

    async fn step(&mut self) {
        match self.random.below(100) {
            0..76 => {
                self.tasks.step(&mut self.random);
            }
            76..88 => self.act(),
            88..95 => self.pass().await,
            95 => self.tasks.cancel(&mut self.random),
            _ if self.plan.rough => self.turn(),
            _ => {}
        }
        self.seats.iter().for_each(|seat| seat.far.work());
        if self.random.once_in(2) {
            yield_now().await;
        }
        if self.random.once_in(16) {
            self.has_room();
        }
    }

    /// Somebody does something.
    fn act(&mut self) {
        if self.tasks.len() >= TASKS {
            return;
        }
        self.left = self.left.saturating_sub(1);
        let random = &mut self.random;
        let seat = self.seats[random.index(PROCESSES)].clone();
        let (key, loading) = (random.index(KEYS), Loading::draw(random, &self.plan));
        let steps = if random.once_in(4) {
            random.below(24)
        } else {
            u64::MAX
        };
        match random.below(16) {
            0..11 => {
                let way = Way::draw(random, &self.plan);
                if random.once_in(8) {
                    let load = (way != Way::Get).then_some(loading);
                    return self.tasks.start(true, caught(seat.read_all(load)));
                }
                self.tasks.start(true, caught(seat.read(way, key, loading)));
            }
            11..14 => {
                let (change, writes) = (Change::draw(random, &self.plan), !random.once_in(4));
                self.tasks.start(false, seat.change(change, writes));
            }
            14 => self
                .tasks
                .start(false, caught(cut_short(steps, seat.put(key)))),
            _ => {
                let refresh = seat.refresh(key, loading);
                self.tasks.start(false, caught(cut_short(steps, refresh)));
            }
        }
    }

    async fn pass(&mut self) {
        let most = if self.random.once_in(4) { 2_000 } else { 200 };
        let mut left = self.random.millis(1, most);
        // no feed is silent for longer than it may be
        while !left.is_zero() {
            let part = left.min(Duration::from_millis(900));
            left -= part;
            let now = self.turns(part).await;
            for sky in &mut self.skies {
                sky.pass(&mut self.random, now);
            }
        }
    }

    fn turn(&mut self) {
        if self.random.once_in(24) {
            self.server.flush_all();
            self.state.tell(|| "everything was wiped".to_owned());
            return self.state.with(Reference::wiped);
        }
        let sky = &mut self.skies[self.random.index(PROCESSES)];
        sky.turn(&mut self.random, &self.witness);
    }

    fn has_room(&self) {
        for seat in &self.seats {
            let entries = seat.cache.stats().entries as u64;
            let capacity = self.plan.capacity;
            if entries > capacity {
                let what = format!("{entries} entries where there is room for {capacity}");
                self.state
                    .with(|reference| reference.breaks(Rule::Memory, what));
            }
        }
    }

    /// Mends everything, lets everybody come to an end, and looks what is left.
    async fn end(mut self) -> Ran {
        for sky in &mut self.skies {
            sky.mends_feed(&mut self.random, &self.witness);
            sky.mends_data();
        }
        self.comes_to_an_end().await;
        // what was owed is paid by now, and what was loaded meanwhile is asked for again
        self.state.with(Reference::all_is_told);
        for _ in 0..3 {
            self.clock_goes_on(Duration::from_millis(600)).await;
        }
        for key in 0..KEYS {
            for seat in self.seats.clone() {
                let read = seat.read(Way::With, key, Loading::plain());
                self.tasks.start(true, read);
            }
        }
        self.comes_to_an_end().await;
        let mut room = 0;
        for seat in &self.seats {
            let stats = seat.cache.stats();
            if stats.loading > 0 {
                let what = format!("{} keys are loaded for ever", stats.loading);
                self.state
                    .with(|reference| reference.breaks(Rule::Hangs, what));
            }
            // and an error for each key
            room += stats.entries + KEYS;
        }
        if held() > room {
            let what = format!("{} values are held, for {room} at most", held());
            self.state
                .with(|reference| reference.breaks(Rule::Memory, what));
        }
        Ran {
            plan: self.plan,
            broken: self
                .state
                .with(|reference| std::mem::take(&mut reference.broken)),
            told: self.state.told(),
        }
    }

    async fn comes_to_an_end(&mut self) {
        // more than all loads and calls take together
        for _ in 0..200 {
            loop {
                self.seats.iter().for_each(|seat| seat.far.work());
                yield_now().await;
                if !self.tasks.step(&mut self.random) {
                    break;
                }
            }
            if self.tasks.len() == 0 && self.alive() == 0 {
                return;
            }
            self.clock_goes_on(Duration::from_millis(100)).await;
        }
        let what = format!(
            "{} calls and {} tasks have not ended",
            self.tasks.len(),
            self.alive()
        );
        self.state
            .with(|reference| reference.breaks(Rule::Hangs, what));
    }

    fn alive(&self) -> usize {
        Handle::current().metrics().num_alive_tasks()
    }

    async fn clock_goes_on(&mut self, part: Duration) {
        self.turns(part).await;
        self.seats.iter().for_each(|seat| seat.far.beat());
    }

    /// Lets `part` pass, and answers what the clock shows then.
    async fn turns(&mut self, part: Duration) -> Duration {
        let alone = self.alive() == 0;
        self.clock.advance(part);
        let now = time(&self.clock);
        // first: tasks go on as soon as the clock of the runtime is turned
        self.state.pass(now, alone);
        tokio::time::advance(part).await;
        now
    }
}

fn time(clock: &ManualClock) -> Duration {
    Duration::from_nanos(clock.clock().now().as_nanos())
}
