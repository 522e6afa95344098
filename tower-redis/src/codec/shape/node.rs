//! One place in a value, and how it is answered for.

use std::collections::BTreeSet;

/// Where something is asked for: from the outside in, which child of which answer, and of which kind it is.
pub(super) type Path = Vec<Step>;

/// A step inward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Step {
    /// Which answer of the place around it this belongs to.
    pub(super) answer: usize,
    /// Which part of that answer it is.
    pub(super) part: usize,
    /// A hash of the kind, so that a place that is asked for as one thing and as another is two.
    pub(super) kind: u64,
}

/// What a place does with its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// One that is accepted is enough.
    Settle,
    /// Each of them leads elsewhere.
    Explore,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) habit: Habit,
    /// How many answers there are.
    pub(super) answers: usize,
    /// The present one.
    pub(super) at: usize,
    /// The first that was accepted.
    pub(super) good: Option<usize>,
    /// Nothing new is to be had of it.
    pub(super) done: bool,
    /// It is asked for without saying as what.
    pub(super) any: bool,
    /// Its parts have names, and come in any order.
    pub(super) named: bool,
    /// Names that were asked for after it was read.
    pub(super) names: Vec<&'static str>,
    /// What it may say, where that was told.
    pub(super) words: &'static [&'static str],
    /// Parts that are refused whatever is answered: they come last.
    pub(super) late: BTreeSet<usize>,
}

impl Node {
    pub(super) fn new(habit: Habit, answers: usize) -> Self {
        Self {
            habit,
            answers,
            at: 0,
            good: None,
            done: false,
            any: false,
            named: false,
            names: Vec::new(),
            words: &[],
            late: BTreeSet::new(),
        }
    }

    pub(super) fn turn(&mut self) -> bool {
        let more = self.at + 1 < self.answers;
        if more {
            self.at += 1;
        }
        more
    }
}
