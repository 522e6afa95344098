//! What lies near for a key, and what it is good for.

use std::time::Duration;

use crate::clock::Moment;
use crate::key::Sought;
use crate::rng;

use super::answer::{Answer, answer, coalesced};
use super::engine::Engine;
use super::entry::{Bonds, Entry};
use super::far::Far;
#[cfg(any(test, feature = "testing"))]
use super::fault::CacheFault;
use super::flight::Permit;
use super::freshness::Windows;
use super::hold::Hold;
use super::old::Old;
use super::share::{Found, Sharing};
use super::standing::Standing;
use super::status::Status;
use super::terms::Call;

/// How a lookup begins.
pub(super) enum Begun<V, E> {
    Answer(Answer<V, E>),
    /// As if there were no cache.
    Bypass,
    /// Wait for a load, or load.
    Go(Waits<V>),
}

/// What a caller who waits or loads could have instead.
#[derive(Debug)]
pub(super) struct Waits<V> {
    /// What was there.
    pub(super) old: Option<Old<V>>,
    /// How it answers somebody who does not wait; `None` when it does not.
    pub(super) spare: Option<Status>,
    /// How long to wait where it could answer instead.
    pub(super) soft_timeout: Option<Duration>,
}

impl<V> Waits<V> {
    pub(super) fn for_anything() -> Self {
        Self {
            old: None,
            spare: None,
            soft_timeout: None,
        }
    }
}

impl<V: Hold> Engine<V> {
    /// For how long what is stale may be used in `call`.
    pub(super) fn windows(&self, call: &Call) -> Windows {
        call.windows.unwrap_or(self.freshness().windows)
    }

    /// [`begin`](Self::begin), for a lookup that is counted: as a miss at once where nothing that answers was
    /// there, which the second says, and by [`count`](Self::count) when it is answered.
    pub(super) fn set_out<S: Sharing<E>, E>(&self, key: &[u8], call: &Call) -> (Begun<V, E>, bool) {
        let begun = self.begin::<S, E>(key, call);
        let missed = matches!(begun, Begun::Go(Waits { spare: None, .. }));
        if missed {
            self.counts().misses.bump();
        }
        (begun, missed)
    }

    /// Begins a lookup that has found nothing settled.
    pub(super) fn begin<S: Sharing<E>, E>(&self, key: &[u8], call: &Call) -> Begun<V, E> {
        if call.bypass || !self.enabled() {
            return Begun::Bypass;
        }
        let now = self.now();
        let rests = || {
            let present = (self.epoch(), self.feed(), self.tagging().cells.stamp());
            self.failures().of(key, now, present)
        };
        let Some(entry) = self.near().get(Sought::of(key)) else {
            return self.recall::<S, E>(rests());
        };
        let windows = self.windows(call);
        let over = |window| is_over(&entry, window, now);
        let (status, refresh) = match self.core().standing(&entry, now) {
            Standing::Fresh => (Status::Near, false),
            Standing::Early => (Status::Near, self.is_due(&entry, now) && rests().is_none()),
            Standing::Useless => return self.recall::<S, E>(rests()),
            Standing::Stale if over(windows.longest()) => return self.recall::<S, E>(rests()),
            Standing::Stale if !over(windows.while_revalidate) => {
                (Status::Stale, rests().is_none())
            }
            Standing::Stale => {
                return match rests() {
                    Some(_) if !over(windows.if_error) => {
                        self.core().used(&entry, now);
                        Begun::Answer(answer(entry.into_value(), Status::Stale))
                    }
                    Some(error) => self.recall::<S, E>(Some(error)),
                    None => Begun::Go(Waits {
                        old: Some(Old::heard(entry)),
                        ..Waits::for_anything()
                    }),
                };
            }
        };
        self.core().used(&entry, now);
        if refresh {
            return Begun::Go(Waits {
                old: Some(Old::heard(entry)),
                spare: Some(status),
                ..Waits::for_anything()
            });
        }
        Begun::Answer(answer(entry.into_value(), status))
    }

    fn is_due(&self, entry: &Entry<V>, now: Moment) -> bool {
        let (span, chance) = (entry.span(), rng::chance());
        self.freshness()
            .is_due(span.settled, span.lives, now, chance)
    }

