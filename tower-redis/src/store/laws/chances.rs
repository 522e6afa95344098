//! Whatever the order of things: what was invalidated is not served.
//!
//! There is a source of truth, a number that only grows. Some write to it and invalidate, each in its own way;
//! some load from it, in the steps of the protocol, with anything in between. Nobody may find a
//! value, good by its tokens, that is older than what the last finished invalidation told of.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::store::entry::{EntryId, Found, Held, Late, Lease, Leased, New, Place};
use crate::store::pattern::Pattern;
use crate::store::token::{Stamp, Token, TokenKey};

use super::world::{Seat, World, done, key, new, unique, unique_generation, unique_tag, unpacked};

const LOADERS: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// This loader does its next step.
    Load(usize),
    /// The truth changes, and this loader's process invalidates.
    Change(usize, How),
    /// Something is evicted.
    Lose(What),
}

#[derive(Debug, Clone, Copy)]
enum How {
    Remove,
    Put,
    Tag,
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

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use How::{Cache, LateTag, Matching, Put, Remove, Tag};
    let how = prop::sample::select(vec![Remove, Put, Tag, LateTag, Cache, Matching]);
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
    vec(step, 1..60)
}

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
    /// What the last finished invalidation told of.
    told: u64,
}

pub(super) fn no_chance_serves_what_was_invalidated(world: &dyn World) {
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
    let ran = runner.run(&steps(), |steps| {
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
        };
        for step in steps {
            scene.step(step);
            scene.look();
        }
        Ok(())
    });
    ran.unwrap();
}

impl Scene<'_> {
    fn step(&mut self, step: Step) {
        match step {
            Step::Load(n) => {
                let before = std::mem::replace(&mut self.loaders[n], At::Start);
                self.loaders[n] = self.load(&self.seats[n], before);
            }
            Step::Change(by, how) => self.change(by, how),
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
        let store = &seat.store;
        match at {
            At::Start => {
                let keys = [self.tag.clone(), self.generation.clone()];
                let stamp = done(store.stamp());
                let (found, tokens) = done(store.get(&self.place, &keys));
                let premises = Premises {
                    stamp,
                    tag: tokens[0],
                    generation: tokens[1],
                };
                match found {
                    Found::Nothing => At::Looked(premises, None),
                    Found::Entry(held) if !self.is_good(seat, &held) => {
                        At::Looked(premises, Some(held.id))
                    }
                    _ => At::Start,
                }
            }
            At::Looked(premises, rejected) => match done(store.lease(&self.place, rejected)) {
                Leased::Granted(lease) => At::Leased(premises, lease),
                _ => At::Start,
            },
            At::Leased(premises, lease) => At::Loaded(premises, lease, self.truth),
            At::Loaded(premises, lease, value) => {
                At::Tagged(premises, lease, value, seat.token(&self.late))
            }
            At::Tagged(premises, lease, value, late) => {
                let new = self.entry(premises, value, late);
                done(store.fill(&self.place, &lease, &new));
                At::Start
            }
        }
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
        let seat = &self.seats[by];
        self.truth += 1;
        let replace = |key| {
            seat.replace(key);
        };
        match how {
            How::Remove => seat.remove(&self.place),
            How::Put => {
                let stamp = done(seat.store.stamp());
                let keys = [self.tag.clone(), self.generation.clone(), self.late.clone()];
                let tokens = done(seat.store.tokens(&keys));
                let premises = Premises {
                    stamp,
                    tag: tokens[0],
                    generation: tokens[1],
                };
                let new = self.entry(premises, self.truth, tokens[2]);
                done(seat.store.put(&self.place, &new));
            }
            How::Tag => replace(&self.tag),
            How::LateTag => replace(&self.late),
            How::Cache => replace(&self.generation),
            How::Matching => {
                let pattern = Pattern::prefix(key(&self.place));
                done(seat.store.remove_matching(&pattern));
            }
        }
        self.told = self.truth;
    }

    fn is_good(&self, seat: &Seat, held: &Held) -> bool {
        let keys = [self.tag.clone(), self.late.clone(), self.generation.clone()];
        let present = done(seat.store.tokens(&keys));
        let tags: Vec<_> = held.tags.iter().map(|(_, token)| *token).collect();
        tags == present[..2] && held.generation == Some(present[2])
    }

    fn look(&self) {
        let seat = &self.seats[0];
        if let Found::Entry(held) = seat.get(&self.place)
            && self.is_good(seat, &held)
        {
            let value = unpacked(&held);
            assert!(value >= self.told, "{value} is older than {}", self.told);
        }
    }
}
