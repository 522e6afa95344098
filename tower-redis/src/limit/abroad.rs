//! What a policy needs whose counts are shared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use smallvec::SmallVec;

use crate::error::Error;

use super::basis::{Away, Basis, OnUnavailable};
use super::contract::Tick;
use super::decision::{Decision, Outcome};
use super::flights::Flights;
use super::gathering::Gathering;
use super::leases::Leases;
use super::refusals::Refusals;
use super::state::{Answer, Ask, Asked, Far, One, Part, Stake, ask, unreadable};
use super::stats::SharedCounts;
use super::telling::Telling;

/// How often a ban is told at most that Redis did not hear of, and how long after it was told first; twice as long
/// after each further time.
const TOLD: u32 = 6;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Where the counts of all processes lie, and what this process knows of them.
pub(super) struct Abroad {
    gathering: Arc<Gathering>,
    /// Where the bans of all processes lie, if there are any.
    pub(super) bans: Option<Far>,
    telling: Telling,
    pub(super) counts: SharedCounts,
    pub(super) flights: Arc<Flights>,
    pub(super) refusals: Refusals,
    pub(super) leases: Option<Leases>,
    name: Box<str>,
    on_unavailable: OnUnavailable,
    refused: AtomicBool,
}

impl Abroad {
    /// One whose refusals are remembered, if it `remembers`: where permits are given back at any time nobody
    /// knows how long a refusal holds.
    pub(super) fn new(
        at: Far,
        bans: Option<Far>,
        name: Box<str>,
        on_unavailable: OnUnavailable,
        remembers: bool,
        leases: Option<Leases>,
    ) -> Self {
        Self {
            gathering: Arc::new(Gathering::new(at)),
            bans,
            telling: Telling::default(),
            counts: SharedCounts::default(),
            flights: Arc::new(Flights::new()),
            refusals: Refusals::new(remembers),
            leases,
            name,
            on_unavailable,
            refused: AtomicBool::new(false),
        }
    }

    pub(super) fn at(&self) -> &Far {
        self.gathering.far()
    }

    /// Whether a call passes so many `times`. One of a policy that only watches is asked about as any other.
    pub(super) async fn decide(
        &self,
        subject: Arc<[u8]>,
        cost: u64,
        times: u64,
    ) -> Result<One, Error> {
        if self.bans.is_some() {
            return self.ask(&subject, cost, Ask::Decide(times)).await;
        }
        let asked = Asked {
            subject,
            times,
            cost,
        };
        Arc::clone(&self.gathering).ask(asked).await
    }

    /// Asks something else about one policy by itself.
    pub(super) fn ask(
        &self,
        key: &[u8],
        cost: u64,
        what: Ask,
    ) -> impl Future<Output = Result<One, Error>> + Send + use<> {
        let stakes = self.stakes(key, cost, Part::Decides);
        let stakes = match what {
            Ask::Decide(_) | Ask::Look | Ask::Forget(_) => stakes,
            // what was charged is given back to whomever it is
            Ask::Refund(_) | Ask::Renew(_) => stakes.into_iter().take(1).collect(),
        };
        let answer = ask(&stakes, what);
        async move {
            let Answer { passed, each } = answer.await?;
            let (decision, at) = told(&mut each.into_iter(), true).ok_or_else(unreadable)?;
            Ok(One {
                passed,
                decision,
                at,
            })
        }
    }

    /// What a question about `key` asks of Redis.
    pub(super) fn stakes<'a>(
        &'a self,
        subject: &'a [u8],
        cost: u64,
        part: Part,
    ) -> SmallVec<[Stake<'a>; 2]> {
        let own = Stake {
            far: self.at(),
            subject,
            cost,
            part,
        };
        let bans = self.bans.as_ref().map(|far| Stake {
            far,
            subject,
            cost: 1,
            part: Part::Bars,
        });
        [Some(own), bans].into_iter().flatten().collect()
    }

    /// Keeps `key` out from now on, in all processes. Who is kept out already is so for no longer, so it may be told
    /// twice.
    pub(super) fn ban(self: &Arc<Self>, key: &[u8]) {
        let Some(told) = self.bans.as_ref().and_then(|_| self.telling.begin(key)) else {
            return;
        };
        let abroad = Arc::clone(self);
        self.at().wire().spawn(async move {
            let Some(far) = &abroad.bans else {
                return;
            };
            let mut pause = FIRST_PAUSE;
            // while Redis is away for longer each process keeps out by itself
            for _ in 0..TOLD {
                let stake = Stake {
                    far,
                    subject: &told.key,
                    cost: 1,
                    part: Part::Decides,
                };
                if ask(&[stake], Ask::Decide(1)).await.is_ok() {
                    break;
                }
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            abroad.refusals.forget(&told.key);
        });
    }

    /// Why Redis has not decided.
    pub(super) fn away(&self, why: &Error) -> Away {
        if !why.is_timeout() && !why.is_unavailable() {
            self.refused(why);
        }
        // an answer that cannot be read is one to a call that was executed
        if why.is_timeout() || why.is_corrupt() {
            Basis::Unknown
        } else {
            Basis::Unavailable
        }
    }

    /// Says what somebody has to repair. An outage is told by who keeps the connection.
    #[cold]
    fn refused(&self, why: &Error) {
        if !self.refused.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                policy = &*self.name,
                on_unavailable = ?self.on_unavailable,
                "a limit cannot count in Redis, and its policy for that decides: {why}. The user of \
                 this connection needs the commands EVALSHA, EVAL, TIME, GET and SET on the keys of \
                 limits, and nobody else may write those. This is said once; `LimiterStats` counts on"
            );
        }
    }

    /// What an answer of Redis, of which this call got a part, says to it.
    pub(super) fn part(decision: Decision, passes: bool) -> Decision {
        let outcome = if passes {
            Outcome::Allowed
        } else {
            decision.outcome
        };
        Decision {
            outcome,
            ..decision
        }
    }
}

/// What the next policy of an answer says, and the ban of its key, if it `has` some.
pub(super) fn told(
    each: &mut impl Iterator<Item = (Decision, Tick)>,
    has_bans: bool,
) -> Option<(Decision, Tick)> {
    let (decision, at) = each.next()?;
    let ban = if has_bans { each.next() } else { None };
    let ban = ban.filter(|(ban, _)| !ban.is_allowed());
    let decision = ban.map_or(decision, |(ban, _)| Decision {
        basis: Basis::Banned,
        limit: decision.limit,
        ..ban
    });
    Some((decision, at))
}