    /// Nothing is there. An error that is remembered is the answer.
    fn recall<S: Sharing<E>, E>(&self, failure: Option<Option<Found>>) -> Begun<V, E> {
        match failure.flatten().and_then(S::join) {
            Some(error) => Begun::Answer(coalesced(Err(error))),
            None => Begun::Go(Waits::for_anything()),
        }
    }

    /// `entry`, if it answered at `now` were it not for what others may have done, and for the life of a copy.
    pub(super) fn would_do(&self, entry: Entry<V>, now: Moment) -> Option<Entry<V>> {
        let idle = self.freshness().idle;
        let good =
            |bonds: &Bonds| bonds.marks.hold() && idle.is_none_or(|idle| bonds.idle(now) < idle);
        let would =
            entry.is_of(self.epoch()) && now < entry.lives() && entry.bonds().is_none_or(good);
        would.then_some(entry)
    }

    /// Counts a lookup by how it was answered. One that `missed` was counted as a miss before.
    pub(super) fn count(&self, status: Status, missed: bool) {
        let counts = self.counts();
        let hits = match status {
            Status::Near => &counts.near_hits,
            Status::Far => &counts.far_hits,
            Status::Stale => &counts.stale_hits,
            Status::Suspect => &counts.suspect_hits,
            Status::Bypass => return counts.bypassed.bump(),
            Status::Loaded | Status::Coalesced => {
                if status == Status::Coalesced {
                    counts.coalesced.bump();
                }
                if !missed {
                    counts.misses.bump();
                }
                return;
            }
        };
        hits.bump();
        if missed {
            counts.found_after_all.bump();
        }
    }

    /// What `old` answers in place of a load that failed or is late, if it may: it is not too old, and nothing
    /// has removed it meanwhile.
    pub(super) fn instead(
        &self,
        old: &Old<V>,
        permit: Option<&Permit<V>>,
        call: &Call,
    ) -> Option<(V, Status)> {
        let now = self.now();
        let entry = &old.entry;
        let usable = self.stays(old, now) && permit.is_none_or(Permit::is_good);
        #[cfg(any(test, feature = "testing"))]
        let usable = usable || CacheFault::StaleIsRevived.is_committed();
        if !usable {
            return None;
        }
        let fresh = entry.bonds().is_none_or(|bonds| bonds.marks.hold());
        if fresh && now < entry.lives() {
            return Some((entry.value().clone(), Status::Near));
        }
        let over = is_over(entry, self.windows(call).if_error, now);
        (!over).then(|| (entry.value().clone(), Status::Stale))
    }

    /// `old` as it is now that there is a permit. It may have been removed before, or have been made stale, while the
    /// caller waited for somebody else; those who come to wait for this caller may not be told of it then. What comes
    /// from here on shows by the permit.
    pub(super) fn still(&self, key: &[u8], old: Option<Old<V>>) -> Option<Old<V>> {
        old.and_then(|_| self.near().peek(key)).map(Old::heard)
    }

    /// Whether nothing has removed `old`, as far as can be known.
    fn stays(&self, old: &Old<V>, now: Moment) -> bool {
        let stays = |bonds: &Bonds| {
            let trusts = |far: &Far<V>| {
                far.trusts(&bonds.tie, now) || (old.unheard && far.tolerates(&bonds.tie, now))
            };
            bonds.marks.stay() && self.far().is_none_or(trusts)
        };
        old.entry.is_of(self.epoch()) && old.entry.bonds().is_none_or(stays)
    }

    /// How what was there before answers a caller who does not wait for a load that is under way.
    pub(super) fn spare(&self, old: Option<&Old<V>>, call: &Call) -> Option<Status> {
        let (old, now) = (old?, self.now());
        let over = is_over(&old.entry, self.windows(call).while_revalidate, now);
        (!over && self.stays(old, now)).then_some(Status::Stale)
    }
}

/// Whether `entry` has been stale for longer than `window` at `now`. Where there is none, it is at once, also when
/// it expired before its time.
fn is_over<V>(entry: &Entry<V>, window: Duration, now: Moment) -> bool {
    window.is_zero() || now >= entry.lives().after(window)
}
