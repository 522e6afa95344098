//! The store: what each call does to the server.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::store::contract::{Answer, Store};
use crate::store::entry::{EntryId, Found, Lease, Leased, New, Place};
use crate::store::foreign::{CLAIM, Claim, Clears};
use crate::store::message::Told;
use crate::store::names;
use crate::store::pattern::Pattern;
use crate::store::token::{Given, Stamp, Token, TokenKey};

use super::connected::Connected;
use super::content::Value;
use super::fault::Fault;
use super::inside::{Inside, State};
use super::pace::come_back;

/// How long a lease lies there.
const LEASE: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Double(pub(super) Arc<Connected>);

impl Double {
    fn answer<'a, T: Send + 'a>(
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

    fn tell(&self, server: &Inside, state: &mut State, told: &Told, now: Duration) {
        state.tell(&server.names, self.0.instance, told, now);
    }

    fn tell_removal(&self, server: &Inside, state: &mut State, told: &Told, now: Duration) {
        if !server.has(Fault::RemovalIsSilent) {
            self.tell(server, state, told, now);
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
        self.answer(move |server, state, now| {
            match server.found(state, at, now) {
                Found::Foreign => return Leased::Foreign,
                Found::Nothing => {}
                Found::Entry(held) if Some(held.id) == rejected => {}
                Found::Unreadable(id) if Some(id) == rejected => {}
                _ if server.has(Fault::LeaseIgnoresWhatIsThere) => {}
                found => return Leased::There(found),
            }
            let key = names::lease(&at.key);
            let there = state.content.text(&key, now);
            let lease = there.map_or_else(Lease::draw, Lease::from_bytes);
            let value = Value::Text(lease.as_bytes().clone());
            state.content.set(key, value, Some(now + LEASE));
            Leased::Granted(lease)
        })
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        self.answer(move |_, state, now| {
            if state.content.is_foreign(&at.key, now) {
                return Leased::Foreign;
            }
            let lease = Lease::draw();
            let value = Value::Text(lease.as_bytes().clone());
            state
                .content
                .set(names::lease(&at.key), value, Some(now + LEASE));
            Leased::Granted(lease.anew())
        })
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        self.answer(move |server, state, now| {
            let key = names::lease(&at.key);
            let good = state.content.text(&key, now).as_ref() == Some(lease.as_bytes());
            if new.is_late() {
                return None;
            }
            let stored = if good || server.has(Fault::FillWithoutLease) {
                if !server.has(Fault::LeaseIsNotConsumed) {
                    state.content.remove(&key);
                }
                server.store(state, at, new, now)
            } else {
                None
            };
            if lease.is_anew() && !server.has(Fault::RefreshIsSilent) {
                self.tell(server, state, &Told::Keys(vec![at.key.clone()]), now);
            }
            stored
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

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>> {
        self.answer(move |server, state, now| {
            let stamp = match state.stamp(&server.names, now) {
                Some(stamp) if server.has(Fault::StampStands) => stamp,
                _ => state.raise(&server.names, now),
            };
            let mut replace = |key: &TokenKey| {
                let token = if server.has(Fault::TokensStand) {
                    server.token(state, key, now).token
                } else {
                    Token::draw(stamp)
                };
                state.set_token(server.names.token(key), token, now);
                (key.clone(), token)
            };
            let told: Vec<_> = of.iter().map(&mut replace).collect();
            let tokens = told.iter().map(|(_, token)| *token).collect();
            if !told.is_empty() && !server.has(Fault::TokensAreSilent) {
                self.tell(server, state, &Told::Tokens(told), now);
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

impl Clears for Double {
    fn claim<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, Vec<Claim>> {
        self.answer(move |server, state, now| {
            let by = Bytes::from(self.0.instance.to_string());
            let claim = |prefix: &Bytes| {
                let key = server.names.foreign(prefix);
                match state.content.get(&key, now) {
                    Some(_) if state.content.text(&key, now).as_ref() == Some(&by) => Claim::Ours,
                    Some(there) => Claim::Theirs(there.left.unwrap_or(CLAIM)),
                    None => {
                        let text = Value::Text(by.clone());
                        state.content.set(key, text, Some(now + CLAIM));
                        Claim::Ours
                    }
                }
            };
            prefixes.iter().map(claim).collect()
        })
    }

    fn hold<'a>(&'a self, prefixes: &'a [Bytes], time: Duration) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            for prefix in prefixes {
                let key = server.names.foreign(prefix);
                if let Some(there) = state.content.get(&key, now) {
                    state.content.set(key, there.value, Some(now + time));
                }
            }
        })
    }

    fn say<'a>(&'a self, told: &'a [Told]) -> Answer<'a, ()> {
        self.answer(move |server, state, now| {
            for told in told {
                self.tell(server, state, told, now);
            }
        })
    }

    fn clear<'a>(&'a self, prefixes: &'a [Bytes]) -> Answer<'a, u64> {
        Box::pin(async move {
            let mut removed = 0;
            for prefix in prefixes {
                removed += self.remove_matching(&Pattern::prefix(prefix)).await?;
            }
            Ok(removed)
        })
    }
}
