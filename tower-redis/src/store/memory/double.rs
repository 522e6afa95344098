//! The store: what each call does to the server.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::store::contract::{Answer, Store};
use crate::store::entry::{EntryId, Found, Lease, Leased, New, Place};
use crate::store::message::Told;
use crate::store::names;
use crate::store::pattern::Pattern;
use crate::store::token::{Given, Part, Stamp, Token, TokenKey};

use super::connected::Connected;
use super::fault::Fault;
use super::inside::{Inside, State};
use super::leases::Becomes;
use super::pace::come_back;

#[derive(Debug)]
pub(super) struct Double(pub(super) Arc<Connected>);

impl Double {
    pub(super) fn answer<'a, T: Send + 'a>(
        &'a self,
        script: impl FnOnce(&Inside, &mut State, Duration) -> T + Send + 'a,
    ) -> Answer<'a, T> {
        let act = || {
            let server = &self.0.server;
            server.act(|state, now| script(server, state, now))
        };
        let (before, after) = self.0.pace.draw();
        if (before, after) == (0, 0) {
            return Box::pin(ready(Ok(act())));
        }
        Box::pin(async move {
            come_back(before).await;
            let answer = act();
            come_back(after).await;
            Ok(answer)
        })
    }

    pub(super) fn tell(&self, server: &Inside, state: &mut State, told: &Told, now: Duration) {
        state.tell(&server.names, self.0.instance, told, now);
    }

    fn tell_removal(&self, server: &Inside, state: &mut State, told: &Told, now: Duration) {
        if !server.has(Fault::RemovalIsSilent) {
            self.tell(server, state, told, now);
        }
    }
}

impl Double {
    fn settle<'a>(&'a self, at: &'a Place, lease: &'a Lease, becomes: Becomes) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            server.claim(state, at, lease, becomes, now);
            self.tell_settled(server, state, at, lease, now);
        })
    }

    fn fill_one(
        &self,
        server: &Inside,
        state: &mut State,
        (at, lease, new): (&Place, &Lease, &New),
        now: Duration,
    ) -> Option<EntryId> {
        let good = state.is_good(at, lease, now);
        if new.is_late() {
            server.claim(state, at, lease, Becomes::Released, now);
            self.tell_settled(server, state, at, lease, now);
            return None;
        }
        let stored = if good || server.has(Fault::FillWithoutLease) {
            if !server.has(Fault::LeaseIsNotConsumed) {
                state.content.remove(&names::lease(&at.key));
            }
            server.store(state, at, new, now)
        } else {
            None
        };
        if lease.is_anew() && !server.has(Fault::RefreshIsSilent) {
            self.tell(server, state, &Told::Keys(vec![at.key.clone()]), now);
        }
        self.tell_settled(server, state, at, lease, now);
        stored
    }

    /// Wakes those who wait, if anybody does.
    fn tell_settled(
        &self,
        server: &Inside,
        state: &mut State,
        at: &Place,
        lease: &Lease,
        now: Duration,
    ) {
        if lease.holder().is_some() && !server.has(Fault::FleetIsSilent) {
            let told = Told::Settled(vec![at.key.clone()]);
            self.tell(server, state, &told, now);
        }
    }
}

