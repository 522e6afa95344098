//! The calls of a store that forgets no invalidation: before something is read, what is owed of it is done.

use super::contract::{Answer, Store};
use super::debts::Debt;
use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::pending::Remembering;
use super::token::{Given, Stamp, Token, TokenKey};

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

impl Store for Remembering {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        self.after(Some(at), tokens, move || self.inner.get(at, tokens))
    }

    fn inspect<'a>(&'a self, at: &'a Place) -> Answer<'a, Found> {
        self.after(Some(at), &[], move || self.inner.inspect(at))
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

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        self.after(Some(at), &[], move || self.inner.lease_anew(at))
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

    fn replace_tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Token>> {
        let debts = of.iter().cloned().map(Debt::Token).collect();
        Box::pin(async move { self.telling(debts, self.inner.replace_tokens(of)).await })
    }

    fn remove_matching<'a>(&'a self, pattern: &'a Pattern) -> Answer<'a, u64> {
        let debts = vec![Debt::Matching(pattern.clone())];
        Box::pin(async move {
            self.telling(debts, self.inner.remove_matching(pattern))
                .await
        })
    }
}
