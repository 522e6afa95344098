//! What may be answered: a few numbers for each key and each value.
//!
//! It knows nothing of caches. Time goes on between steps only, so everything has an order.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tower_redis::cache::Status;

use super::plan::{GRACE, KEYS, Key, Plan};
use super::value::Id;

/// Which process, from 0.
pub(super) type Process = usize;

pub(super) const PROCESSES: usize = 2;

/// For how long after Redis was away what was loaded meanwhile may be used without asking.
const UNASKED: Duration = Duration::from_secs(1);

/// For how long a feed may be silent and nobody knows.
const SILENCE: Duration = Duration::from_secs(2);

/// For how long a lost connection makes a process repeat what it invalidated.
const REPEATED: Duration = Duration::from_secs(10);

/// Which promise was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// A process sees what it invalidated itself.
    Own,
    /// And what others did.
    Others,
    /// Nothing is used for longer than it lives, fresh or stale.
    Lives,
    /// What a load has brought something in place of is over, also when that is not kept.
    Older,
    /// One load at a time for a key in a process.
    Loads,
    /// Everything ends.
    Hangs,
    /// No more is held than there is room for.
    Memory,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.what)
    }
}

/// The least that is read of a key in a process.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Least {
    /// As anything.
    own: u64,
    others: u64,
    /// As something fresh.
    own_fresh: u64,
    others_fresh: u64,
}

/// What came of a load.
#[derive(Debug, Clone, Copy)]
struct Life {
    key: Key,
    version: u64,
    ttl: Duration,
    /// When its life began, at the latest.
    stored: Duration,
    used: Duration,
    /// Whether it may be stored only now.
    moves: bool,
}

/// Something that was invalidated, and that somebody has not heard of yet.
#[derive(Debug, Clone, Copy)]
struct Unheard {
    by: Process,
    of: Process,
    key: Key,
    version: u64,
    hard: bool,
    /// Redis knows.
    told: bool,
    step: u64,
}

/// How far a process hears of others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Hearing {
    pub(super) feed: bool,
    pub(super) data: bool,
    /// When its way to the data was last cut, and in which step.
    away: Option<Duration>,
    away_step: u64,
    /// Until when what may have been missed may be served while Redis does not answer.
    grace: Duration,
}

/// A lookup that may load.
#[derive(Debug, Clone, Copy)]
struct Flight {
    process: Process,
    key: Key,
    begin: u64,
    load: Load,
    /// When what it brought is over, if it was stored at once.
    over: Option<Duration>,
    /// Whether somebody still waits for it.
    called: bool,
    /// What it brought is not kept: what was there before is being invalidated, if there was something.
    replaces: bool,
}

/// What there is of the load of a lookup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    Not,
    Runs,
    /// What it brought may not be stored yet.
    Done,
}

/// A lookup under way, and what was promised when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    pub(super) number: u64,
    /// Whether it is one of those of which one loads.
    watched: bool,
    process: Process,
    pub(super) key: Key,
    least: Least,
    /// When what it may share was first asked for.
    since: Duration,
    at: Duration,
}

/// All that is known.
#[derive(Debug)]
pub(super) struct Reference {
    plan: Plan,
    pub(super) now: Duration,
    step: u64,
    pub(super) truth: [u64; KEYS],
    /// Somebody stores what is true, and nobody else writes meanwhile.
    pub(super) writing: [bool; KEYS],
    least: [[Least; KEYS]; PROCESSES],
    unheard: Vec<Unheard>,
    pub(super) hearing: [Hearing; PROCESSES],
    lives: Vec<Life>,
    /// Lookups under way, by their numbers.
    flights: BTreeMap<u64, Flight>,
    /// How many lookups of a key are under way, and since when there have been some.
    calls: [[usize; KEYS]; PROCESSES],
    busy: [[Option<Duration>; KEYS]; PROCESSES],
    /// When a lookup of a key last ended, or its load began: either has had use of what was there.
    shown: [[Duration; KEYS]; PROCESSES],
    /// When a key was last used in Redis, and whether that may be noted only now.
    touched: [(Duration, bool); KEYS],
    /// Invalidations under way for a key, and the step of the last one that ended.
    changing: [usize; KEYS],
    changed: [u64; KEYS],
    /// The step of the last one of what a load has brought something in place of that is not kept.
    replaced: [u64; KEYS],
    /// The same of any tag: it may be one that comes with a value.
    tagging: usize,
    tagged: u64,
    /// Until when something may be invalidated that nobody invalidates now.
    unsure: Option<Duration>,
    wiped: bool,
    /// What could be read when a lookup began.
    before: BTreeMap<u64, Vec<Id>>,
    /// What is over since a step, since a load has brought something that is not kept.
    over: [BTreeMap<Id, u64>; PROCESSES],
    /// The step of the last load that panicked: those who waited load on their own.
    panicked: [[u64; KEYS]; PROCESSES],
    pub(super) broken: Vec<Broken>,
}