// Each call acts when it is made, unless it dawdles: that makes a test's order of calls the order in which they are done.
impl Store for Double {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        self.answer(move |server, state, now| {
            let found = server.found(state, at, now);
            (found, server.all_tokens(state, tokens, now))
        })
    }

    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found> {
        self.answer(move |server, state, now| server.found(state, at, now))
    }

    fn get_many<'a>(
        &'a self,
        at: &'a [Place],
        tokens: &'a [TokenKey],
    ) -> Answer<'a, (Vec<Found>, Vec<Given>)> {
        self.answer(move |server, state, now| {
            let found = at.iter().map(|at| server.found(state, at, now));
            let found = server.in_order(found.collect());
            (found, server.all_tokens(state, tokens, now))
        })
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>> {
        self.answer(move |server, state, now| server.all_tokens(state, of, now))
    }

    fn stamp(&self) -> Answer<'_, Stamp> {
        self.answer(
            move |server, state, now| match state.stamp(&server.names, now) {
                Some(stamp) => stamp,
                None => state.raise(&server.names, now),
            },
        )
    }

    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased> {
        self.answer(move |server, state, now| server.lease(state, at, rejected, None, now))
    }

    fn lease_many<'a>(&'a self, wanted: &'a [(Place, Option<EntryId>)]) -> Answer<'a, Vec<Leased>> {
        self.answer(move |server, state, now| {
            let wanted = wanted.iter();
            let leased = wanted.map(|(at, rejected)| server.lease(state, at, *rejected, None, now));
            server.in_order(leased.collect())
        })
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        self.answer(move |_, state, now| state.lease_anew(at, now))
    }

    fn lease_fleet<'a>(
        &'a self,
        at: &'a Place,
        rejected: Option<EntryId>,
        hold: Duration,
    ) -> Answer<'a, Leased> {
        self.answer(move |server, state, now| server.lease(state, at, rejected, Some(hold), now))
    }

    fn renew<'a>(&'a self, at: &'a Place, lease: &'a Lease, hold: Duration) -> Answer<'a, bool> {
        let becomes = Becomes::Held(hold);
        self.answer(move |server, state, now| server.claim(state, at, lease, becomes, now))
    }

    fn fail<'a>(&'a self, at: &'a Place, lease: &'a Lease, throttle: Duration) -> Answer<'a, ()> {
        self.settle(at, lease, Becomes::Failed(throttle))
    }

    fn release<'a>(&'a self, at: &'a Place, lease: &'a Lease) -> Answer<'a, ()> {
        self.settle(at, lease, Becomes::Released)
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        self.answer(move |server, state, now| self.fill_one(server, state, (at, lease, new), now))
    }

    fn fill_many<'a>(
        &'a self,
        entries: &'a [(Place, Lease, New)],
    ) -> Answer<'a, Vec<Option<EntryId>>> {
        self.answer(move |server, state, now| {
            let entries = entries.iter().map(|(at, lease, new)| (at, lease, new));
            let filled = entries.map(|entry| self.fill_one(server, state, entry, now));
            server.in_order(filled.collect())
        })
    }

    fn put<'a>(&'a self, at: &'a Place, new: &'a New) -> Answer<'a, Option<EntryId>> {
        self.answer(move |server, state, now| {
            if !server.has(Fault::PutKeepsLease) {
                state.content.remove(&names::lease(&at.key));
            }
            let stored = if new.is_late() {
                if !state.content.is_foreign(&at.key, now) {
                    state.content.remove(&at.key);
                }
                None
            } else {
                server.store(state, at, new, now)
            };
            let told = Told::Keys(vec![at.key.clone()]);
            self.tell_removal(server, state, &told, now);
            stored
        })
    }

    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            for place in at {
                state.content.remove(&place.key);
                if !server.has(Fault::RemovalKeepsLease) {
                    state.content.remove(&names::lease(&place.key));
                }
            }
            let keys: Vec<Bytes> = at.iter().map(|place| place.key.clone()).collect();
            if !keys.is_empty() {
                self.tell_removal(server, state, &Told::Keys(keys), now);
            }
        })
    }

    fn touch<'a>(&'a self, at: &'a Place, keep: Duration) -> Answer<'a, ()> {
        self.answer(move |server, state, now| server.touch(state, at, keep, now))
    }

    fn expire<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            at.iter().for_each(|place| server.expire(state, place, now));
            let keys: Vec<Bytes> = at.iter().map(|place| place.key.clone()).collect();
            if !keys.is_empty() && !server.has(Fault::ExpiryIsSilent) {
                self.tell(server, state, &Told::Expired(keys), now);
            }
        })
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey], part: Part) -> Answer<'a, Vec<Token>> {
        self.answer(move |server, state, now| {
            let tokens = server.replace(state, of, part, now);
            let soft = part == Part::Soft && !server.has(Fault::PartsAreConfused);
            let told = if soft {
                Told::Softened(of.to_vec())
            } else {
                Told::Tokens(of.iter().cloned().zip(tokens.iter().copied()).collect())
            };
            if !of.is_empty() && !server.has(Fault::TokensAreSilent) {
                self.tell(server, state, &told, now);
            }
            tokens
        })
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        self.answer(move |server, state, now| {
            let told = Told::Matching(pattern.clone());
            self.tell_removal(server, state, &told, now);
            let leases = pattern.of_leases();
            let mut removed = 0;
            for key in state.content.keys(now) {
                if leases.matches(&key) && !server.has(Fault::PatternKeepsLeases) {
                    state.content.remove(&key);
                }
                if pattern.matches(&key) && state.content.remove(&key) {
                    removed += 1;
                }
            }
            self.tell_removal(server, state, &told, now);
            removed
        })
    }
}
