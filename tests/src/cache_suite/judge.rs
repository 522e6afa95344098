//! A run against the list.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::list::{Group, List};
use super::question::{Kind, Question};
use super::verdict::{Verdict, Verdicts};

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How many passed, to be printed.
    pub table: String,
    /// What is not as the list says, one sentence each.
    pub wrong: Vec<String>,
}

/// Holds what came of `questions` against `list`.
#[must_use]
pub fn judge(questions: &[Question], verdicts: &Verdicts, list: &List) -> Judgement {
    let count = Count {
        questions,
        verdicts,
        list,
    };
    let mut wrong = count.strangers();
    wrong.extend(count.sections());
    wrong.extend(count.reasons());
    wrong.extend(count.bounds());
    wrong.extend(
        questions
            .iter()
            .filter_map(|question| count.differs(question)),
    );
    Judgement {
        table: count.table(),
        wrong,
    }
}

struct Count<'a> {
    questions: &'a [Question],
    verdicts: &'a Verdicts,
    list: &'a List,
}

impl Count<'_> {
    fn groups(&self) -> impl Iterator<Item = &Group> {
        self.list.listed.iter().chain(&self.list.not_yet)
    }

    fn of(&self, question: &Question) -> Verdict {
        self.verdicts.of(question, self.questions)
    }

    fn counts(&self, question: &Question) -> bool {
        let mut left_out = self.list.left_out.iter();
        !left_out.any(|part| part.section == question.section)
    }

    /// How many of a kind there are, as far as they count, for which `is` holds.
    fn number(&self, kind: Kind, is: impl Fn(&Question) -> bool) -> usize {
        let counting = self
            .questions
            .iter()
            .filter(|question| question.kind == kind && self.counts(question) && is(question));
        counting.count()
    }

    /// What is not as the list says of one question.
    fn differs(&self, question: &Question) -> Option<String> {
        let verdict = self.of(question);
        let Question { id, kind, .. } = question;
        if verdict == Verdict::Unasked {
            return Some(format!("{id}: {verdict}"));
        }
        if *kind == Kind::Check || !self.counts(question) {
            return None;
        }
        let mut groups = self.groups();
        let listed = groups.any(|group| group.questions.contains(id));
        match (listed, verdict == Verdict::Passed) {
            (true, true) => Some(format!(
                "{id} ({kind}) is listed, and passes: take it off the list"
            )),
            (false, false) => Some(format!("{id} ({kind}) is not listed, and fails: {verdict}")),
            _ => None,
        }
    }

    /// Names that are not those of one question of their kind.
    fn strangers(&self) -> Vec<String> {
        let known = |id: &str| self.questions.iter().find(|question| question.id == id);
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for group in self.groups() {
            for id in &group.questions {
                if !seen.insert(id) {
                    wrong.push(format!("{id} is listed twice"));
                }
                match known(id) {
                    None => wrong.push(format!(
                        "{id} is listed, and the suite has no such question"
                    )),
                    Some(question) if !self.counts(question) => wrong.push(format!(
                        "{id} is listed, and all of `{}` is left out",
                        question.section
                    )),
                    Some(question) if question.kind != group.kind => wrong.push(format!(
                        "{id} is listed as {}, and is {}",
                        group.kind, question.kind
                    )),
                    Some(_) if group.kind == Kind::Check => {
                        wrong.push(format!("{id} is listed, and a check cannot fail"));
                    }
                    Some(_) => {}
                }
            }
        }
        let asked = self.verdicts.asked().filter(|id| known(id).is_none());
        wrong.extend(asked.map(|id| format!("{id} was asked, and is not among the questions")));
        wrong
    }

    /// Parts that are left out in vain.
    fn sections(&self) -> Vec<String> {
        let parts = self.list.left_out.iter().filter_map(|part| {
            let section = &part.section;
            let mut of = self
                .questions
                .iter()
                .filter(|question| question.section == *section);
            match of.next() {
                None => Some(format!(
                    "`{section}` is left out, and the suite has no such part"
                )),
                Some(_) => None,
            }
        });
        parts.collect()
    }

    fn reasons(&self) -> Vec<String> {
        let groups = self
            .groups()
            .filter(|group| group.because.trim().is_empty());
        let parts = self
            .list
            .left_out
            .iter()
            .filter(|part| part.because.trim().is_empty());
        let groups =
            groups.map(|group| format!("{:?} are listed without a reason", group.questions));
        let parts = parts.map(|part| format!("`{}` is left out without a reason", part.section));
        groups.chain(parts).collect()
    }

    fn bounds(&self) -> Vec<String> {
        let most = self.list.most;
        let bounds = [
            (Kind::Required, most.required),
            (Kind::Optimal, most.optimal),
        ];
        let over = bounds.into_iter().filter_map(|(kind, most)| {
            let listed = number(&self.list.listed, kind);
            let over = listed > most;
            over.then(|| {
                format!("{listed} {kind} questions are listed for good, and {most} may be")
            })
        });
        over.collect()
    }

    fn table(&self) -> String {
        let mut table = String::from("kind      pass   of  listed  not yet\n");
        for kind in [Kind::Required, Kind::Optimal, Kind::Check] {
            let passed = self.number(kind, |question| self.of(question) == Verdict::Passed);
            let all = self.number(kind, |_| true);
            let (listed, not_yet) = (
                number(&self.list.listed, kind),
                number(&self.list.not_yet, kind),
            );
            let kind = kind.to_string();
            // writing into a `String` does not fail
            let _ = writeln!(
                table,
                "{kind:<8} {passed:>5} {all:>4} {listed:>7} {not_yet:>8}"
            );
        }
        for part in &self.list.left_out {
            let section = &part.section;
            let of = || {
                self.questions
                    .iter()
                    .filter(|question| question.section == *section)
            };
            let passed = of().filter(|question| self.of(question) == Verdict::Passed);
            let (passed, all) = (passed.count(), of().count());
            let _ = writeln!(table, "left out: {section}, {passed} of {all}");
        }
        let checks = self
            .questions
            .iter()
            .filter(|question| question.kind == Kind::Check);
        for check in checks {
            let yes = self.of(check) == Verdict::Passed;
            let _ = writeln!(table, "{:<4} {}", if yes { "yes" } else { "no" }, check.id);
        }
        table
    }
}

fn number(groups: &[Group], kind: Kind) -> usize {
    let of = groups.iter().filter(|group| group.kind == kind);
    of.map(|group| group.questions.len()).sum()
}