impl Reference {
    pub(super) fn new(plan: Plan, now: Duration) -> Self {
        let hears = Hearing {
            feed: true,
            data: true,
            away: None,
            away_step: 0,
            grace: Duration::ZERO,
        };
        Self {
            plan,
            now,
            step: 1,
            truth: [0; KEYS],
            writing: [false; KEYS],
            least: [[Least::default(); KEYS]; PROCESSES],
            unheard: Vec::new(),
            hearing: [hears; PROCESSES],
            lives: Vec::new(),
            flights: BTreeMap::new(),
            calls: [[0; KEYS]; PROCESSES],
            busy: [[None; KEYS]; PROCESSES],
            shown: [[Duration::ZERO; KEYS]; PROCESSES],
            touched: [(Duration::ZERO, false); KEYS],
            changing: [0; KEYS],
            changed: [0; KEYS],
            replaced: [0; KEYS],
            tagging: 0,
            tagged: 0,
            unsure: None,
            wiped: false,
            before: BTreeMap::new(),
            over: [const { BTreeMap::new() }; PROCESSES],
            panicked: [[0; KEYS]; PROCESSES],
            broken: Vec::new(),
        }
    }

    pub(super) fn step(&mut self) -> u64 {
        self.step += 1;
        self.step
    }

    pub(super) fn breaks(&mut self, rule: Rule, what: impl fmt::Display) {
        let what = format!("{:?}: {what}", self.now);
        self.broken.push(Broken { rule, what });
    }

    /// The clock shows `now`; `alone` when there are no tasks besides the calls.
    pub(super) fn pass(&mut self, now: Duration, alone: bool) {
        self.now = now;
        let calls = self
            .calls
            .iter()
            .flatten()
            .chain(&self.changing)
            .sum::<usize>();
        let quiet = alone && calls == 0;
        for life in self.lives.iter_mut().filter(|life| life.moves) {
            if quiet {
                life.moves = false;
            } else {
                (life.stored, life.used) = (now, now);
            }
        }
        for (touched, lingers) in self.touched.iter_mut().filter(|(_, lingers)| *lingers) {
            if quiet {
                *lingers = false;
            } else {
                *touched = now;
            }
        }
        for hearing in self.hearing.iter_mut().filter(|hearing| !hearing.data) {
            hearing.away = Some(now);
        }
        if alone {
            self.are_replaced(|flight| !flight.called);
            for (process, busy) in self.busy.iter_mut().enumerate() {
                for (busy, calls) in busy.iter_mut().zip(self.calls[process]) {
                    *busy = busy.filter(|_| calls > 0);
                }
            }
        }
        self.hear();
    }

    /// A load of `key` has brought something to live for `ttl`.
    pub(super) fn brings(&mut self, key: Key, version: u64, ttl: Duration) -> Id {
        self.lives.push(Life {
            key,
            version,
            ttl,
            stored: self.now,
            used: self.now,
            moves: true,
        });
        self.lives.len() - 1
    }

    /// The call that brought `id` has ended: it is stored, or never will be.
    pub(super) fn settles(&mut self, id: Id) {
        self.lives[id].moves = false;
    }

    /// The way of `process` to the data is cut, or there again.
    pub(super) fn cuts(&mut self, process: Process, there: bool) {
        let step = self.step();
        let hearing = &mut self.hearing[process];
        hearing.data = there;
        (hearing.away, hearing.away_step) = (Some(self.now), step);
        self.hear();
    }

    /// `process` hears of others no more, or again.
    pub(super) fn hears(&mut self, process: Process, hears: bool) {
        let hearing = &mut self.hearing[process];
        hearing.feed = hears;
        if !hears && !self.plan.strict {
            hearing.grace = self.now + SILENCE + GRACE;
        }
        self.is_unsure();
        self.hear();
    }

