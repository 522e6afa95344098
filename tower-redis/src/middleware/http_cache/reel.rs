//! What has come of a body, and how far each of its readers is: without locks, wakers or time of its own.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;

use crate::clock::Moment;

use super::allowance::Share;
use super::body_error::CacheBodyError;

/// Up to how many bytes small pieces are put together, so that a body of many of them does not take a multiple of
/// its length.
const BLOCK: usize = 4 * 1024;

/// What has come of a body, and how far each of its readers is.
#[derive(Debug)]
pub(crate) struct Reel {
    blocks: VecDeque<Block>,
    /// Bytes that have come.
    end: u64,
    /// How much may be held, once the first bytes are not kept any more.
    window: Option<u64>,
    trailers: Option<HeaderMap>,
    ended: Option<Result<(), CacheBodyError>>,
    readers: BTreeMap<ReaderId, Place>,
    /// How many readers are at which byte.
    places: BTreeMap<u64, usize>,
    next: ReaderId,
    /// When the last reader left.
    left: Moment,
    /// What the blocks hold of what all bodies may.
    share: Share,
}

/// A reader of a [`Reel`].
pub(crate) type ReaderId = u64;

#[derive(Debug)]
struct Block {
    at: u64,
    data: Bytes,
}

impl Block {
    fn end(&self) -> u64 {
        self.at + as_u64(self.data.len())
    }
}

#[derive(Debug, Clone, Copy)]
struct Place {
    at: u64,
    /// When it last took something.
    moved: Moment,
    has_trailers: bool,
}

/// What a reader finds.
#[derive(Debug)]
pub(crate) enum Took {
    Data(Bytes),
    Trailers(HeaderMap),
    /// Nothing more has come yet.
    Nothing,
    Failed(CacheBodyError),
    End,
}

/// Whether more may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Enough,
    /// As much is held as may be. Somebody has to read first.
    Full,
    /// It does not have to be shared any more.
    OneReader,
    /// Nobody reads, and nothing is kept.
    Nobody,
}

impl Reel {
    pub(crate) fn new(share: Share) -> Self {
        Self {
            blocks: VecDeque::new(),
            end: 0,
            window: None,
            trailers: None,
            ended: None,
            readers: BTreeMap::new(),
            places: BTreeMap::new(),
            next: 0,
            left: Moment::default(),
            share,
        }
    }

    /// Whether all bodies on their way hold more than they may.
    pub(crate) fn is_over(&self) -> bool {
        self.share.is_over()
    }

    /// A reader from the first byte on, unless that is not kept any more.
    pub(crate) fn join(&mut self, now: Moment) -> Option<ReaderId> {
        if self.window.is_some() || matches!(self.ended, Some(Err(_))) {
            return None;
        }
        Some(self.admit(now))
    }

    pub(crate) fn admit(&mut self, now: Moment) -> ReaderId {
        let id = self.next;
        self.next += 1;
        let place = Place {
            at: 0,
            moved: now,
            has_trailers: false,
        };
        self.readers.insert(id, place);
        *self.places.entry(0).or_default() += 1;
        id
    }

    pub(crate) fn leave(&mut self, id: ReaderId, now: Moment) {
        if let Some(place) = self.readers.remove(&id) {
            self.depart(place.at);
            self.left = now;
        }
        self.forget();
    }

    fn depart(&mut self, at: u64) {
        if let Some(readers) = self.places.get_mut(&at) {
            *readers -= 1;
            if *readers == 0 {
                self.places.remove(&at);
            }
        }
    }

    /// Lets go of what every reader has, once it is not kept.
    fn forget(&mut self) {
        if self.window.is_none() {
            return;
        }
        let slowest = self.slowest();
        while let Some(block) = self.blocks.pop_front_if(|block| block.end() <= slowest) {
            self.share.give(as_u64(block.data.len()));
        }
    }

    fn slowest(&self) -> u64 {
        let first = self.places.first_key_value();
        first.map_or(self.end, |(at, _)| *at)
    }

