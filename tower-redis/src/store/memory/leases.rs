//! Leases, as calls find them and leave them.

use std::time::Duration;

use bytes::Bytes;

use crate::store::entry::{EntryId, Found, Holder, Lease, Leased, Place};
use crate::store::names;

use super::content::Value;
use super::fault::Fault;
use super::inside::{Inside, State};

/// How long a lease lies there.
const LEASE: Duration = Duration::from_secs(600);

/// What lies under the key of a lease: it, and who loads for all, until when.
#[derive(Debug, Clone)]
struct Lent {
    lease: Bytes,
    claim: Option<(Claim, Duration)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Claim {
    By(String),
    Failed,
}

/// What becomes of the right to load for all.
#[derive(Debug, Clone, Copy)]
pub(super) enum Becomes {
    Held(Duration),
    Failed(Duration),
    Released,
}

impl Lent {
    fn parse(text: &[u8]) -> Option<Self> {
        let mut fields = std::str::from_utf8(text).ok()?.split(' ');
        let lease = Bytes::copy_from_slice(fields.next()?.as_bytes());
        let claim = fields.next().zip(fields.next()).and_then(|(who, until)| {
            let claim = match who {
                "-" => Claim::Failed,
                holder => Claim::By(holder.to_owned()),
            };
            Some((claim, Duration::from_millis(until.parse().ok()?)))
        });
        Some(Self { lease, claim })
    }

    fn text(&self) -> Bytes {
        let behind = match &self.claim {
            None => String::new(),
            Some((Claim::Failed, until)) => format!(" - {}", until.as_millis()),
            Some((Claim::By(holder), until)) => format!(" {holder} {}", until.as_millis()),
        };
        [&self.lease[..], behind.as_bytes()].concat().into()
    }

    /// Who loads for all at `now`, or that one has failed, and for how long.
    fn present(&self, now: Duration) -> Option<(&Claim, Duration)> {
        let (claim, until) = self.claim.as_ref()?;
        let rest = until.saturating_sub(now);
        (!rest.is_zero()).then_some((claim, rest))
    }
}

impl State {
    fn lent(&self, at: &Place, now: Duration) -> Option<Lent> {
        let text = self.content.text(&names::lease(&at.key), now)?;
        Lent::parse(&text)
    }

    fn lend(&mut self, at: &Place, lent: &Lent, now: Duration) {
        let text = Value::Text(lent.text());
        self.content
            .set(names::lease(&at.key), text, Some(now + LEASE));
    }

    /// Whether `lease` is what lies there.
    pub(super) fn is_good(&self, at: &Place, lease: &Lease, now: Duration) -> bool {
        let lent = self.lent(at, now);
        lent.is_some_and(|lent| lent.lease == lease.as_bytes())
    }

    /// A lease in place of every one that was granted before.
    pub(super) fn lease_anew(&mut self, at: &Place, now: Duration) -> Leased {
        if self.content.is_foreign(&at.key, now) {
            return Leased::Foreign;
        }
        let lease = Lease::draw();
        let lent = Lent {
            lease: lease.as_bytes().clone(),
            claim: None,
        };
        self.lend(at, &lent, now);
        Leased::Granted(lease.anew())
    }
}

impl Inside {
    /// What the script `lease` does; `hold` is for who wants to load for all.
    pub(super) fn lease(
        &self,
        state: &mut State,
        at: &Place,
        rejected: Option<EntryId>,
        hold: Option<Duration>,
        now: Duration,
    ) -> Leased {
        match self.found(state, at, now) {
            Found::Foreign => return Leased::Foreign,
            Found::Nothing => {}
            Found::Entry(held) if Some(held.id) == rejected => {}
            Found::Unreadable(id) if Some(id) == rejected => {}
            _ if self.has(Fault::LeaseIgnoresWhatIsThere) => {}
            found => return Leased::There(found),
        }
        let mut lent = state.lent(at, now).unwrap_or_else(|| Lent {
            lease: Lease::draw().as_bytes().clone(),
            claim: None,
        });
        let lease = Lease::from_bytes(lent.lease.clone());
        let Some(hold) = hold else {
            if self.has(Fault::SharingEndsTheHold) {
                lent.claim = None;
            }
            state.lend(at, &lent, now);
            return Leased::Granted(lease);
        };
        match lent.present(now) {
            Some((Claim::Failed, rest)) => {
                state.lend(at, &lent, now);
                return Leased::Failed { rest, lease };
            }
            Some((Claim::By(_), rest)) if rest <= hold && !self.has(Fault::FleetIsShared) => {
                return Leased::Held { rest };
            }
            _ => {}
        }
        let holder = Holder::draw();
        let until = if self.has(Fault::HoldNeverEnds) {
            now + hold + LEASE
        } else {
            now + hold
        };
        lent.claim = Some((Claim::By(holder.to_string()), until));
        state.lend(at, &lent, now);
        Leased::Granted(lease.held_by(holder))
    }

    /// What the script `claim` does.
    pub(super) fn claim(
        &self,
        state: &mut State,
        at: &Place,
        lease: &Lease,
        becomes: Becomes,
        now: Duration,
    ) -> bool {
        let Some(holder) = lease.holder().map(|holder| holder.to_string()) else {
            return false;
        };
        let lent = state.lent(at, now);
        let Some(mut lent) = lent.filter(|lent| lent.lease == lease.as_bytes()) else {
            return self.has(Fault::RenewalIsBlind);
        };
        let ours = Claim::By(holder);
        if lent.present(now).is_some_and(|(claim, _)| *claim != ours) {
            return self.has(Fault::RenewalIsBlind);
        }
        lent.claim = match becomes {
            Becomes::Held(_) if self.has(Fault::RenewalIsForgotten) => return true,
            Becomes::Released if self.has(Fault::ReleaseIsForgotten) => return true,
            Becomes::Failed(_) if self.has(Fault::FailureIsForgotten) => None,
            Becomes::Held(hold) => Some((ours, now + hold)),
            Becomes::Failed(throttle) => Some((Claim::Failed, now + throttle)),
            Becomes::Released => None,
        };
        state.lend(at, &lent, now);
        true
    }
}
