//! One process, and what it does.

use std::array::from_fn;
use std::cell::RefCell;
use std::sync::Arc;

use tower_redis::Toolkit;
use tower_redis::cache::{Cache, Fresh, Lookup, Previous, Reach, Status};
use tower_redis::testing::FarProcess;

use super::change::{Busy, Change};
use super::load::{Brought, Loading};
use super::plan::{KEYS, Key, NAMES, Plan, tags};
use super::reference::{Begun, Process, Reference};
use super::state::State;
use super::value::{Failure, Id, Kind, Value};
use tests::Random;

/// One process. Clones are the same.
#[derive(Debug, Clone)]
pub(super) struct Seat {
    pub(super) process: Process,
    pub(super) far: FarProcess,
    pub(super) toolkit: Toolkit,
    pub(super) cache: Cache<String, Value>,
    pub(super) state: State,
    pub(super) plan: Plan,
}

/// How a key is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Without a load.
    Get,
    Bypass,
    Inline,
    /// The load is a task of its own.
    Detached,
    /// The load is shown what was there.
    With,
    WithDetached,
}

impl Way {
    pub(super) fn draw(random: &mut Random, plan: &Plan) -> Self {
        match random.below(12) {
            0 => Self::Get,
            1 => Self::Bypass,
            2..6 if !plan.late_tags => Self::Inline,
            6..9 if !plan.late_tags => Self::Detached,
            2..9 if random.once_in(2) => Self::WithDetached,
            9 => Self::WithDetached,
            _ => Self::With,
        }
    }
}

/// A lookup that may be dropped half-way.
struct Looking {
    state: State,
    begun: Begun,
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.state.with(|reference| reference.end(self.begun));
    }
}

impl Seat {
    pub(super) async fn read(self, way: Way, key: Key, loading: Loading) {
        let (state, plan) = (self.state.clone(), self.plan);
        let watched = !matches!(way, Way::Get | Way::Bypass);
        let begun = state.with(|reference| reference.begin(self.process, key, watched));
        state.tell(|| {
            format!(
                "{} looks {key} up in {}: {way:?}",
                begun.number, self.process
            )
        });
        let _looking = self.looking(begun);
        let entry = self.cache.entry(NAMES[key]);
        let entry = if plan.late_tags {
            entry
        } else {
            entry.tags(&tags(key))
        };
        let seat = self.clone();
        let load = move |shown: Option<Previous<Value>>| async move {
            let previous = shown.as_ref().map(|shown| Value::clone(shown));
            if let Some(within) = loading.within {
                seat.look_up_within(within).await;
            }
            let of = (begun, key);
            let brought = loading.run(seat.state.clone(), plan, of, previous).await?;
            let fresh = match (brought, shown) {
                (Brought::New(value), _) => Fresh::new(value),
                (Brought::Unchanged, Some(shown)) => shown.unchanged(),
                (Brought::Unchanged, None) => unreachable!("it was shown nothing"),
            };
            Ok::<_, Failure>(if plan.late_tags {
                let [one, other] = tags(key);
                fresh.tag(one).tag(other)
            } else {
                fresh
            })
        };
        let seat = self.clone();
        let plain = move || async move {
            if let Some(within) = loading.within {
                seat.look_up_within(within).await;
            }
            let of = (begun, key);
            match loading.run(seat.state.clone(), plan, of, None).await? {
                Brought::New(value) => Ok::<_, Failure>(value),
                Brought::Unchanged => unreachable!("it was shown nothing"),
            }
        };
        let found = match way {
            // which does not say where it is from: as what may be oldest
            Way::Get if begun.number % 2 == 0 => {
                if let Some(found) = self.cache.get(NAMES[key]).await {
                    let status = Status::Suspect;
                    state.with(|reference| reference.answers(begun, found.id, status));
                }
                return;
            }
            Way::Get => match entry.get().await {
                Some(found) => {
                    let status = found.status;
                    state.with(|reference| reference.answers(begun, found.value.id, status));
                    return;
                }
                None => return,
            },
            Way::Bypass => entry.bypass().get_or_load(plain).await,
            Way::Inline => entry.get_or_load(plain).await,
            Way::Detached => {
                entry
                    .get_or_load_detached(move || Box::pin(plain()) as Boxed<Value>)
                    .await
            }
            Way::With => entry.load_with(load).await,
            Way::WithDetached => {
                entry
                    .load_with_detached(move |shown| Box::pin(load(shown)) as Boxed<Fresh<Value>>)
                    .await
            }
        };
        self.found(begun, &found);
    }

