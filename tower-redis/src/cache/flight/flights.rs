//! All loads of one cache: who joins whom, and who is shut out.

use std::sync::Arc;

use crate::cache::hold::Hold;
use crate::cache::premises::Premises;

use super::glance::Glance;
use super::leader::Present;
use super::outcome::Follower;
use super::permit::Permit;
use super::table::Table;

/// All loads of one cache.
#[derive(Debug)]
pub(crate) struct Flights<V>(Arc<Table<V>>);

/// What joining the flight of a key turned out to be.
#[derive(Debug)]
pub(crate) enum Turn<V: Hold> {
    /// A usable entry is there after all.
    Hit(V),
    /// Load, then settle the permit; others are waiting for it.
    Lead(Permit<V>),
    /// Load alone: the flight there waits for the caller.
    Alone(Permit<V>),
    /// Another call is loading.
    Follow(Follower<V>),
}

impl<V: Hold> Flights<V> {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Table::new()))
    }

    /// The caller found nothing usable for `key`: joins its flight or opens one.
    ///
    /// `recheck` looks into the near tier once more, under the lock that fills hold, so that a caller
    /// who missed just before a fill does not load again. `helps` says whether it can use what is coming, under
    /// the same lock.
    pub(crate) fn join(
        &self,
        key: &[u8],
        premises: Premises,
        present: Present,
        helps: impl Fn(&V) -> bool,
        recheck: impl FnOnce() -> Option<V>,
    ) -> Turn<V> {
        let name = self.0.name(key);
        let mut shard = self.0.shard(name);
        let coming = shard
            .coming(name)
            .find(|coming| coming.basis.suits(&premises, present) && helps(&coming.value));
        if let Some(coming) = coming {
            return match coming.follow() {
                Some(follower) => Turn::Follow(follower),
                None => Turn::Alone(Permit::attach(&self.0, &mut shard, name, premises)),
            };
        }
        if let Some(leader) = shard.leader(name) {
            if leader.basis.suits(&premises, present) {
                return match leader.follow(present) {
                    Some(follower) => Turn::Follow(follower),
                    None => Turn::Alone(Permit::attach(&self.0, &mut shard, name, premises)),
                };
            }
            // Begun before an invalidation that concerns it, or before one that may have been missed: that
            // flight goes on for its own callers, and may not fill over what this one will bring.
            shard.shatter(name);
        } else if let Some(value) = recheck() {
            return Turn::Hit(value);
        }
        let permit = Permit::lead(&self.0, &mut shard, name, premises, present.at);
        Turn::Lead(permit)
    }

    /// What is coming for `key` and `helps` a caller, who takes what there is of it and waits for nothing.
    #[cfg(feature = "http-cache")]
    pub(crate) fn coming(
        &self,
        key: &[u8],
        premises: &Premises,
        present: Present,
        helps: impl Fn(&V) -> bool,
    ) -> Option<V> {
        let name = self.0.name(key);
        let shard = self.0.shard(name);
        let coming = shard
            .coming(name)
            .find(|coming| coming.basis.suits(premises, present) && helps(&coming.value))?;
        Some(coming.value.clone())
    }

    /// The right to fill of somebody who will not load.
    pub(crate) fn glance<'a>(&'a self, key: &'a [u8], premises: Premises) -> Glance<'a, V> {
        Glance::at(&self.0, key, premises)
    }

    /// A permit for a load that is not led: it may fill unless an invalidation comes first.
    pub(crate) fn permit(&self, key: &[u8], premises: Premises) -> Permit<V> {
        let name = self.0.name(key);
        let mut shard = self.0.shard(name);
        Permit::attach(&self.0, &mut shard, name, premises)
    }

    /// [`permit`](Self::permit), and forbids those there are to fill: they began before.
    pub(crate) fn permit_anew(&self, key: &[u8], premises: Premises) -> Permit<V> {
        let name = self.0.name(key);
        let mut shard = self.0.shard(name);
        shard.shatter(name);
        Permit::attach(&self.0, &mut shard, name, premises)
    }

    /// Forbids every load of `key` that is under way to fill, and runs `change` before anything else
    /// can happen to the key.
    pub(crate) fn exclude<R>(&self, key: &[u8], change: impl FnOnce() -> R) -> R {
        let name = self.0.name(key);
        let mut shard = self.0.shard(name);
        shard.shatter(name);
        change()
    }

    /// Forbids every load of a key that `matches` to fill.
    pub(crate) fn exclude_matching(&self, matches: impl Fn(&[u8]) -> bool) {
        for mut shard in self.0.shards() {
            shard.shatter_matching(&matches);
        }
    }

    /// Keys being loaded right now.
    pub(crate) fn under_way(&self) -> usize {
        self.0.shards().map(|shard| shard.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::time::Duration;

    use crate::cache::entry::{Entry, Span};
    use crate::cache::flight::outcome::Outcome;
    use crate::cache::flight::permit::Fills;
    use crate::cache::hold::Copied;
    use crate::cache::near::{Bound, Near};
    use crate::cache::premises::Epoch;
    use crate::clock::Clock;
    use crate::key::Sought;

    use super::*;

    const KEY: &[u8] = b"key";
    /// What helps nobody while it is coming.
    const USELESS: u64 = 0;

    struct World {
        flights: Flights<Copied<u64>>,
        near: Near<Copied<u64>>,
        clock: Clock,
    }

    impl World {
        fn new() -> Self {
            Self {
                flights: Flights::new(),
                near: Near::new(Bound::Entries(8), 0),
                clock: Clock::system(),
            }
        }

        fn premises() -> Premises {
            Premises::first()
        }

        fn join(&self, key: &[u8]) -> Turn<Copied<u64>> {
            let present = Present {
                epoch: Epoch(0),
                at: self.clock.now(),
                hears: true,
                blocks: false,
            };
            let found = || self.near.get(Sought::of(key)).map(Entry::into_value);
            let helps = |value: &Copied<u64>| *value.value() != USELESS;
            self.flights
                .join(key, Self::premises(), present, helps, found)
        }

        #[track_caller]
        fn lead(&self, key: &[u8]) -> Permit<Copied<u64>> {
            match self.join(key) {
                Turn::Lead(permit) => permit,
                other => panic!("{other:?}"),
            }
        }

        #[track_caller]
        fn follow(&self, key: &[u8]) -> Follower<Copied<u64>> {
            match self.join(key) {
                Turn::Follow(follower) => follower,
                other => panic!("{other:?}"),
            }
        }

        fn fill(&self, right: impl Fills<Copied<u64>>, value: u64) -> bool {
            let ends = self.clock.now().after(Duration::from_secs(60));
            let span = Span {
                settled: ends,
                expires: ends,
                lives: ends,
            };
            let now = self.clock.now();
            let entry = Entry::new(Copied::hold(value), 1, span, &Self::premises(), None, now);
            right.fill(&self.near, entry, true).is_some()
        }

        fn invalidate(&self, key: &[u8]) {
            drop(self.flights.exclude(key, || self.near.remove(key)));
        }

        fn followed(&self) -> usize {
            self.flights.0.shards().map(|shard| shard.followed()).sum()
        }

        fn adrift(&self) -> usize {
            self.flights.0.shards().map(|shard| shard.adrift()).sum()
        }

        /// Nothing is left of any flight.
        #[track_caller]
        fn is_calm(&self) {
            assert_eq!((self.flights.under_way(), self.adrift()), (0, 0));
        }
    }

    /// What a follower of a leader that has left comes back with.
    #[track_caller]
    fn told(follower: Follower<Copied<u64>>) -> Option<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        let outcome = async {
            let deadline = Duration::from_secs(60);
            tokio::time::timeout(deadline, follower.outcome()).await
        };
        match runtime.block_on(outcome).expect("it is told") {
            None => None,
            Some(Outcome::Value(value)) => Some(value.into_value()),
            Some(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_followers_need_is_made_by_the_first_of_them() {
        let world = World::new();
        let permit = world.lead(KEY);
        let beside = world.flights.permit(KEY, World::premises());
        permit.node();
        assert_eq!(world.followed(), 0, "nobody has come");
        let followers = [(); 2].map(|()| world.follow(KEY));
        assert_eq!(world.followed(), 1, "they share it");
        assert!(world.fill(permit, 7));
        assert_eq!(followers.map(told), [Some(7); 2]);
        drop(beside);
        world.is_calm();
    }

    #[test]
    fn a_flight_that_nobody_joins_has_nobody_to_tell() {
        let world = World::new();
        assert!(!world.lead(KEY).settle().any());
        let permit = world.lead(KEY);
        let follower = world.follow(KEY);
        let waiters = permit.settle();
        assert!(waiters.any());
        drop(follower);
        assert!(!waiters.any(), "it has left");
        world.is_calm();
    }

    #[test]
    fn a_glance_fills_unless_something_was_broken_meanwhile() {
        let world = World::new();
        let glance = || world.flights.glance(KEY, World::premises());
        let loads = world.flights.permit(KEY, World::premises());
        assert!(world.fill(glance(), 1), "who loads is not in the way");
        assert!(world.fill(loads, 2), "and nor is who looks");
        let later = |epoch| {
            let present = Present {
                epoch: Epoch(epoch),
                at: world.clock.now(),
                hears: true,
                blocks: false,
            };
            let turn = world
                .flights
                .join(KEY, World::premises(), present, |_| true, || None);
            assert!(matches!(turn, Turn::Lead(_)), "{turn:?}");
        };
        let breaks: [&dyn Fn(); 5] = [
            &|| world.invalidate(KEY),
            &|| world.flights.exclude_matching(|key| key == KEY),
            &|| drop(world.flights.permit_anew(KEY, World::premises())),
            &|| world.lead(KEY).outdo(),
            // one that does not join the flight there is
            &|| {
                let _led = world.lead(KEY);
                later(1);
            },
        ];
        for break_it in breaks {
            let before = glance();
            break_it();
            assert!(!world.fill(before, 3));
            assert!(world.fill(glance(), 4), "who comes later");
            world.invalidate(KEY);
        }
        let of_others = (0..256_u32).filter(|other| {
            let before = glance();
            world.invalidate(&other.to_be_bytes());
            !world.fill(before, 5)
        });
        assert!(of_others.count() < 64, "about one in 64 shares its shard");
        world.invalidate(KEY);
        world.is_calm();
    }

    #[test]
    fn followers_of_a_broken_flight_are_told_what_it_brings() {
        let world = World::new();
        let old = world.lead(KEY);
        let of_old = world.follow(KEY);
        world.invalidate(KEY);
        let new = world.lead(KEY);
        let of_new = world.follow(KEY);
        assert_eq!((world.adrift(), world.followed()), (1, 2));
        assert!(!world.fill(old, 1), "it was invalidated");
        assert_eq!(told(of_old), Some(1));
        assert!(
            matches!(world.join(KEY), Turn::Follow(_)),
            "the new one goes on"
        );
        assert!(world.fill(new, 2));
        assert_eq!(told(of_new), Some(2));
        world.is_calm();
    }

    #[test]
    fn a_broken_flight_that_nobody_has_joined_is_forgotten() {
        let world = World::new();
        let permits = [b"a", b"b"].map(|key| world.lead(key));
        world.invalidate(b"a");
        world.flights.exclude_matching(|key| key == b"b");
        world.is_calm();
        assert!(permits.map(|permit| world.fill(permit, 1)) == [false; 2]);
        world.is_calm();
    }

    #[test]
    fn followers_of_a_leader_that_is_dropped_come_back() {
        let world = World::new();
        for broken in [false, true] {
            let permit = world.lead(KEY);
            let followers = [(); 2].map(|()| world.follow(KEY));
            if broken {
                world.flights.exclude_matching(|_| true);
            }
            drop(permit);
            assert_eq!(followers.map(told), [None; 2]);
            world.is_calm();
        }
    }

    #[test]
    fn a_permit_that_outdoes_the_others_keeps_its_followers() {
        let world = World::new();
        let other = world.flights.permit(KEY, World::premises());
        let mut permit = world.lead(KEY);
        let follower = world.follow(KEY);
        permit.outdo();
        assert!(!world.fill(other, 1));
        assert!(world.fill(permit, 2));
        assert_eq!(told(follower), Some(2));
        world.is_calm();
    }

    #[test]
    fn a_circle_is_seen_when_the_follower_came_before_the_load_began() {
        for broken in [false, true] {
            let world = World::new();
            let (a, b) = (world.lead(b"a"), world.lead(b"b"));
            let b_waits = b.node().run(|| world.follow(b"a"));
            if broken {
                world.invalidate(b"a");
            }
            let turn = a.node().run(|| world.join(b"b"));
            assert!(matches!(turn, Turn::Alone(_)), "{turn:?}");
            drop((a, turn));
            assert_eq!(told(b_waits), None);
        }
    }

    /// What is coming is on its way from now on.
    #[cfg(feature = "http-cache")]
    fn announce(world: &World, permit: &mut Permit<Copied<u64>>, value: u64) {
        permit.announce(&Copied::hold(value), world.clock.now());
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn what_is_coming_is_told_and_found_until_it_is_stored() {
        let world = World::new();
        let mut permit = world.lead(KEY);
        let early = world.follow(KEY);
        announce(&world, &mut permit, 7);
        let late = world.follow(KEY);
        assert_eq!([early, late].map(told), [Some(7); 2]);
        assert!(world.fill(permit, 8));
        let turn = world.join(KEY);
        assert!(matches!(turn, Turn::Hit(value) if value.into_value() == 8));
        world.is_calm();
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn what_is_coming_goes_with_its_permit() {
        let world = World::new();
        let mut beside = world.flights.permit(KEY, World::premises());
        announce(&world, &mut beside, 7);
        assert_eq!(told(world.follow(KEY)), Some(7), "nobody has to lead");
        let mut newer = world.flights.permit(KEY, World::premises());
        announce(&world, &mut newer, 8);
        assert_eq!(told(world.follow(KEY)), Some(8), "the newest first");
        drop(newer);
        assert_eq!(told(world.follow(KEY)), Some(7));
        drop(beside);
        drop(world.lead(KEY));
        world.is_calm();
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn whom_it_does_not_help_leads_beside_what_is_coming() {
        let world = World::new();
        let mut permit = world.lead(KEY);
        let early = world.follow(KEY);
        announce(&world, &mut permit, USELESS);
        assert_eq!(told(early), Some(USELESS));
        let other = world.lead(KEY);
        let follower = world.follow(KEY);
        assert!(world.fill(other, 7));
        assert_eq!(told(follower), Some(7));
        drop(permit);
        world.is_calm();
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn nobody_has_what_is_coming_after_an_invalidation() {
        for matching in [false, true] {
            let world = World::new();
            let mut permit = world.lead(KEY);
            announce(&world, &mut permit, 7);
            let before = world.follow(KEY);
            match matching {
                true => world.flights.exclude_matching(|_| true),
                false => world.invalidate(KEY),
            }
            let new = world.lead(KEY);
            announce(&world, &mut permit, 7);
            assert!(matches!(world.join(KEY), Turn::Follow(_)), "the new one");
            assert!(!world.fill(permit, 7));
            assert_eq!(told(before), Some(7));
            assert!(world.fill(new, 8));
            world.is_calm();
        }
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn a_load_does_not_wait_for_what_it_is_bringing_itself() {
        let world = World::new();
        let mut permit = world.lead(KEY);
        announce(&world, &mut permit, 7);
        let turn = permit.node().run(|| world.join(KEY));
        assert!(matches!(turn, Turn::Alone(_)), "{turn:?}");
        // nor for one that waits for it
        let mut other = world.lead(b"other");
        announce(&world, &mut other, 8);
        let waits = other.node().run(|| world.follow(KEY));
        let turn = permit.node().run(|| world.join(b"other"));
        assert!(matches!(turn, Turn::Alone(_)), "{turn:?}");
        drop(waits);
    }

    #[test]
    #[cfg(feature = "http-cache")]
    fn it_is_known_whether_anybody_waits() {
        let world = World::new();
        let permit = world.lead(KEY);
        let beside = world.flights.permit(KEY, World::premises()).awaited();
        let awaited = permit.awaited();
        assert!(!awaited.is_so());
        let follower = world.follow(KEY);
        assert!(awaited.is_so() && !beside.is_so());
        world.invalidate(KEY);
        assert!(awaited.is_so(), "it is for them still");
        drop(follower);
        assert!(!awaited.is_so());
        drop(permit);
        let _other = (world.lead(KEY), world.follow(KEY));
        assert!(!awaited.is_so(), "they wait for another one");
    }

    /// How a follower that comes as a leader leaves comes back. Either may be first, by so many turns.
    fn meet(
        world: &World,
        ahead: (usize, usize),
        leave: impl FnOnce(Permit<Copied<u64>>) + Send,
    ) -> Met {
        let permit = world.lead(KEY);
        let start = Barrier::new(2);
        let spin = |turns| {
            start.wait();
            (0..turns).for_each(|_| std::hint::spin_loop());
        };
        std::thread::scope(|threads| {
            threads.spawn(|| {
                spin(ahead.0);
                leave(permit);
            });
            spin(ahead.1);
            match world.join(KEY) {
                Turn::Follow(follower) => Met::Told(told(follower)),
                Turn::Hit(value) => Met::Found(value.into_value()),
                Turn::Lead(_) => Met::Leads,
                Turn::Alone(permit) => panic!("{permit:?}"),
            }
        })
    }

    #[derive(Debug, PartialEq)]
    enum Met {
        Told(Option<u64>),
        Found(u64),
        Leads,
    }

    /// Lets them meet until it has often gone either way.
    fn often(first: &Met, second: &Met, mut once: impl FnMut((usize, usize)) -> Met) {
        const OFTEN: usize = 200;
        let (clock, mut seen) = (Clock::system(), [0, 0]);
        let began = clock.now();
        for round in 0.. {
            let (turns, who) = (round / 2 % 64 * 16, round % 2 == 0);
            let met = once(if who { (turns, 0) } else { (0, turns) });
            match met {
                met if met == *first => seen[0] += 1,
                met if met == *second => seen[1] += 1,
                met => panic!("{met:?}"),
            }
            if seen.iter().all(|times| *times >= OFTEN) {
                break;
            }
            let deadline = Duration::from_secs(120);
            assert!(clock.now().since(began) < deadline, "{seen:?}");
        }
    }

    #[test]
    fn a_follower_that_comes_as_the_leader_fills_is_told_or_finds_it() {
        often(&Met::Told(Some(7)), &Met::Found(7), |ahead| {
            let world = World::new();
            let met = meet(&world, ahead, |permit| assert!(world.fill(permit, 7)));
            world.is_calm();
            met
        });
    }

    #[test]
    fn a_follower_that_comes_as_the_leader_is_dropped_comes_back_or_leads() {
        let world = World::new();
        often(&Met::Told(None), &Met::Leads, |ahead| {
            let met = meet(&world, ahead, drop);
            world.is_calm();
            met
        });
    }

    #[test]
    fn a_follower_that_comes_as_the_flight_is_broken_is_told_or_leads() {
        often(&Met::Told(Some(7)), &Met::Leads, |ahead| {
            let world = World::new();
            let met = meet(&world, ahead, |permit| {
                world.invalidate(KEY);
                assert!(!world.fill(permit, 7));
            });
            world.is_calm();
            met
        });
    }
}
