//! The calls of a store that forgets no invalidation: before anything is read, what is owed is done.

use super::contract::{Answer, Store};
use super::debts::Debt;
use super::entry::{EntryId, Found, Lease, Leased, New, Place};
use super::pattern::Pattern;
use super::pending::Remembering;
use super::token::{Given, Stamp, Token, TokenKey};

impl Store for Remembering {
    fn get<'a>(&'a self, at: &'a Place, tokens: &'a [TokenKey]) -> Answer<'a, (Found, Vec<Given>)> {
        Box::pin(async move {
            self.clear().await?;
            self.inner.get(at, tokens).await
        })
    }

    fn tokens<'a>(&'a self, of: &'a [TokenKey]) -> Answer<'a, Vec<Given>> {
        Box::pin(async move {
            self.clear().await?;
            self.inner.tokens(of).await
        })
    }

    fn stamp(&self) -> Answer<'_, Stamp> {
        Box::pin(async move {
            self.clear().await?;
            self.inner.stamp().await
        })
    }

    fn lease<'a>(&'a self, at: &'a Place, rejected: Option<EntryId>) -> Answer<'a, Leased> {
        Box::pin(async move {
            self.clear().await?;
            self.inner.lease(at, rejected).await
        })
    }

    fn lease_anew<'a>(&'a self, at: &'a Place) -> Answer<'a, Leased> {
        Box::pin(async move {
            self.clear().await?;
            self.inner.lease_anew(at).await
        })
    }

    fn fill<'a>(
        &'a self,
        at: &'a Place,
        lease: &'a Lease,
        new: &'a New,
    ) -> Answer<'a, Option<EntryId>> {
        self.inner.fill(at, lease, new)
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