    /// What `id` is lives anew.
    pub(super) fn renews(&mut self, id: Id) {
        let now = self.now;
        let life = &mut self.lives[id];
        (life.stored, life.used, life.moves) = (now, now, true);
        for over in &mut self.over {
            over.remove(&id);
        }
    }

    // what is invalidated

    /// Something new is true of `key`, if nobody stores what was.
    pub(super) fn writes(&mut self, key: Key) {
        self.truth[key] += u64::from(!self.writing[key]);
    }

    pub(super) fn change(&mut self, keys: &[Key]) -> Vec<u64> {
        keys.iter().for_each(|key| self.changing[*key] += 1);
        keys.iter().map(|key| self.truth[*key]).collect()
    }

    /// `process` has invalidated `keys` of `versions` and before; `told`: Redis knows.
    pub(super) fn changed(
        &mut self,
        process: Process,
        keys: &[Key],
        versions: &[u64],
        (hard, told): (bool, bool),
    ) {
        let step = self.step();
        for (key, version) in keys.iter().zip(versions) {
            self.changing[*key] -= 1;
            self.changed[*key] = step;
            let least = &mut self.least[process][*key];
            least.own_fresh = least.own_fresh.max(*version);
            if hard {
                least.own = least.own.max(*version);
            }
            let other = 1 - process;
            self.unheard.push(Unheard {
                by: process,
                of: other,
                key: *key,
                version: *version,
                hard,
                told,
                step,
            });
        }
        if !told {
            self.is_unsure();
        }
        self.hear();
    }

    /// Something was given up half-way, and promised nothing.
    pub(super) fn unchanged(&mut self, key: Key) {
        let step = self.step();
        self.changing[key] -= 1;
        self.changed[key] = step;
        self.is_unsure();
    }

    /// A tag is being invalidated.
    pub(super) fn tags(&mut self) {
        self.tagging += 1;
    }

    /// A tag has been invalidated.
    pub(super) fn tagged(&mut self) {
        self.tagging -= 1;
        self.tagged = self.step();
    }

    pub(super) fn is_unsure(&mut self) {
        self.unsure = Some(self.now + REPEATED);
    }

    pub(super) fn wiped(&mut self) {
        self.wiped = true;
    }

    /// `process` has asked Redis, which it told before what it owed, and met no trouble.
    fn has_paid(&mut self, process: Process, since: u64) {
        let hearing = self.hearing[process];
        if !hearing.data || hearing.away_step >= since {
            return;
        }
        for unheard in &mut self.unheard {
            unheard.told |= unheard.by == process && unheard.step < since;
        }
        self.hear();
    }

    /// Everything was paid and heard.
    pub(super) fn all_is_told(&mut self) {
        self.unheard
            .iter_mut()
            .for_each(|unheard| unheard.told = true);
        self.hear();
    }

    /// What has been told is heard, by those who hear.
    fn hear(&mut self) {
        let (now, hearing) = (self.now, self.hearing);
        let mut heard = Vec::new();
        self.unheard.retain(|unheard| {
            let hears = hearing[unheard.of];
            let sheltered = hears.away.is_some_and(|away| now <= away + UNASKED);
            let stays = !(unheard.told && hears.feed && hears.data && !sheltered);
            if !stays {
                heard.push(*unheard);
            }
            stays
        });
        for unheard in heard {
            let least = &mut self.least[unheard.of][unheard.key];
            least.others_fresh = least.others_fresh.max(unheard.version);
            if unheard.hard {
                least.others = least.others.max(unheard.version);
            }
        }
    }

    // what is looked up

    pub(super) fn begin(&mut self, process: Process, key: Key, watched: bool) -> Begun {
        let number = self.step();
        let busy = &mut self.busy[process][key];
        let since = *busy.get_or_insert(self.now);
        self.calls[process][key] += 1;
        if watched {
            // what another process stores from here on may be there although this lookup has seen nothing
            let lives = self.lives.iter().enumerate();
            let before = lives.filter(|(_, life)| life.key == key && !life.moves);
            let before = before.map(|(id, _)| id).collect();
            self.before.insert(number, before);
            self.flights.insert(
                number,
                Flight {
                    process,
                    key,
                    begin: number,
                    load: Load::Not,
                    over: None,
                    called: true,
                    replaces: false,
                },
            );
        }
        Begun {
            number,
            watched,
            process,
            key,
            least: self.least[process][key],
            since,
            at: self.now,
        }
    }