    /// Takes a copy: what comes may be a small part of a large buffer.
    pub(crate) fn push(&mut self, data: &[u8]) {
        match self.blocks.back_mut() {
            Some(last) if last.data.len() + data.len() <= BLOCK => {
                last.data = [&*last.data, data].concat().into();
            }
            Some(_) | None => self.blocks.push_back(Block {
                at: self.end,
                data: Bytes::copy_from_slice(data),
            }),
        }
        self.end += as_u64(data.len());
        self.share.take(as_u64(data.len()));
    }

    pub(crate) fn push_trailers(&mut self, trailers: HeaderMap) {
        self.trailers = Some(trailers);
    }

    /// What the reader has not had yet.
    pub(crate) fn take(&mut self, id: ReaderId, now: Moment) -> Took {
        let Some(place) = self.readers.get_mut(&id) else {
            return Took::Failed(CacheBodyError::SLOW);
        };
        let at = place.at;
        let block = self.blocks.partition_point(|block| block.end() <= at);
        if let Some(block) = self.blocks.get(block) {
            let read = usize::try_from(at - block.at).unwrap_or(usize::MAX);
            let data = block.data.slice(read.min(block.data.len())..);
            place.at = block.end();
            place.moved = now;
            *self.places.entry(place.at).or_default() += 1;
            self.depart(at);
            self.forget();
            return Took::Data(data);
        }
        match (&self.ended, &self.trailers) {
            (None, _) => Took::Nothing,
            (Some(Err(error)), _) => Took::Failed(error.clone()),
            (Some(Ok(())), Some(trailers)) if !place.has_trailers => {
                place.has_trailers = true;
                Took::Trailers(trailers.clone())
            }
            (Some(Ok(())), _) => Took::End,
        }
    }

    /// Whether the reader has nothing more to come.
    pub(crate) fn is_at_end(&self, id: ReaderId) -> bool {
        let at_end =
            |place: &Place| place.at == self.end && (place.has_trailers || self.trailers.is_none());
        self.is_whole() && self.readers.get(&id).is_some_and(at_end)
    }

    /// Whether all of the body has come.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.ended, Some(Ok(())))
    }

    /// All that has come, while it is kept.
    pub(crate) fn pieces(&self) -> Vec<Bytes> {
        let pieces = self.blocks.iter().map(|block| block.data.clone());
        pieces.collect()
    }

    /// Holds all that has come in one piece.
    pub(crate) fn join_pieces(&mut self, data: Bytes) {
        self.blocks.clear();
        self.blocks.push_back(Block { at: 0, data });
    }

    pub(crate) fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }

    /// Does not keep the first bytes any more, and holds at most `window` of what not all have read.
    pub(crate) fn let_go(&mut self, window: u64) {
        self.window = Some(window);
        self.forget();
    }

    /// The body has ended. Only its first end counts.
    pub(crate) fn end(&mut self, how: Result<(), CacheBodyError>) {
        self.ended.get_or_insert(how);
    }

    pub(crate) fn room(&self) -> Room {
        let Some(window) = self.window else {
            return Room::Enough;
        };
        let held = self.end - self.slowest();
        match self.readers.len() {
            0 => Room::Nobody,
            1 => Room::OneReader,
            _ if held > 0 && held >= window => Room::Full,
            _ => Room::Enough,
        }
    }

    /// Cuts off those who hold others up: the window is full since `since`, somebody has read all there is, and they
    /// have taken nothing for `patience`. Answers when to look again, if nobody had to go.
    pub(crate) fn cut_off(
        &mut self,
        since: Moment,
        now: Moment,
        patience: Duration,
    ) -> Option<Duration> {
        let slowest = self.slowest();
        if !self.places.contains_key(&self.end) {
            return Some(patience);
        }
        let holding = |place: &Place| place.at == slowest;
        let left = |place: &Place| patience.saturating_sub(now.since(place.moved.max(since)));
        let holders = self.readers.iter().filter(|(_, place)| holding(place));
        let over: Vec<_> = holders
            .clone()
            .filter(|(_, place)| left(place).is_zero())
            .map(|(id, _)| *id)
            .collect();
        if over.is_empty() {
            return holders.map(|(_, place)| left(place)).min();
        }
        for id in over {
            self.leave(id, now);
        }
        None
    }

    /// Since when nobody reads.
    pub(crate) fn unread_since(&self) -> Option<Moment> {
        self.readers.is_empty().then_some(self.left)
    }
}