    /// Looks all keys up at once, without a load or with one for all that are missing.
    pub(super) async fn read_all(self, loading: Option<Loading>) {
        // of many keys each has its own tags only where the cache knows them
        let loading = loading.filter(|_| self.plan.value_tags);
        let looking: [Looking; KEYS] = from_fn(|key| {
            let watched = loading.is_some();
            let begin = |reference: &mut Reference| reference.begin(self.process, key, watched);
            self.looking(self.state.with(begin))
        });
        let begun = looking.each_ref().map(|looking| looking.begun);
        self.state.tell(|| {
            let numbers = begun.map(|begun| begun.number);
            format!("{numbers:?} look everything up in {}", self.process)
        });
        let names = NAMES.map(str::to_owned);
        let own = RefCell::new([None; KEYS]);
        let found = match loading {
            None => self.cache.get_many(&names).await,
            Some(loading) => {
                let load = |missing: Vec<&String>| {
                    let key = |name: &String| NAMES.iter().position(|known| known == name);
                    let keys = missing.into_iter().filter_map(key);
                    self.load_all(loading, keys.map(|key| (begun[key], key)).collect(), &own)
                };
                match self.cache.get_or_load_many(&names, load).await {
                    Ok(found) => found,
                    Err(_) => return,
                }
            }
        };
        for (begun, found) in begun.into_iter().zip(found) {
            let found = found.map(|value| (value.id, value.version));
            self.state
                .tell(|| format!("{} found {found:?}, with others", begun.number));
            let own = own.borrow()[begun.key];
            self.state.with(|reference| match (found, own) {
                (Some((id, _)), Some(own)) if own == Some(id) => {
                    reference.answers(begun, id, Status::Loaded);
                }
                (Some((id, _)), _) => reference.answers_among(begun, id),
                (None, Some(None)) => reference.answers_nothing(begun),
                (None, _) => {}
            });
        }
    }

    /// Loads what is missing of many keys, and notes what it brought: nothing for some.
    async fn load_all(
        &self,
        loading: Loading,
        asked: Vec<(Begun, Key)>,
        own: &RefCell<[Option<Option<Id>>; KEYS]>,
    ) -> Result<Vec<(String, Value)>, Failure> {
        if let Some(within) = loading.within {
            self.look_up_within(within).await;
        }
        let keys: Vec<Key> = asked.iter().map(|(_, key)| *key).collect();
        let brought = loading.run_many(self.state.clone(), self.plan, asked);
        let brought = brought.await?;
        let mut own = own.borrow_mut();
        keys.iter().for_each(|key| own[*key] = Some(None));
        let named = brought.into_iter().map(|value| {
            own[value.key] = Some(Some(value.id));
            (NAMES[value.key].to_owned(), value)
        });
        Ok(named.collect())
    }

    fn looking(&self, begun: Begun) -> Looking {
        let state = self.state.clone();
        Looking { state, begun }
    }

    fn found(&self, begun: Begun, found: &Lookup<Result<Value, Arc<Failure>>>) {
        let status = found.status;
        self.state.tell(|| {
            let value = found.value.as_ref().map(|value| (value.id, value.version));
            format!("{} found {value:?}, {status:?}", begun.number)
        });
        self.state.with(|reference| match &found.value {
            Ok(value) => reference.answers(begun, value.id, status),
            Err(failure) => reference.refuses(begun, failure.versions[begun.key], status),
        });
    }