    /// The load of a lookup begins.
    pub(super) fn loads(&mut self, begun: Begun) {
        if !begun.watched {
            return;
        }
        self.shown[begun.process][begun.key] = self.now;
        // one that is left to itself may begin once its caller has gone
        let own = self.flights.entry(begun.number).or_insert(Flight {
            process: begun.process,
            key: begun.key,
            begin: begun.number,
            load: Load::Not,
            over: None,
            called: false,
            replaces: false,
        });
        own.load = Load::Runs;
        let own = *own;
        let same = |other: &&Flight| {
            other.load != Load::Not
                && other.begin != own.begin
                && (other.process, other.key) == (own.process, own.key)
        };
        let others: Vec<Flight> = self.flights.values().filter(same).copied().collect();
        for other in others {
            if !self.explains(own, other) {
                let what = format!(
                    "key {} was loaded twice at a time in process {}, by {} and {}, and nothing explains it",
                    own.key, own.process, other.begin, own.begin
                );
                self.breaks(Rule::Loads, what);
            }
        }
    }

    /// Why `own` may load beside `other`.
    fn explains(&self, own: Flight, other: Flight) -> bool {
        let first = own.begin.min(other.begin);
        self.is_disturbed(own.key, first)
            || self.is_replaced(own.key, first)
            || other.over.is_some_and(|over| self.now >= over)
            || self.panicked[own.process][own.key] > first
    }

    /// Whether something may have been invalidated that concerns `key` since a step.
    fn is_disturbed(&self, key: Key, since: u64) -> bool {
        let trouble = self.hearing.iter().any(|hears| !hears.feed || !hears.data);
        let unsure = self.unsure.is_some_and(|until| self.now <= until);
        trouble
            || unsure
            || self.wiped
            || self.changing[key] + self.tagging > 0
            || self.changed[key].max(self.tagged) > since
    }

    /// Whether what there was of `key` may have been invalidated since a step because a load has brought something
    /// in its place that is not kept.
    fn is_replaced(&self, key: Key, since: u64) -> bool {
        let mut flights = self.flights.values();
        self.replaced[key] > since || flights.any(|flight| flight.replaces && flight.key == key)
    }

    /// What `ended` brought is in place of what there was, and everybody knows.
    fn are_replaced(&mut self, ended: impl Fn(&Flight) -> bool) {
        let step = self.step();
        let replaced = &mut self.replaced;
        self.flights.retain(|_, flight| {
            let ends = flight.replaces && ended(flight);
            if ends {
                replaced[flight.key] = step;
            }
            !ends
        });
    }

    /// A load has brought something that lives for `ttl`.
    pub(super) fn loaded(&mut self, begun: Begun, ttl: Duration) {
        if let Some(flight) = self.flights.get_mut(&begun.number) {
            flight.load = Load::Done;
            // where chance may end it, it may do so at once
            let chance = self.plan.jitter.or(self.plan.by_chance).is_some();
            flight.over = Some(if chance { self.now } else { self.now + ttl });
            flight.replaces = ttl.is_zero();
            if !flight.called && !flight.replaces {
                self.flights.remove(&begun.number);
            }
        }
    }

    /// A load has failed, or is gone: nobody waits for it any more.
    pub(super) fn failed(&mut self, begun: Begun) {
        self.flights.remove(&begun.number);
    }

    pub(super) fn panicked(&mut self, begun: Begun) {
        let step = self.step();
        self.panicked[begun.process][begun.key] = step;
        self.failed(begun);
    }

    /// A lookup is over, whatever it answered.
    pub(super) fn end(&mut self, begun: Begun) {
        self.calls[begun.process][begun.key] -= 1;
        self.before.remove(&begun.number);
        self.shown[begun.process][begun.key] = self.now;
        if let Some(flight) = self.flights.get_mut(&begun.number) {
            flight.called = false;
            // a task of its own may go on to replace
            if flight.load != Load::Runs && !flight.replaces {
                self.flights.remove(&begun.number);
            }
        }
    }

