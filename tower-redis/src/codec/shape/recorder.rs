//! What has been asked for, and what is answered next.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::node::{Habit, Node, Path, Step};

/// How deep, how often and how much is asked before it is enough.
const DEEPEST: usize = 24;
const READINGS: usize = 512;
const QUESTIONS: usize = 50_000;
/// How many names may be asked for in one place.
const NAMES: usize = 64;
/// How often a type may lie within itself.
const WITHIN_ITSELF: usize = 2;

thread_local! {
    // errors are made where nothing else can be handed in, and some are never returned
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

/// Everything that was asked for.
pub(super) type Notes = BTreeSet<(Path, String)>;

#[derive(Debug, Default)]
pub(super) struct Recorder {
    notes: Notes,
    nodes: BTreeMap<Path, Node>,
    path: Path,
    visited: BTreeSet<Path>,
    /// The innermost place whose answer was refused.
    refused: Option<Path>,
    /// The place that was left last.
    last: Option<Path>,
    /// A name or a word became known.
    learnt: bool,
    questions: usize,
    readings: usize,
}

/// Runs `f` on the recorder of this thread, if it records.
pub(super) fn with<T: Default>(f: impl FnOnce(&mut Recorder) -> T) -> T {
    let run = |recorder: &RefCell<Option<Recorder>>| {
        let mut recorder = recorder.try_borrow_mut().ok()?;
        recorder.as_mut().map(f)
    };
    RECORDER.try_with(run).ok().flatten().unwrap_or_default()
}

/// Reads again and again, until nothing new is asked for; `read` answers whether it succeeded, and nothing
/// when it has to end.
pub(super) fn record(mut read: impl FnMut() -> Option<bool>) -> Notes {
    let before = RECORDER.replace(Some(Recorder::default()));
    while with(Recorder::begin) {
        let Some(read) = read() else { break };
        if !with(|recorder| recorder.end(read)) {
            break;
        }
    }
    let recorder = RECORDER.replace(before);
    recorder.map(|recorder| recorder.notes).unwrap_or_default()
}

impl Recorder {
    fn begin(&mut self) -> bool {
        self.path.clear();
        self.visited.clear();
        (self.refused, self.last, self.learnt) = (None, None, false);
        self.readings += 1;
        self.readings <= READINGS
    }

    /// A place is asked for as `kind`: which of its answers to give. `None`: it is too much.
    pub(super) fn enter(
        &mut self,
        (answer, part): (usize, usize),
        kind: String,
        node: impl FnOnce() -> Node,
    ) -> Option<usize> {
        self.questions += 1;
        let step = Step {
            answer,
            part,
            kind: super::fnv::hash(kind.as_bytes()),
        };
        let around = self.path.iter().filter(|around| around.kind == step.kind);
        let again = kind.contains(' ') && around.count() >= WITHIN_ITSELF;
        self.path.push(step);
        self.notes.insert((self.path.clone(), kind));
        self.visited.insert(self.path.clone());
        let node = self.nodes.entry(self.path.clone()).or_insert_with(node);
        let enough = again || self.path.len() > DEEPEST || self.questions > QUESTIONS;
        (!enough && node.answers > 0).then_some(node.at)
    }

    /// The place that was entered last is left.
    pub(super) fn leave(&mut self, accepted: bool) {
        if !accepted && self.refused.is_none() {
            self.refused = Some(self.blamed());
        }
        let mut left = std::mem::take(&mut self.path);
        self.last = Some(left.clone());
        left.pop();
        self.path = left;
    }

    /// There is nothing more inside the present place: what is refused now is all of it.
    pub(super) fn close(&mut self) {
        self.last = None;
    }

    /// Who is to blame for an error here: what was read last may be looked at after it was left.
    fn blamed(&self) -> Path {
        let here = |last: &&Path| {
            last.split_last()
                .is_some_and(|(_, around)| around == self.path)
        };
        let last = self.last.as_ref().filter(here);
        last.unwrap_or(&self.path).clone()
    }

    pub(super) fn note(&mut self, what: String) {
        let at = self.blamed();
        self.notes.insert((at, what));
    }

    /// The present place, while it is entered.
    pub(super) fn node(&self) -> Option<&Node> {
        self.nodes.get(&self.path)
    }

    /// A field of this name is missed.
    pub(super) fn name(&mut self, name: &'static str) {
        self.note(format!("field `{name}`"));
        let at = self.blamed();
        if let Some(node) = self.nodes.get_mut(&at)
            && node.named
            && node.names.len() < NAMES
            && !node.names.contains(&name)
        {
            node.names.push(name);
            self.learnt = true;
        }
    }

    /// One of these words was expected.
    pub(super) fn words(&mut self, words: &'static [&'static str]) {
        self.note(format!("one of {words:?}"));
        if let Some(node) = self.nodes.get_mut(&self.path)
            && node.words.is_empty()
            && !words.is_empty()
        {
            node.words = words;
            (node.answers, node.at, node.habit) = (words.len(), 0, Habit::Explore);
            self.learnt = true;
        }
    }

    /// A reading is over. True when another one may bring something new.
    fn end(&mut self, accepted: bool) -> bool {
        if accepted {
            return self.advance();
        }
        let blamed = match self.refused.take() {
            Some(refused) => refused,
            None => {
                self.path.clear();
                self.blamed()
            }
        };
        self.learnt || self.refuse(blamed)
    }

    /// Every place goes on to its next answer, when those inside it have nothing new any more.
    fn advance(&mut self) -> bool {
        let mut places: Vec<Path> = std::mem::take(&mut self.visited).into_iter().collect();
        places.sort_by_key(|place| std::cmp::Reverse(place.len()));
        let mut open = BTreeSet::new();
        for place in places {
            let Some(node) = self.nodes.get_mut(&place) else {
                continue;
            };
            let good = *node.good.get_or_insert(node.at);
            let waits = open.contains(&place);
            if !waits && !node.done && (node.habit == Habit::Settle || !node.turn()) {
                (node.done, node.at) = (true, good);
            }
            if waits || !node.done {
                let mut around = place;
                around.pop();
                open.insert(around);
            }
        }
        !open.is_empty()
    }

    /// What was answered at `blamed` was refused.
    fn refuse(&mut self, mut blamed: Path) -> bool {
        loop {
            if self.turn_inside(&blamed) {
                return true;
            }
            let Some(node) = self.nodes.get_mut(&blamed) else {
                return false;
            };
            if !node.done && node.turn() {
                return true;
            }
            if let Some(good) = node.good {
                node.done = true;
                if node.at != good {
                    node.at = good;
                    return true;
                }
            }
            // whatever it answers: those around it have to do without
            let Some(step) = blamed.pop() else {
                return false;
            };
            if let Some(around) = self.nodes.get_mut(&blamed)
                && around.named
                && around.late.insert(step.part)
            {
                return true;
            }
            if blamed.is_empty() {
                return false;
            }
        }
    }

    /// Of something that is looked at after it was read, a part may be what is refused: the one that was asked
    /// for last, or a word that was said.
    fn turn_inside(&mut self, blamed: &Path) -> bool {
        let Some(node) = self.nodes.get(blamed).filter(|node| node.named) else {
            return false;
        };
        let newest = node.names.len();
        let inside = |place: &&Path| place.len() == blamed.len() + 1 && place.starts_with(blamed);
        let parts: Vec<Path> = self.visited.iter().filter(inside).cloned().collect();
        let (newest, others): (Vec<_>, Vec<_>) = parts
            .into_iter()
            .partition(|place| place.last().is_some_and(|step| step.part == newest));
        for place in newest {
            if let Some(part) = self.nodes.get_mut(&place).filter(|part| part.any) {
                if part.turn() {
                    return true;
                }
                part.at = part.good.unwrap_or_default();
            }
        }
        for place in others {
            if let Some(part) = self.nodes.get_mut(&place)
                && part.habit == Habit::Explore
                && !part.words.is_empty()
                && part.turn()
            {
                return true;
            }
        }
        false
    }
}