    /// A lookup that is part of a load: loads that need each other run beside each other.
    async fn look_up_within(&self, key: Key) {
        let begun = self
            .state
            .with(|reference| reference.begin(self.process, key, false));
        self.state
            .tell(|| format!("{} looks {key} up within a load", begun.number));
        let _looking = self.looking(begun);
        let (state, plan) = (self.state.clone(), self.plan);
        let load = |_| async {
            let version = state.with(|reference| reference.truth[key]);
            super::super::tasks::come_back(1).await;
            let id = state.with(|reference| reference.brings(key, version, plan.ttl));
            let fresh = Fresh::new(Value::new(id, key, version, Kind::Plain));
            let [one, other] = tags(key);
            Ok::<_, Failure>(fresh.tag(one).tag(other))
        };
        let found = Box::pin(self.cache.entry(NAMES[key]).load_with(load)).await;
        self.found(begun, &found);
    }

    pub(super) async fn change(self, change: Change, writes: bool) {
        let keys = change.keys();
        let versions = self.state.with(|reference| {
            if change.is_of_tag() {
                reference.tags();
            }
            if writes {
                keys.iter().for_each(|key| reference.writes(*key));
            }
            reference.change(&keys)
        });
        self.state
            .tell(|| format!("{change:?} in {}: {versions:?}", self.process));
        let reach = change.run(&self.toolkit, &self.cache).await;
        let told = reach == Reach::Everywhere;
        let hard = !change.is_soft() || self.plan.window().is_zero();
        self.state
            .tell(|| format!("{change:?} in {} has been done: {reach:?}", self.process));
        self.state.with(|reference| {
            if change.is_of_tag() {
                reference.tagged();
            }
            reference.changed(self.process, &keys, &versions, (hard, told));
        });
    }

    /// Stores what is true; nobody writes the key meanwhile.
    pub(super) async fn put(self, key: Key) {
        let Some((busy, version)) = Busy::write(&self.state, key) else {
            return;
        };
        let ttl = self.plan.ttl;
        let id = self.state.with(|reference| {
            reference.change(&[key]);
            reference.brings(key, version, ttl)
        });
        self.state
            .tell(|| format!("put of {key} in {}: {version}", self.process));
        let mut putting = Putting {
            seat: &self,
            _busy: busy,
            key,
            brought: Some((id, version)),
            failures: self.cache.stats().far_failures,
            ended: false,
        };
        let entry = self.cache.entry(NAMES[key]).tags(&tags(key)).ttl(ttl);
        entry.put(Value::new(id, key, version, Kind::Plain)).await;
        putting.ended = true;
    }

    pub(super) async fn refresh(self, key: Key, loading: Loading) {
        let begun = self.state.with(|reference| {
            reference.change(&[key]);
            reference.begin(self.process, key, false)
        });
        self.state
            .tell(|| format!("{} refreshes {key} in {}", begun.number, self.process));
        let _looking = self.looking(begun);
        let mut refreshing = Putting {
            seat: &self,
            _busy: Busy::none(&self.state),
            key,
            brought: None,
            failures: self.cache.stats().far_failures,
            ended: false,
        };
        let state = self.state.clone();
        let load = async || {
            let of = (begun, key);
            match loading.run(state.clone(), self.plan, of, None).await? {
                Brought::New(value) => Ok::<_, Failure>(value),
                Brought::Unchanged => unreachable!("it was shown nothing"),
            }
        };
        let entry = self.cache.entry(NAMES[key]).tags(&tags(key));
        if let Ok(value) = entry.refresh(load).await {
            refreshing.brought = Some((value.id, value.version));
            refreshing.ended = true;
        }
    }
}

type Boxed<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

/// A `put` or a refresh, which may be dropped half-way.
struct Putting<'a> {
    seat: &'a Seat,
    _busy: Busy,
    key: Key,
    brought: Option<(Id, u64)>,
    failures: u64,
    ended: bool,
}

impl Drop for Putting<'_> {
    fn drop(&mut self) {
        let seat = self.seat;
        let told = self.ended && seat.cache.stats().far_failures == self.failures;
        let (key, ended, brought) = (self.key, self.ended, self.brought);
        seat.state.tell(|| {
            format!(
                "{key} in {} was replaced: {brought:?}, {ended}, {told}",
                seat.process
            )
        });
        seat.state.with(|reference| match brought {
            Some((id, version)) => {
                reference.settles(id);
                reference.changed(seat.process, &[key], &[version], (true, told));
            }
            None => reference.unchanged(key),
        });
    }
}