    /// A lookup has answered with the value `id`.
    pub(super) fn answers(&mut self, begun: Begun, id: Id, status: Status) {
        let life = self.lives[id];
        self.is_new_enough(begun, life.version, status);
        let ends = life.stored + life.ttl;
        let (asked, ends) = match status {
            Status::Bypass => return,
            Status::Loaded => {
                self.settles(id);
                self.is_over(begun, life.ttl);
                return self.has_paid(begun.process, begun.number);
            }
            Status::Stale => (begun.at, ends + self.plan.window()),
            Status::Coalesced => (begun.since, ends),
            _ => (begun.at, ends),
        };
        let over = self.over[begun.process].get(&id);
        if over.is_some_and(|over| begun.number > *over) {
            let what = format!(
                "a lookup of key {} in process {} was answered {status:?} with what something had taken the place of: {}",
                begun.key, begun.process, begun.number
            );
            self.breaks(Rule::Older, what);
        }
        // one that waits is told what the load brought, also where that is not stored
        let shared = status == Status::Coalesced && asked <= life.stored;
        if asked >= ends && !shared {
            let over = asked - ends;
            let what = format!(
                "a lookup of key {} in process {} was answered {status:?} with what was over {over:?} before: {}",
                begun.key, begun.process, begun.number
            );
            self.breaks(Rule::Lives, what);
        }
        // one that is under way has use of what was there
        let alone = self.calls[begun.process][begun.key] <= 1;
        if let Some(idle) = self.plan.idle
            && status != Status::Coalesced
            && (alone || status != Status::Stale)
            && begun.at >= self.used(begun, life) + idle
        {
            let what = format!(
                "a lookup of key {} in process {} was answered {status:?} with what had not been used for {:?}",
                begun.key,
                begun.process,
                begun.at - life.used
            );
            self.breaks(Rule::Lives, what);
        }
        let now = self.now;
        let life = &mut self.lives[id];
        life.used = now;
        if status == Status::Far {
            self.touched[begun.key] = (now, true);
            self.has_paid(begun.process, begun.number);
        }
    }

    /// A lookup of many keys has answered with the value `id`, and does not tell where it comes from.
    pub(super) fn answers_among(&mut self, begun: Begun, id: Id) {
        let graced = begun.at <= self.hearing[begun.process].grace;
        match self.plan.window().is_zero() {
            _ if !begun.watched => self.answers(begun, id, Status::Suspect),
            true => self.answers(begun, id, Status::Coalesced),
            // what is suspect, stale or shared is let through as the one that may be oldest
            false if !graced => {
                let at = begun.since;
                self.answers(Begun { at, ..begun }, id, Status::Stale);
            }
            false => self.lives[id].used = self.now,
        }
        self.touched[begun.key] = (self.now, true);
    }

    /// A lookup of many keys has answered that its own load did not bring this one.
    pub(super) fn answers_nothing(&mut self, begun: Begun) {
        self.is_over(begun, Duration::ZERO);
    }

    /// The load of `begun` has brought something that is not kept: what there was before is no answer any more.
    fn is_over(&mut self, begun: Begun, brought: Duration) {
        let before = self.before.remove(&begun.number).unwrap_or_default();
        self.are_replaced(|flight| flight.begin == begun.number);
        if brought.is_zero() && !self.is_disturbed(begun.key, begun.number) {
            let step = self.step();
            self.over[begun.process].extend(before.into_iter().map(|id| (id, step)));
        }
    }

    /// When what `begun` was answered with was used last. What lies in Redis is touched whatever it is by then.
    fn used(&self, begun: Begun, life: Life) -> Duration {
        let shown = self.shown[begun.process][begun.key];
        life.used.max(shown).max(self.touched[begun.key].0)
    }

    /// A lookup has answered with an error that was made of `version`.
    pub(super) fn refuses(&mut self, begun: Begun, version: u64, status: Status) {
        self.is_new_enough(begun, version, status);
    }

    fn is_new_enough(&mut self, begun: Begun, version: u64, status: Status) {
        let least = begun.least;
        let (own, others) = if status == Status::Stale {
            (least.own, least.others)
        } else {
            (least.own_fresh, least.others_fresh)
        };
        let graced = begun.at <= self.hearing[begun.process].grace;
        let suspect = graced && matches!(status, Status::Suspect | Status::Coalesced);
        let others = if suspect { 0 } else { others };
        for (rule, least) in [(Rule::Own, own), (Rule::Others, others)] {
            if version < least {
                let what = format!(
                    "a lookup of key {} in process {} was answered {status:?} with {version} after {least} was invalidated: {}",
                    begun.key, begun.process, begun.number
                );
                self.breaks(rule, what);
            }
        }
    }
}
