//! How a set decides whose counts lie in Redis.

use super::asking;
use super::basis::Basis;
use super::charge::{Charged, Judged, Verdict};
use super::decision::{Decided, Decision};
use super::refusals::LONGEST;
use super::remembered::Refusal;
use super::set::LimiterSet;
use super::subjects::Subjects;
use super::together::Seated;

impl LimiterSet {
    /// Decides for `party`, which is all of the set but those that lists let pass.
    pub(super) async fn judge_far(
        &self,
        subjects: &Subjects,
        party: &[Seated<'_>],
        cost: u32,
    ) -> Verdict {
        if party.len() < self.limiters().len() {
            // lists change, and such keys are few
            return asking::all(party, cost.into()).await;
        }
        let (keys, sent, forgotten) = (subjects.whole(), self.now(), self.forgotten());
        if let Some(each) = self.refused.recall(&keys, cost, forgotten, sent) {
            return self.refuse_again(&each);
        }
        let judged = asking::all(party, cost.into()).await;
        let each: Decided = judged.iter().map(|judged| judged.decision).collect();
        let until = party.iter().zip(&each).filter_map(|((member, _), one)| {
            let is_told = matches!(one.basis, Basis::Shared | Basis::Banned);
            let far = member.far.as_ref().filter(|_| is_told)?;
            far.refusals.holds_until(one, sent)
        });
        let at = self.now();
        if let Some(until) = until.max().filter(|until| *until > at) {
            let refusal = Refusal {
                each,
                cost,
                forgotten,
                at,
                until,
            };
            self.refused.learn(keys, refusal);
        }
        judged
    }

    /// Where the keys stand of a call that a list refuses: as it was a moment ago, if that is known.
    pub(super) async fn look_kept_out(
        &self,
        subjects: &Subjects,
        known: &[Option<Decision>],
        cost: u32,
    ) -> Decided {
        // a look and a refusal of one call are of two kinds
        let keys = [&*subjects.whole(), b"?"].concat();
        let (sent, forgotten) = (self.now(), self.forgotten());
        if let Some(each) = self.refused.recall(&keys, cost, forgotten, sent) {
            let each = known.iter().zip(each);
            return each.map(|(known, then)| known.unwrap_or(then)).collect();
        }
        let each = self.look(subjects, cost, known).await;
        let refusal = Refusal {
            each: each.clone(),
            cost,
            forgotten,
            at: self.now(),
            until: sent.saturating_add(LONGEST),
        };
        self.refused.learn(keys, refusal);
        each
    }

    fn refuse_again(&self, each: &Decided) -> Verdict {
        for (limiter, decision) in self.limiters().iter().zip(each) {
            if let Some(far) = &limiter.member().far
                && !decision.is_allowed()
            {
                far.counts.recalled();
                far.counts.count(decision);
            }
        }
        let judged = each.iter();
        let judged = judged.map(|decision| Judged::of(*decision, Charged::default()));
        judged.collect()
    }

    /// How often something was given back to one of its policies.
    fn forgotten(&self) -> u64 {
        let members = self.limiters().iter().map(|limiter| limiter.member());
        let far = members.filter_map(|member| member.far.as_ref());
        far.fold(0, |sum, far| sum.wrapping_add(far.refusals.forgotten()))
    }
}
