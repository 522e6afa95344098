//! What a set can be asked besides [`LimiterSet::check`].

use std::pin::pin;
use std::time::Duration;

use smallvec::SmallVec;

use crate::timers::{at_most, sleep};

use super::decisions::Decisions;
use super::explanation::Explanation;
#[cfg(feature = "rate-limit")]
use super::reserving::Reserving;
use super::set::LimiterSet;
use super::set_reservation::SetReservation;
use super::subjects::{SetKey, Subjects};

impl LimiterSet {
    /// What [`check`](Self::check) would decide now, and where each key stands. Nothing is charged, remembered or
    /// counted. With state in Redis it is one round trip as well.
    pub async fn peek<K: SetKey + ?Sized>(&self, key: &K) -> Decisions {
        self.peek_n(key, 1).await
    }

    /// The same of something that takes `cost` permits of each limiter.
    pub async fn peek_n<K: SetKey + ?Sized>(&self, key: &K, cost: u32) -> Decisions {
        self.looked(&Subjects::of(key), cost).await
    }

    async fn looked(&self, subjects: &Subjects, cost: u32) -> Decisions {
        let known = self.known(subjects);
        let each = self.look(subjects, cost, &known).await;
        let limiters = self.limiters().into();
        Decisions { limiters, each }
    }

    /// What each policy would decide, and why: its name, its key, and when the same call would pass it. The whole
    /// call passes when the last of them lets it. For a log or a page of support; nothing is charged or counted.
    pub async fn explain<K: SetKey + ?Sized>(&self, key: &K, cost: u32) -> Vec<Explanation> {
        let subjects = Subjects::of(key);
        let looked = self.looked(&subjects, cost).await;
        let each = looked.each().enumerate();
        each.map(|(place, (limiter, decision))| {
            Explanation::new(limiter.clone(), subjects.at(place), cost, decision)
        })
        .collect()
    }

    /// Takes `cost` permits of each limiter that can be given back: all of them, or as many as were not needed.
    ///
    /// # Errors
    ///
    /// What was decided, when one refused: then none has charged anything.
    ///
    /// # Cancellation
    ///
    /// As with [`Limiter::check`](super::Limiter::check).
    pub async fn reserve<K: SetKey + ?Sized>(
        &self,
        key: &K,
        cost: u32,
    ) -> Result<SetReservation, Decisions> {
        self.reserve_owned(Subjects::of(key), cost).await
    }

    /// The same, for who has to keep the question.
    #[cfg(feature = "rate-limit")]
    pub(crate) fn ask_to_reserve(
        &self,
        subjects: Subjects,
        cost: u32,
    ) -> Reserving<Result<SetReservation, Decisions>> {
        let set = self.clone();
        let asking = async move { set.reserve_owned(subjects, cost).await };
        let finishes = self.limiters().first().cloned();
        Reserving::new(finishes, Box::pin(asking))
    }

    async fn reserve_owned(
        &self,
        subjects: Subjects,
        cost: u32,
    ) -> Result<SetReservation, Decisions> {
        let members = || self.limiters().iter().map(|limiter| limiter.member());
        let ages: SmallVec<[_; 2]> = members().map(|member| member.resets.age()).collect();
        let judged = self.judge(&subjects, cost).await;
        let decisions = self.decided(&judged);
        if !decisions.is_allowed() {
            return Err(decisions);
        }
        let each = self.limiters().iter().zip(judged.into_iter().zip(ages));
        let each = each.enumerate().map(|(place, (limiter, judged))| {
            let price = limiter.member().price(cost.into());
            limiter.reserved(subjects.at(place).into(), price, judged)
        });
        let each: Result<Vec<_>, _> = each.collect();
        // none refuses: that was looked at
        match each {
            Ok(each) => Ok(SetReservation::new(each, decisions)),
            Err(_) => Err(decisions),
        }
    }

    /// As [`check`](Self::check), but waits until all let it pass, if that is within `longest`. Who waits for the same
    /// keys by clones of this set passes in the order of coming; who asks its limiters in another way does not stand
    /// in that line.
    ///
    /// It is refused at once if it would have to wait for longer than `longest` for the quotas alone, and after
    /// `longest` if those before it took that long. Where nothing tells the time, outside a Tokio runtime or in one
    /// without timers, nobody waits.
    ///
    /// # Cancellation
    ///
    /// Dropped while it waits it has charged nothing.
    pub async fn wait<K: SetKey + ?Sized>(&self, key: &K, longest: Duration) -> Decisions {
        self.wait_n(key, 1, longest).await
    }

    /// The same for something that takes `cost` permits of each limiter.
    ///
    /// # Cancellation
    ///
    /// As with [`wait`](Self::wait).
    pub async fn wait_n<K: SetKey + ?Sized>(
        &self,
        key: &K,
        cost: u32,
        longest: Duration,
    ) -> Decisions {
        let subjects = Subjects::of(key);
        let whole = subjects.whole();
        let lines = &self.lines;
        let (place, ahead) = lines.stand(&whole, cost.into());
        let mut left = longest;
        if ahead > 0 {
            let began = self.now();
            if at_most(longest, pin!(place.turn())).await.is_none() {
                return self.decide(&subjects, cost).await;
            }
            left -= Duration::from_micros(self.now().saturating_sub(began)).min(left);
        }
        loop {
            let decisions = self.decide(&subjects, cost).await;
            let pause = decisions.retry_after().filter(|pause| *pause <= left);
            let Some((pause, sleep)) = pause.and_then(|pause| Some((pause, sleep(pause)?))) else {
                return decisions;
            };
            left -= pause;
            sleep.await;
        }
    }

    /// The time, as its engines count it.
    pub(super) fn now(&self) -> u64 {
        let first = self.limiters().first();
        first.map_or(0, |limiter| limiter.member().now())
    }
}
