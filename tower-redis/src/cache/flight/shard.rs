//! The records of some keys, behind one lock.

use std::num::NonZeroU64;

use hashbrown::HashMap;
use hashbrown::hash_table::{Entry, HashTable, OccupiedEntry};

use crate::key::Key;

use super::coming::Coming;
use super::leader::{Basis, Leader};
use super::name::Name;
use super::outcome::Waiters;
use super::seat::Seat;

pub(super) type Build = foldhash::fast::RandomState;

/// The records of some keys. Whoever calls it holds the lock, so nothing in here wakes anybody or runs
/// code of a user: [`Waiters`] go out, to be told or dropped once the lock is let go.
#[derive(Debug)]
pub(super) struct Shard<V> {
    records: HashTable<Record<V>>,
    /// Leaders that somebody waits for and whose records are gone, by their numbers.
    adrift: HashMap<NonZeroU64, Leader<V>, Build>,
    /// The number of the next permit to enter.
    next: NonZeroU64,
    /// How often a record was to be broken, whether there was one or not.
    broken: u64,
}

/// The loads of one key that may still fill.
#[derive(Debug)]
struct Record<V> {
    key: Key,
    hash: u64,
    /// That of the permit it was opened for: no record after it has the same.
    number: NonZeroU64,
    leader: Option<Leader<V>>,
    /// What its loads are bringing, the newest last.
    coming: Vec<Coming<V>>,
    permits: usize,
}

impl<V> Default for Shard<V> {
    fn default() -> Self {
        Self {
            records: HashTable::new(),
            adrift: HashMap::default(),
            next: NonZeroU64::MIN,
            broken: 0,
        }
    }
}

impl<V> Shard<V> {
    fn record(&self, name: Name<'_>) -> Option<&Record<V>> {
        self.records.find(name.hash, |record| name.is(&record.key))
    }

    fn record_mut(&mut self, name: Name<'_>) -> Option<&mut Record<V>> {
        let is = |record: &Record<V>| name.is(&record.key);
        self.records.find_mut(name.hash, is)
    }

