//! The calls of a store that forgets no invalidation: before something is read, what is owed of it is done.

use std::time::Duration;

use super::contract::{Answer, Store};
use super::debts::Debt;
use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::pending::Remembering;
use super::token::{Given, Part, Stamp, Token, TokenKey};

impl Remembering {
    /// `read`, once what is owed does not concern it. Most of the time nothing is owed.
    fn after<'a, T: 'a>(
        &'a self,
        at: Option<&'a Place>,
        tokens: &'a [TokenKey],
        read: impl FnOnce() -> Answer<'a, T> + Send + 'a,
    ) -> Answer<'a, T> {
        if !self.owes() {
            return read();
        }
        Box::pin(async move {
            self.clear(at.map(|at| &at.key), tokens).await?;
            let answer = read().await?;
            // somebody answers: there is no need to wait for the feed
            self.pay_soon();
            Ok(answer)
        })
    }
}

impl Remembering {
    /// The same for many.
    fn after_all<'a, T: 'a>(
        &'a self,
        at: impl Iterator<Item = &'a Place> + Send + 'a,
        tokens: &'a [TokenKey],
        read: impl FnOnce() -> Answer<'a, T> + Send + 'a,
    ) -> Answer<'a, T> {
        if !self.owes() {
            return read();
        }
        Box::pin(async move {
            self.clear(None, tokens).await?;
            for at in at {
                self.clear(Some(&at.key), &[]).await?;
            }
            let answer = read().await?;
            self.pay_soon();
            Ok(answer)
        })
    }
}

impl Store for Remembering {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        self.after(Some(at), tokens, move || self.inner.get(at, tokens))
    }

    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found> {
        self.after(Some(at), &[], move || self.inner.inspect(at))
    }

    // where one of them cannot be read yet, none is: it costs loads
    fn get_many<'a>(
        &'a self,
        at: &'a [Place],
        tokens: &'a [TokenKey],
    ) -> Answer<'a, (Vec<Found>, Vec<Given>)> {
        self.after_all(at.iter(), tokens, move || self.inner.get_many(at, tokens))
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>> {
        self.after(None, of, move || self.inner.tokens(of))
    }

    fn stamp(&self) -> Answer<'_, Stamp> {
        self.inner.stamp()
    }

    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased> {
        self.after(Some(at), &[], move || self.inner.lease(at, rejected))
    }

    fn lease_many<'a>(&'a self, wanted: &'a [(Place, Option<EntryId>)]) -> Answer<'a, Vec<Leased>> {
        let at = wanted.iter().map(|(at, _)| at);
        self.after_all(at, &[], move || self.inner.lease_many(wanted))
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        self.after(Some(at), &[], move || self.inner.lease_anew(at))
    }

    fn lease_fleet<'a>(
        &'a self,
        at: &'a Place,
        rejected: Option<EntryId>,
        hold: Duration,
    ) -> Answer<'a, Leased> {
        self.after(Some(at), &[], move || {
            self.inner.lease_fleet(at, rejected, hold)
        })
    }

    fn renew<'a>(&'a self, at: &'a Place, lease: &'a Lease, hold: Duration) -> Answer<'a, bool> {
        self.inner.renew(at, lease, hold)
    }

    fn fail<'a>(&'a self, at: &'a Place, lease: &'a Lease, throttle: Duration) -> Answer<'a, ()> {
        self.inner.fail(at, lease, throttle)
    }

    fn release<'a>(&'a self, at: &'a Place, lease: &'a Lease) -> Answer<'a, ()> {
        self.inner.release(at, lease)
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        if !lease.is_anew() {
            return self.inner.fill(at, lease, new);
        }
        let debts = Self::keys(std::slice::from_ref(at));
        Box::pin(async move { self.telling(debts, self.inner.fill(at, lease, new)).await })
    }

    fn fill_many<'a>(
        &'a self,
        entries: &'a [(Place, Lease, New)],
    ) -> Answer<'a, Vec<Option<EntryId>>> {
        let anew = entries.iter().filter(|(_, lease, _)| lease.is_anew());
        let debts: Vec<_> = anew.map(|(at, ..)| Debt::key(at)).collect();
        if debts.is_empty() {
            return self.inner.fill_many(entries);
        }
        Box::pin(async move { self.telling(debts, self.inner.fill_many(entries)).await })
    }

    fn owe(&self, at: &[Place]) {
        self.add(Self::keys(at));
    }

    fn put<'a>(&'a self, at: &'a Place, new: &'a New) -> Answer<'a, Option<EntryId>> {
        let debts = Self::keys(std::slice::from_ref(at));
        Box::pin(async move { self.telling(debts, self.inner.put(at, new)).await })
    }

    fn remove<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        let debts = Self::keys(at);
        Box::pin(async move { self.telling(debts, self.inner.remove(at)).await })
    }

    fn touch<'a>(&'a self, at: &'a Place, keep: Duration) -> Answer<'a, ()> {
        self.inner.touch(at, keep)
    }

    // what could not be told is done as a removal, which does the same and more
    fn expire<'a>(&'a self, at: &'a [Place]) -> Answer<'a, ()> {
        let debts = Self::keys(at);
        Box::pin(async move { self.telling(debts, self.inner.expire(at)).await })
    }

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey], part: Part) -> Answer<'a, Vec<Token>> {
        let debts = of.iter().cloned().map(Debt::Token).collect();
        Box::pin(async move {
            self.telling(debts, self.inner.replace_tokens(of, part))
                .await
        })
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        let debts = vec![Debt::Matching(pattern.clone())];
        Box::pin(async move {
            self.telling(debts, self.inner.remove_matching(pattern))
                .await
        })
    }
}
