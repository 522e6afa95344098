//! Whatever the order of things: what was invalidated is not served.
//!
//! There is a source of truth, a number that only grows. Some write to it and invalidate, each in its own way;
//! some load from it, in the steps of the protocol, with anything in between. Nobody may find a
//! value, good by its tokens, that is older than what the last finished invalidation told of.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::store::chaos::Mishap;
use crate::store::contract::Answer;
use crate::store::entry::{EntryId, Found, Held, Late, Lease, Leased, New, Place};
use crate::store::pattern::Pattern;
use crate::store::token::{Part, Stamp, Token, TokenKey};

use super::world::{
    Seat, World, done, key, new, tried, unique, unique_generation, unique_tag, unpacked,
};

const LOADERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// This loader does its next step.
    Load(usize),
    /// The truth changes, and this loader's process invalidates.
    Change(usize, How),
    /// Something is evicted.
    Lose(What),
    /// Something happens to the next call of this loader's process.
    Mishap(usize, Mishap),
    /// What was held up goes on.
    Release(usize),
}

#[derive(Debug, Clone, Copy)]
enum How {
    Remove,
    Expire,
    Put,
    Tag,
    SoftTag,
    LateTag,
    Cache,
    Matching,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Value,
    Lease,
    Tag,
    LateTag,
    Cache,
}

fn steps(mishaps: bool) -> impl Strategy<Value = Vec<Step>> {
    use How::{Cache, Expire, LateTag, Matching, Put, Remove, SoftTag, Tag};
    let how = vec![Remove, Expire, Put, Tag, SoftTag, LateTag, Cache, Matching];
    let how = prop::sample::select(how);
    let what = prop::sample::select(vec![
        What::Value,
        What::Lease,
        What::Tag,
        What::LateTag,
        What::Cache,
    ]);
    let step = prop_oneof![
        12 => (0..LOADERS).prop_map(Step::Load),
        3 => (0..LOADERS, how).prop_map(|(by, how)| Step::Change(by, how)),
        1 => what.prop_map(Step::Lose),
    ];
    let step = prop_oneof![
        10 => step,
        u32::from(mishaps) * 3 => (0..LOADERS, prop::sample::select(&SURVIVED[..]))
            .prop_map(|(by, mishap)| Step::Mishap(by, mishap)),
        u32::from(mishaps) => (0..LOADERS).prop_map(Step::Release),
    ];
    vec(step, 1..60)
}

/// What may happen to a call that somebody waits for.
const SURVIVED: [Mishap; 5] = [
    Mishap::Refused,
    Mishap::Lost,
    Mishap::Unanswered,
    Mishap::Twice,
    Mishap::Late,
];

/// Where a loader is.
#[derive(Debug, Clone)]
enum At {
    Start,
    /// It knows the tokens, and what it rejects.
    Looked(Premises, Option<EntryId>),
    Leased(Premises, Lease),
    Loaded(Premises, Lease, u64),
    /// It has read the tags it computed from the value.
    Tagged(Premises, Lease, u64, Token),
}

#[derive(Debug, Clone, Copy)]
struct Premises {
    stamp: Stamp,
    tag: Token,
    generation: Token,
}

struct Scene<'a> {
    world: &'a dyn World,
    place: Place,
    tag: TokenKey,
    late: TokenKey,
    generation: TokenKey,
    seats: &'a [Seat],
    loaders: Vec<At>,
    truth: u64,
    /// What the last finished invalidation told everybody of.
    told: u64,
    /// What the last invalidation of each process told it of, whether or not it reached the others.
    own: [u64; LOADERS],
    /// Whether calls may fail.
    mishaps: bool,
}

pub(super) fn no_chance_serves_what_was_invalidated(world: &dyn World) {
    run(world, false);
}

/// The same with mishaps: what a process has invalidated it does not read any more, whether or not the
/// server was told.
pub(super) fn no_mishap_serves_what_was_invalidated(world: &dyn World) {
    run(world, true);
}

fn run(world: &dyn World, mishaps: bool) {
    let seats: Vec<_> = (0..LOADERS).map(|_| world.seat()).collect();
    let config = Config {
        cases: 300,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..Config::default()
    };
    // the same histories for every store, and for every fault
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let ran = runner.run(&steps(mishaps), |steps| {
        let mut scene = Scene {
            world,
            place: unique(b"chance"),
            tag: unique_tag(),
            late: unique_tag(),
            generation: unique_generation(),
            seats: &seats,
            loaders: vec![At::Start; LOADERS],
            truth: 0,
            told: 0,
            own: [0; LOADERS],
            mishaps,
        };
        for step in steps {
            scene.step(step);
            // a look would meet the mishap
            if !matches!(step, Step::Mishap(..)) {
                scene.look();
            }
        }
        Ok(())
    });
    ran.unwrap();
}