    fn there(&mut self, name: Name<'_>) -> Option<OccupiedEntry<'_, Record<V>>> {
        let is = |record: &Record<V>| name.is(&record.key);
        self.records.find_entry(name.hash, is).ok()
    }

    /// The load of `name` that can be joined.
    pub(super) fn leader(&mut self, name: Name<'_>) -> Option<&mut Leader<V>> {
        self.record_mut(name)?.leader.as_mut()
    }

    /// A seat for one more load of `name`. With `lead` it is the one that others wait for.
    pub(super) fn enter(&mut self, name: Name<'_>, lead: Option<Basis>) -> Seat {
        let number = self.number();
        let leads = lead.as_ref().map(|_| number);
        let leader = lead.map(|basis| Leader::new(number, basis));
        let is = |record: &Record<V>| name.is(&record.key);
        let (key, record) = match self.records.entry(name.hash, is, |record| record.hash) {
            Entry::Occupied(mut there) => {
                let record = there.get_mut();
                record.permits += 1;
                if leader.is_some() {
                    record.leader = leader;
                }
                (record.key.clone(), record.number)
            }
            Entry::Vacant(room) => {
                let key = Key::from(name.key);
                room.insert(Record {
                    key: key.clone(),
                    hash: name.hash,
                    number,
                    leader,
                    coming: Vec::new(),
                    permits: 1,
                });
                (key, number)
            }
        };
        Seat {
            key,
            hash: name.hash,
            record: Some(record),
            lead: leads,
            coming: None,
        }
    }

    /// One that is never given twice.
    fn number(&mut self) -> NonZeroU64 {
        let number = self.next;
        self.next = number.saturating_add(1);
        number
    }

    /// What is coming for `name`, the newest first.
    pub(super) fn coming(&self, name: Name<'_>) -> impl Iterator<Item = &Coming<V>> + use<'_, V> {
        let record = self.record(name);
        record
            .into_iter()
            .flat_map(|record| record.coming.iter().rev())
    }

    /// Ends the flight that is led from `seat`, and lets others have what `make` says it is bringing, unless its
    /// record has been shattered.
    #[cfg(feature = "http-cache")]
    pub(super) fn announce(
        &mut self,
        seat: &mut Seat,
        make: impl FnOnce(NonZeroU64) -> Coming<V>,
    ) -> Waiters<V> {
        let waiters = self.land(seat);
        let number = self.number();
        if let Some(record) = self.record_mut(seat.name())
            && Some(record.number) == seat.record
        {
            record.coming.push(make(number));
            seat.coming = Some(number);
        }
        waiters
    }

    /// Whether the load at `seat` may fill: its record has not been shattered.
    pub(super) fn allows(&self, seat: &Seat) -> bool {
        let record = self.record(seat.name());
        record.is_some_and(|record| Some(record.number) == seat.record)
    }

    /// The load at `seat` as those see it who wait for it.
    pub(super) fn led_from(&mut self, seat: &Seat) -> Option<&mut Leader<V>> {
        let lead = seat.lead?;
        let name = seat.name();
        match self
            .records
            .find_mut(name.hash, |record| name.is(&record.key))
        {
            Some(Record {
                leader: Some(leader),
                ..
            }) if leader.number == lead => Some(leader),
            Some(_) | None => self.adrift.get_mut(&lead),
        }
    }

    /// Ends the flight that is led from `seat`. Nobody can join it from here on.
    pub(super) fn land(&mut self, seat: &mut Seat) -> Waiters<V> {
        let leader = seat.lead.take().and_then(|lead| {
            self.record_mut(seat.name())
                .and_then(|record| record.leader.take_if(|leader| leader.number == lead))
                .or_else(|| self.adrift.remove(&lead))
        });
        leader.map_or(Waiters(None), Leader::into_waiters)
    }

    /// Gives `seat` back, and ends its flight.
    pub(super) fn leave(&mut self, seat: &mut Seat) -> Waiters<V> {
        let waiters = self.land(seat);
        let number = seat.record.take();
        if let Some(mut there) = self.there(seat.name())
            && Some(there.get().number) == number
        {
            let record = there.get_mut();
            record.permits -= 1;
            if record.permits == 0 {
                there.remove();
            } else if let Some(coming) = seat.coming {
                record.coming.retain(|other| other.number != coming);
            }
            seat.coming = None;
        }
        waiters
    }

    /// Takes the record of `name` out, so that none of its loads may fill any more.
    pub(super) fn shatter(&mut self, name: Name<'_>) {
        self.broken += 1;
        if let Some(there) = self.there(name) {
            let (record, _) = there.remove();
            set_adrift(&mut self.adrift, record);
        }
    }

    /// [`shatter`](Self::shatter) for every key that `matches`.
    pub(super) fn shatter_matching(&mut self, matches: impl Fn(&[u8]) -> bool) {
        self.broken += 1;
        let shattered = self
            .records
            .extract_if(|record| matches(record.key.as_bytes()));
        for record in shattered {
            set_adrift(&mut self.adrift, record);
        }
    }

    /// How often a load of any of its keys may have lost the right to fill.
    pub(super) fn broken(&self) -> u64 {
        self.broken
    }

    /// Shatters the record of `seat` and opens another one for it alone, unless that was done to it before.
    pub(super) fn outdo(&mut self, seat: &mut Seat) {
        let allowed = self.allows(seat);
        self.shatter(seat.name());
        if allowed {
            seat.record = self.enter(seat.name(), None).record;
        }
    }

    /// Keys being loaded.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// What is wrong with a flight that ends before its fill: nobody can join it any more.
    #[cfg(any(test, feature = "testing"))]
    pub(super) fn part(&mut self, seat: &Seat) {
        if let Some(record) = self.record_mut(seat.name())
            && let Some(leader) = record.leader.take()
        {
            self.adrift.insert(leader.number, leader);
        }
    }

    /// Flights that somebody has joined.
    #[cfg(test)]
    pub(super) fn followed(&self) -> usize {
        let led = self.records.iter().filter_map(|r| r.leader.as_ref());
        led.chain(self.adrift.values())
            .filter(|leader| leader.is_followed())
            .count()
    }

    /// Leaders whose records are gone.
    #[cfg(test)]
    pub(super) fn adrift(&self) -> usize {
        self.adrift.len()
    }
}

/// Its leader still has to tell those who wait. One that nobody waits for has nobody to tell: it
/// cannot be joined any more.
fn set_adrift<V>(adrift: &mut HashMap<NonZeroU64, Leader<V>, Build>, record: Record<V>) {
    if let Some(leader) = record.leader.filter(Leader::is_followed) {
        adrift.insert(leader.number, leader);
    }
}