pub(crate) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;
    use crate::middleware::http_cache::allowance::Allowance;

    impl Reel {
        /// Bytes it holds.
        fn held(&self) -> usize {
            self.blocks.iter().map(|block| block.data.len()).sum()
        }
    }

    const WINDOW: u64 = 100;
    const PATIENCE: Duration = Duration::from_secs(30);

    #[derive(Debug, Clone)]
    enum Step {
        Push(usize),
        Join,
        /// The one of them, if there are so many.
        Take(usize),
        Leave(usize),
        LetGo,
        Whole,
        Trailers,
        End(bool),
        Wait(u64),
        CutOff,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (1_usize..200).prop_map(Step::Push),
            1 => (BLOCK - 10..BLOCK * 2).prop_map(Step::Push),
            3 => Just(Step::Join),
            12 => (0_usize..6).prop_map(Step::Take),
            1 => (0_usize..6).prop_map(Step::Leave),
            1 => Just(Step::LetGo),
            1 => Just(Step::Whole),
            1 => Just(Step::Trailers),
            1 => any::<bool>().prop_map(Step::End),
            3 => (0_u64..40).prop_map(Step::Wait),
            2 => Just(Step::CutOff),
        ];
        proptest::collection::vec(step, 1..80)
    }

    /// The same, with all bytes in one place and nothing clever.
    #[derive(Default)]
    struct Model {
        bytes: Vec<u8>,
        kept: bool,
        /// What was put together in one piece.
        longest: usize,
        trailers: bool,
        ended: Option<bool>,
        readers: Vec<Reader>,
    }

    #[derive(Clone, Copy)]
    struct Reader {
        id: ReaderId,
        read: usize,
        moved: Moment,
        has_trailers: bool,
        cut: bool,
    }

    impl Model {
        fn there(&self) -> impl Iterator<Item = &Reader> {
            self.readers.iter().filter(|reader| !reader.cut)
        }

        fn slowest(&self) -> usize {
            let read = self.there().map(|reader| reader.read);
            read.min().unwrap_or(self.bytes.len())
        }

        fn room(&self) -> Room {
            let held = self.bytes.len() - self.slowest();
            match self.there().count() {
                _ if self.kept => Room::Enough,
                0 => Room::Nobody,
                1 => Room::OneReader,
                _ if held as u64 >= WINDOW => Room::Full,
                _ => Room::Enough,
            }
        }
    }

    /// Does both, and compares what can be seen.
    fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
        let (mut reel, mut model) = (Reel::new(Allowance::of(0).share()), Model::default());
        model.kept = true;
        let mut now = Moment::default();
        for step in steps {
            match step {
                Step::Push(_) | Step::Trailers if model.ended.is_some() => {}
                // the pump looks first
                Step::Push(_) if model.room() != Room::Enough => {}
                Step::Push(length) => {
                    let from = model.bytes.len();
                    let data: Vec<_> = (from..from + length).map(|at| at as u8).collect();
                    reel.push(&data);
                    model.bytes.extend(data);
                }
                Step::Join => {
                    let joined = reel.join(now);
                    let may = model.kept && model.ended != Some(false);
                    prop_assert_eq!(joined.is_some(), may);
                    model.readers.extend(joined.map(|id| Reader {
                        id,
                        read: 0,
                        moved: now,
                        has_trailers: false,
                        cut: false,
                    }));
                }
                Step::Take(which) => {
                    let Some(reader) = model.readers.get_mut(which) else {
                        continue;
                    };
                    let left = &model.bytes[reader.read..];
                    match reel.take(reader.id, now) {
                        _ if reader.cut => {}
                        Took::Data(data) => {
                            prop_assert!(!data.is_empty() && left.starts_with(&data));
                            reader.read += data.len();
                            reader.moved = now;
                        }
                        other => {
                            prop_assert!(left.is_empty());
                            let expected = match (model.ended, model.trailers) {
                                (None, _) => matches!(other, Took::Nothing),
                                (Some(false), _) => matches!(other, Took::Failed(_)),
                                (Some(true), true) if !reader.has_trailers => {
                                    reader.has_trailers = true;
                                    matches!(other, Took::Trailers(_))
                                }
                                (Some(true), _) => matches!(other, Took::End),
                            };
                            prop_assert!(expected, "{:?}", other);
                        }
                    }
                }
                Step::Leave(which) if which < model.readers.len() => {
                    reel.leave(model.readers.remove(which).id, now);
                }
                Step::Leave(_) => {}
                Step::LetGo => {
                    reel.let_go(WINDOW);
                    model.kept = false;
                }
                Step::Whole if model.kept => {
                    let whole = Bytes::from(reel.pieces().concat());
                    prop_assert_eq!(&*whole, &*model.bytes);
                    reel.join_pieces(whole);
                    model.longest = model.bytes.len();
                }
                Step::Whole => {}
                Step::Trailers => {
                    let mut fields = HeaderMap::new();
                    fields.insert("x", HeaderValue::from_static("1"));
                    reel.push_trailers(fields);
                    model.trailers = true;
                }
                Step::End(well) => {
                    reel.end(well.then_some(()).ok_or(CacheBodyError::TRUNCATED));
                    model.ended.get_or_insert(well);
                }
                Step::Wait(seconds) => now = now.after(Duration::from_secs(seconds)),
                Step::CutOff => {
                    // full for longer than anybody has been there
                    let again = reel.cut_off(Moment::default(), now, PATIENCE);
                    let (slowest, all) = (model.slowest(), model.bytes.len());
                    let held_up = model.there().any(|reader| reader.read == all);
                    let mut cut = 0;
                    for reader in &mut model.readers {
                        let is_slow = now.since(reader.moved) >= PATIENCE;
                        if held_up && !reader.cut && reader.read == slowest && is_slow {
                            reader.cut = true;
                            cut += 1;
                        }
                    }
                    prop_assert_eq!(again.is_none(), cut > 0);
                }
            }
            prop_assert_eq!(reel.room(), model.room());
            prop_assert_eq!(reel.unread_since().is_some(), model.there().count() == 0);
            for reader in &model.readers {
                let had_all =
                    reader.read == model.bytes.len() && (reader.has_trailers || !model.trailers);
                let at_end = model.ended == Some(true) && !reader.cut && had_all;
                prop_assert_eq!(reel.is_at_end(reader.id), at_end);
                if reader.cut {
                    let took = reel.take(reader.id, now);
                    prop_assert!(matches!(took, Took::Failed(_)), "{:?}", took);
                }
            }
            let from = if model.kept { 0 } else { model.slowest() };
            // of a piece that grew, or was put together, while it was read its beginning is held as well
            let whole = model.longest.max(BLOCK);
            prop_assert!(reel.held() <= model.bytes.len() - from + whole);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5_000))]

        #[test]
        fn a_reel_does_what_a_plain_list_of_bytes_does(steps in steps()) {
            run(steps)?;
        }
    }

    #[test]
    fn many_small_pieces_are_held_as_a_few() {
        let mut reel = Reel::new(Allowance::of(0).share());
        for _ in 0..10 * BLOCK {
            reel.push(b"x");
        }
        assert_eq!((reel.pieces().len(), reel.held()), (10, 10 * BLOCK));
    }
}