impl Scene<'_> {
    fn ask<T>(&self, answer: Answer<'_, T>) -> Option<T> {
        if self.mishaps {
            tried(answer)
        } else {
            Some(done(answer))
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Load(n) => {
                let before = std::mem::replace(&mut self.loaders[n], At::Start);
                self.loaders[n] = self.load(&self.seats[n], before);
            }
            Step::Change(by, how) => self.change(by, how),
            Step::Mishap(by, mishap) => self.world.mishap(&self.seats[by], mishap),
            Step::Release(by) => self.world.release(&self.seats[by]),
            Step::Lose(what) => {
                let names = self.world.names();
                match what {
                    What::Value => self.world.lose(key(&self.place)),
                    What::Lease => {
                        self.world
                            .lose(&crate::store::names::lease(key(&self.place)));
                    }
                    What::Tag => self.world.lose(&names.token(&self.tag)),
                    What::LateTag => self.world.lose(&names.token(&self.late)),
                    What::Cache => self.world.lose(&names.token(&self.generation)),
                }
            }
        }
    }

    fn load(&self, seat: &Seat, at: At) -> At {
        // who gets no answer begins again
        self.try_load(seat, at).unwrap_or(At::Start)
    }

    fn try_load(&self, seat: &Seat, at: At) -> Option<At> {
        let store = &seat.store;
        Some(match at {
            At::Start => {
                let keys = [self.tag.clone(), self.generation.clone()];
                let stamp = self.ask(store.stamp())?;
                let (found, tokens) = self.ask(store.get(&self.place, &keys))?;
                let premises = Premises {
                    stamp,
                    tag: tokens[0].token,
                    generation: tokens[1].token,
                };
                match found {
                    Found::Nothing => At::Looked(premises, None),
                    Found::Entry(held) if !self.is_good(seat, &held)? => {
                        At::Looked(premises, Some(held.id))
                    }
                    _ => At::Start,
                }
            }
            At::Looked(premises, rejected) => match self.ask(self.lease(seat, rejected))? {
                Leased::Granted(lease) | Leased::Failed { lease, .. } => {
                    At::Leased(premises, lease)
                }
                Leased::Held { .. } => At::Looked(premises, rejected),
                _ => At::Start,
            },
            At::Leased(premises, lease) => At::Loaded(premises, lease, self.truth),
            At::Loaded(premises, lease, value) => {
                let late = self.ask(store.tokens(std::slice::from_ref(&self.late)))?;
                At::Tagged(premises, lease, value, late[0].token)
            }
            At::Tagged(premises, lease, value, late) => {
                let new = self.entry(premises, value, late);
                self.ask(store.fill(&self.place, &lease, &new))?;
                At::Start
            }
        })
    }

    /// Some load for all, and some beside them.
    fn lease<'s>(&'s self, seat: &'s Seat, rejected: Option<EntryId>) -> Answer<'s, Leased> {
        if std::ptr::eq(seat, &self.seats[0]) {
            return seat.store.lease(&self.place, rejected);
        }
        let hold = Duration::from_secs(3_600);
        seat.store.lease_fleet(&self.place, rejected, hold)
    }

    fn entry(&self, premises: Premises, value: u64, late: Token) -> New {
        New {
            generation: Some((self.generation.clone(), premises.generation)),
            tags: vec![(self.tag.clone(), premises.tag)],
            late: Some(Late {
                stamp: premises.stamp,
                tags: vec![(self.late.clone(), late)],
            }),
            ..new(value)
        }
    }

    fn change(&mut self, by: usize, how: How) {
        self.truth += 1;
        let reached = self.invalidate(&self.seats[by], how);
        self.own[by] = self.truth;
        if reached.is_some() {
            self.told = self.truth;
        }
    }

    fn invalidate(&self, seat: &Seat, how: How) -> Option<()> {
        let store = &seat.store;
        let replace = |key, part| {
            let key = std::slice::from_ref(key);
            self.ask(store.replace_tokens(key, part)).map(drop)
        };
        match how {
            How::Remove => self.ask(store.remove(std::slice::from_ref(&self.place))),
            How::Expire => self.ask(store.expire(std::slice::from_ref(&self.place))),
            How::Put => self.put(seat),
            How::Tag => replace(&self.tag, Part::Hard),
            How::SoftTag => replace(&self.tag, Part::Soft),
            How::LateTag => replace(&self.late, Part::Hard),
            How::Cache => replace(&self.generation, Part::Hard),
            How::Matching => {
                let pattern = Pattern::prefix(&self.place.key);
                self.ask(store.remove_matching(&pattern)).map(drop)
            }
        }
    }

    fn put(&self, seat: &Seat) -> Option<()> {
        let keys = [self.tag.clone(), self.generation.clone(), self.late.clone()];
        let read = || {
            let stamp = self.ask(seat.store.stamp())?;
            Some((stamp, self.ask(seat.store.tokens(&keys))?))
        };
        let Some((stamp, tokens)) = read() else {
            // what cannot be put is removed
            return self.ask(seat.store.remove(std::slice::from_ref(&self.place)));
        };
        let premises = Premises {
            stamp,
            tag: tokens[0].token,
            generation: tokens[1].token,
        };
        let new = self.entry(premises, self.truth, tokens[2].token);
        self.ask(seat.store.put(&self.place, &new)).map(drop)
    }

    fn is_good(&self, seat: &Seat, held: &Held) -> Option<bool> {
        let keys = [self.tag.clone(), self.late.clone(), self.generation.clone()];
        let present = self.ask(seat.store.tokens(&keys))?;
        let present: Vec<_> = present.iter().map(|given| given.token).collect();
        let tags: Vec<_> = held.tags.each().map(|tag| tag.token).collect();
        let fresh = held.fresh != Some(Duration::ZERO);
        Some(fresh && tags == present[..2] && held.generation == Some(present[2]))
    }

    fn look(&self) {
        for (seat, own) in self.seats.iter().zip(self.own) {
            let found = self.ask(seat.store.get(&self.place, &[]));
            if let Some((Found::Entry(held), _)) = found
                && self.is_good(seat, &held) == Some(true)
            {
                let (value, least) = (unpacked(&held), self.told.max(own));
                assert!(value >= least, "{value} is older than {least}");
            }
        }
    }
}
