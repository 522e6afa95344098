//! How a set decides: lists and bans first, then the counts of all.

use smallvec::SmallVec;

#[cfg(feature = "redis")]
use super::asking;
use super::charge::{Charged, Judged, Verdict};
use super::decision::{Decided, Decision};
use super::local;
use super::set::LimiterSet;
use super::subjects::Subjects;
use super::together::{self, Seated};

impl LimiterSet {
    /// Decides, and charges all or none.
    pub(super) async fn judge(&self, subjects: &Subjects, cost: u32) -> Verdict {
        let known = self.known(subjects);
        if known.iter().flatten().any(|known| !known.is_allowed()) {
            #[cfg(feature = "redis")]
            let looked = self.look_kept_out(subjects, &known, cost).await;
            #[cfg(not(feature = "redis"))]
            let looked = self.look(subjects, cost, &known).await;
            return self.kept_out(subjects, &known, &looked);
        }
        let party = self.party(subjects, &known);
        #[cfg(feature = "redis")]
        if self.is_shared() {
            let judged = self.judge_far(subjects, &party, cost).await;
            return self.learn(subjects, &known, judged);
        }
        let mut judged = together::decide(&party, cost.into(), None);
        for (judged, (member, _)) in judged.iter_mut().zip(&party) {
            judged.decision = member.shown(judged.decision);
        }
        self.learn(subjects, &known, judged)
    }

    /// What would be decided, and where each key stands without this call. Nothing is charged or counted.
    pub(super) async fn look(
        &self,
        subjects: &Subjects,
        cost: u32,
        known: &[Option<Decision>],
    ) -> Decided {
        let party = self.party(subjects, known);
        let looked = self.look_at(&party, cost.into()).await;
        let mut looked = looked.into_iter();
        let each = known.iter().map(|known| known.or_else(|| looked.next()));
        each.flatten().collect()
    }

    async fn look_at(&self, party: &[Seated<'_>], cost: u64) -> Decided {
        #[cfg(feature = "redis")]
        if self.is_shared() {
            return asking::look(party, cost).await;
        }
        let look = |(member, key): &Seated<'_>| local::look(member, key, member.price(cost));
        party.iter().map(look).collect()
    }

    /// What lists and bans say of each key.
    pub(super) fn known(&self, subjects: &Subjects) -> SmallVec<[Option<Decision>; 2]> {
        let each = self.members.iter().enumerate();
        each.map(|(place, member)| member.would_know(subjects.at(place)))
            .collect()
    }

    /// Those whose counts decide.
    fn party<'a>(
        &'a self,
        subjects: &'a Subjects,
        known: &[Option<Decision>],
    ) -> SmallVec<[Seated<'a>; 2]> {
        let each = self.members.iter().zip(known).enumerate();
        each.filter(|(_, (_, known))| known.is_none())
            .map(|(place, (member, _))| (member, subjects.at(place)))
            .collect()
    }

    /// What is decided if one of its limiters keeps a key out, whatever the counts are.
    fn kept_out(
        &self,
        subjects: &Subjects,
        known: &[Option<Decision>],
        looked: &Decided,
    ) -> Verdict {
        for (place, (member, known)) in self.members.iter().zip(known).enumerate() {
            if known.is_some_and(|known| !known.is_allowed()) {
                member.known(subjects.at(place));
            }
        }
        let judged = |decision: &Decision| Judged::of(*decision, Charged::default());
        looked.iter().map(judged).collect()
    }

    /// Remembers who was denied, and adds what lists let pass.
    fn learn(&self, subjects: &Subjects, known: &[Option<Decision>], judged: Verdict) -> Verdict {
        let passes = judged.iter().all(|judged| judged.decision.is_allowed());
        let mut judged = judged.into_iter();
        let each = self.members.iter().zip(known).enumerate();
        let each = each.filter_map(|(place, (member, known))| {
            let key = subjects.at(place);
            match known {
                Some(known) => {
                    let counted = if passes { member.known(key) } else { None };
                    Some(Judged::of(counted.unwrap_or(*known), Charged::default()))
                }
                None => {
                    let judged = judged.next()?;
                    member.learn(key, &judged.decision);
                    Some(judged)
                }
            }
        });
        each.collect()
    }
}
