//! Reads that go together.
//!
//! Values that are asked for while the driver of a connection does something else, or waits for its turn, go as
//! one MGET when it is polled next: nobody waits for others to come, and one alone is a GET. Who asks writes its
//! key into the command that is sent next, and leaves a waker; the [driver](super::reads) takes the command and
//! brings the replies.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_util::task::AtomicWaker;
use smallvec::SmallVec;

use super::joined::{AT_ONCE, BYTES, Joined, Reply};
use super::wheel::{Deadline, Patience, Waits};

/// Who asks on one connection.
#[derive(Debug, Default)]
pub(super) struct Join {
    desk: Mutex<Desk>,
    driver: AtomicWaker,
}

#[derive(Debug, Default)]
struct Desk {
    seats: Vec<Seat>,
    free: Vec<usize>,
    /// Not sent yet. All but the last are full.
    batches: SmallVec<[Joined; 1]>,
    /// Bytes of a reply, as they were lately.
    usual: usize,
    has_ended: bool,
}

/// Where one who asks waits.
#[derive(Debug)]
enum Seat {
    Free,
    Waiting(Waker, Deadline),
    /// Nobody waits any more.
    Left,
    Told(Reply),
}

impl Join {
    /// Asks for the value of `key` when it is polled, and waits for it as long as `patience` lasts.
    pub(super) fn ask<'a>(&'a self, key: &'a [u8], patience: Patience<'a>) -> Asking<'a> {
        Asking {
            join: self,
            key,
            patience,
            seat: None,
        }
    }

    /// Whoever polls the driver is woken when somebody asks.
    pub(super) fn attend(&self, cx: &Context<'_>) {
        self.driver.register(cx.waker());
    }

    /// What is to be sent.
    pub(super) fn take(&self) -> SmallVec<[Joined; 1]> {
        std::mem::take(&mut self.desk().batches)
    }

    /// The replies to one command had so many bytes each. Large ones are remembered for a while.
    pub(super) fn learn(&self, each: usize) {
        let mut desk = self.desk();
        desk.usual = each.max(desk.usual - desk.usual.div_ceil(8));
    }

    /// How many ask, or have not looked yet at what they were told.
    pub(super) fn asking(&self) -> usize {
        let desk = self.desk();
        desk.seats.len() - desk.free.len()
    }

    /// Hands out replies.
    pub(super) fn tell(&self, replies: impl Iterator<Item = (usize, Reply)>) {
        let mut wakers = Vec::with_capacity(replies.size_hint().0);
        let mut desk = self.desk();
        for (seat, reply) in replies {
            if let Some(waker) = desk.tell(seat, reply) {
                wakers.push(waker);
            }
        }
        drop(desk);
        // a waker runs code of the executor
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Nobody drives any more: who waits is told, and so is whoever comes.
    pub(super) fn end(&self) {
        let mut desk = self.desk();
        desk.has_ended = true;
        desk.batches.clear();
        let all = 0..desk.seats.len();
        let wakers: Vec<_> = all
            .filter_map(|seat| desk.tell(seat, Reply::Lost))
            .collect();
        drop(desk);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waits for Join {
    fn step(&self, now: Deadline) {
        let desk = self.desk();
        let over = desk.seats.iter().filter_map(|seat| match seat {
            Seat::Waiting(waker, deadline) if *deadline <= now => Some(waker.clone()),
            _ => None,
        });
        let over: Vec<_> = over.collect();
        drop(desk);
        // as above
        over.into_iter().for_each(Waker::wake);
    }
}

impl Desk {
    /// A seat for who asks for `key`, and whether the driver knows nothing of it yet.
    fn sit(&mut self, key: &[u8], waiting: Seat) -> (usize, bool) {
        let seat = match self.free.pop() {
            Some(seat) => seat,
            None => {
                self.seats.push(Seat::Free);
                self.seats.len() - 1
            }
        };
        if let Some(place) = self.seats.get_mut(seat) {
            *place = waiting;
        }
        let is_first = self.batches.is_empty();
        let most = (BYTES / self.usual.max(1)).clamp(1, AT_ONCE);
        match self.batches.last_mut() {
            Some(batch) if batch.takes(key, most) => batch.add(key, seat),
            _ => self.batches.push(Joined::of(key, seat)),
        }
        (seat, is_first)
    }

    /// Tells who sits there; it is to be woken.
    fn tell(&mut self, seat: usize, reply: Reply) -> Option<Waker> {
        let place = self.seats.get_mut(seat)?;
        match std::mem::replace(place, Seat::Free) {
            Seat::Waiting(waker, _) => {
                *place = Seat::Told(reply);
                Some(waker)
            }
            Seat::Left => {
                self.free.push(seat);
                None
            }
            other => {
                *place = other;
                None
            }
        }
    }
}

/// One who asks; `None` when it took too long. Dropped before it is polled nothing is asked for; later its reply goes
/// nowhere.
pub(super) struct Asking<'a> {
    join: &'a Join,
    key: &'a [u8],
    patience: Patience<'a>,
    seat: Option<usize>,
}

impl Future for Asking<'_> {
    type Output = Option<Reply>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Reply>> {
        match self.seat {
            None => self.sit(cx),
            Some(seat) => self.look(seat, cx),
        }
    }
}

impl Asking<'_> {
    fn sit(&mut self, cx: &Context<'_>) -> Poll<Option<Reply>> {
        let waker = cx.waker().clone();
        let mut desk = self.join.desk();
        if desk.has_ended {
            drop(desk);
            return Poll::Ready(Some(Reply::Lost));
        }
        if self.patience.is_over() {
            drop(desk);
            return Poll::Ready(None);
        }
        let waiting = Seat::Waiting(waker, self.patience.deadline);
        let (seat, is_first) = desk.sit(self.key, waiting);
        drop(desk);
        self.seat = Some(seat);
        if is_first {
            self.join.driver.wake();
        }
        Poll::Pending
    }

    fn look(&mut self, seat: usize, cx: &Context<'_>) -> Poll<Option<Reply>> {
        // most of the time this is the one that was left there
        let mut own = None;
        loop {
            let mut desk = self.join.desk();
            let Some(place) = desk.seats.get_mut(seat) else {
                return Poll::Ready(Some(Reply::Lost));
            };
            match (&mut *place, own.take()) {
                (Seat::Told(_), own) => {
                    let told = std::mem::replace(place, Seat::Free);
                    desk.free.push(seat);
                    drop(desk);
                    drop(own);
                    self.seat = None;
                    return match told {
                        Seat::Told(reply) => Poll::Ready(Some(reply)),
                        _ => Poll::Ready(Some(Reply::Lost)),
                    };
                }
                (_, own) if self.patience.is_over() => {
                    drop(desk);
                    drop(own);
                    return Poll::Ready(None);
                }
                (Seat::Waiting(waker, deadline), _) if waker.will_wake(cx.waker()) => {
                    *deadline = self.patience.deadline;
                    return Poll::Pending;
                }
                (_, Some(waker)) => {
                    let waiting = Seat::Waiting(waker, self.patience.deadline);
                    let old = std::mem::replace(place, waiting);
                    drop(desk);
                    drop(old);
                    return Poll::Pending;
                }
                (_, None) => {
                    drop(desk);
                    own = Some(cx.waker().clone());
                }
            }
        }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let Some(seat) = self.seat else {
            return;
        };
        let mut desk = self.join.desk();
        let Some(place) = desk.seats.get_mut(seat) else {
            return;
        };
        let old = std::mem::replace(place, Seat::Left);
        if matches!(old, Seat::Told(_)) {
            *place = Seat::Free;
            desk.free.push(seat);
        }
        drop(desk);
        // a waker is the executor's
        drop(old);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock, Weak};

    use proptest::collection::vec;
    use proptest::prelude::*;
    use redis::{Cmd, Value};

    use super::super::wheel::Wheel;
    use super::*;

    /// How often somebody was woken.
    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Count {
        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn context() -> Context<'static> {
        Context::from_waker(Waker::noop())
    }

    /// Asks, and waits for as long as it takes.
    fn asked<'a>(join: &'a Join, key: &'a str) -> Asking<'a> {
        static WHEEL: LazyLock<Wheel> = LazyLock::new(Wheel::default);
        join.ask(key.as_bytes(), WHEEL.patience(WHEEL.after(1)))
    }

    /// Asks for each, as tasks do that run one after the other.
    fn ask<'a>(join: &'a Join, keys: &[&'a str]) -> Vec<Asking<'a>> {
        let mut asking: Vec<_> = keys.iter().map(|key| asked(join, key)).collect();
        for asked in &mut asking {
            assert_eq!(poll(asked), None);
        }
        asking
    }

    fn poll(asking: &mut Asking<'_>) -> Option<Reply> {
        match Pin::new(asking).poll(&mut context()) {
            Poll::Ready(reply) => Some(reply.unwrap()),
            Poll::Pending => None,
        }
    }

    fn words(cmd: &Cmd) -> Vec<String> {
        let words = cmd.args_iter().map(|arg| match arg {
            redis::Arg::Simple(arg) => String::from_utf8_lossy(arg).into_owned(),
            other => format!("{other:?}"),
        });
        words.collect()
    }

    fn value(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    /// As a server answers that has under each key the key itself.
    fn answer(join: &Join, mut batch: Joined) -> Vec<String> {
        let words = words(&batch.cmd());
        let values = words[1..].iter().map(|key| value(key));
        let said = match &words[0][..] {
            "GET" => value(&words[1]),
            _ => Value::Array(values.collect()),
        };
        tell(join, batch, said);
        words
    }

    fn tell(join: &Join, batch: Joined, said: Value) -> usize {
        let mut replies = Vec::new();
        let each = batch.tell(Some(said), &mut replies);
        join.tell(replies.into_iter());
        each
    }

    fn is_refused() -> Value {
        redis::parse_redis_value(b"-NOPERM no\r\n").unwrap()
    }

    #[test]
    fn who_asks_at_once_asks_in_one_command_and_is_told_apart() {
        let join = Join::default();
        let mut asking = ask(&join, &["a", "b", "a", "c"]);
        let batches = join.take();
        assert_eq!(batches.len(), 1);
        // what comes later goes with the next
        let mut later = ask(&join, &["d"]);
        for batch in batches {
            assert_eq!(answer(&join, batch), ["MGET", "a", "b", "a", "c"]);
        }
        let told: Vec<_> = asking.iter_mut().map(poll).collect();
        let among = |key| Some(Reply::Among(value(key)));
        assert_eq!(told, [among("a"), among("b"), among("a"), among("c")]);
        assert_eq!(poll(&mut later[0]), None);
        for batch in join.take() {
            assert_eq!(answer(&join, batch), ["GET", "d"]);
        }
        assert_eq!(poll(&mut later[0]), Some(Reply::Alone(value("d"))));
        assert_eq!(join.asking(), 0);
        assert!(join.take().is_empty());
    }

    #[test]
    fn the_driver_is_woken_once_and_not_by_those_who_join() {
        let (join, count) = (Join::default(), Arc::<Count>::default());
        let waker = Waker::from(Arc::clone(&count));
        for round in 1..4 {
            join.attend(&Context::from_waker(&waker));
            let asking = ask(&join, &["a", "b", "c"]);
            assert_eq!(count.count(), round);
            join.take().into_iter().for_each(|batch| {
                answer(&join, batch);
            });
            drop(asking);
        }
    }

    #[test]
    fn who_leaves_harms_nobody_and_its_reply_goes_nowhere() {
        let join = Join::default();
        let mut asking = ask(&join, &["a", "b", "c"]);
        // before it is sent
        drop(asking.remove(0));
        let batches = join.take();
        // after it
        drop(asking.remove(0));
        // who comes meanwhile does not get a place that something is still to be said to
        let mut next = ask(&join, &["d"]);
        for batch in batches {
            assert_eq!(answer(&join, batch), ["MGET", "a", "b", "c"]);
        }
        assert_eq!(poll(&mut next[0]), None);
        assert_eq!(poll(&mut asking[0]), Some(Reply::Among(value("c"))));
        for batch in join.take() {
            answer(&join, batch);
        }
        // after its reply
        drop(next);
        assert_eq!(join.asking(), 0);
    }

    #[test]
    fn the_deadline_of_one_ends_that_one() {
        let (join, wheel) = (Arc::<Join>::default(), Wheel::default());
        let weak: Weak<Join> = Arc::downgrade(&join);
        wheel.tell(weak);
        let patience = |steps| wheel.patience(wheel.after(steps));
        let mut early = join.ask(b"a", patience(0));
        let woken = Arc::<Count>::default();
        let waker = Waker::from(Arc::clone(&woken));
        let mut cx = Context::from_waker(&waker);
        assert!(Pin::new(&mut early).poll(&mut cx).is_pending());
        let mut others = ask(&join, &["b", "c"]);
        assert_eq!(woken.count(), 0);
        wheel.step();
        assert_eq!(woken.count(), 1);
        assert_eq!(Pin::new(&mut early).poll(&mut cx), Poll::Ready(None));
        drop(early);
        for batch in join.take() {
            assert_eq!(answer(&join, batch), ["MGET", "a", "b", "c"]);
        }
        let told: Vec<_> = others.iter_mut().map(poll).collect();
        let among = |key| Some(Reply::Among(value(key)));
        assert_eq!(told, [among("b"), among("c")]);
        assert_eq!(join.asking(), 0);
    }

    #[test]
    fn who_comes_at_its_deadline_asks_for_nothing() {
        let (join, wheel) = (Join::default(), Wheel::default());
        let mut late = join.ask(b"a", wheel.patience(wheel.after(0)));
        wheel.step();
        assert_eq!(Pin::new(&mut late).poll(&mut context()), Poll::Ready(None));
        assert!(join.take().is_empty() && join.asking() == 0);
    }

    #[test]
    fn who_is_held_up_by_its_runtime_may_still_be_told() {
        let (join, wheel) = (Join::default(), Wheel::default());
        let patience = || wheel.patience(wheel.after(0));
        let mut asking = [b"a", b"b"].map(|key| join.ask(key, patience()));
        let poll = |asked: &mut Asking<'_>| Pin::new(asked).poll(&mut context());
        assert!(asking.iter_mut().all(|asked| poll(asked).is_pending()));
        let batches = join.take();
        (0..10).for_each(|_| wheel.step());
        assert!(asking.iter_mut().all(|asked| poll(asked).is_pending()));
        let [told, never] = &mut asking;
        (0..10).for_each(|_| wheel.step());
        assert_eq!(poll(never), Poll::Ready(None));
        for batch in batches {
            answer(&join, batch);
        }
        let among = Some(Reply::Among(value("a")));
        assert_eq!(poll(told), Poll::Ready(among));
    }

    #[test]
    fn what_is_refused_for_all_is_for_each_to_ask_alone() {
        let join = Join::default();
        for said in [is_refused(), Value::Nil, Value::Array(vec![Value::Nil])] {
            let mut asking = ask(&join, &["a", "b"]);
            for batch in join.take() {
                tell(&join, batch, said.clone());
            }
            for asked in &mut asking {
                assert_eq!(poll(asked), Some(Reply::Refused));
            }
        }
        // one alone is told itself
        let mut asking = ask(&join, &["a"]);
        for batch in join.take() {
            tell(&join, batch, is_refused());
        }
        assert_eq!(poll(&mut asking[0]), Some(Reply::Alone(is_refused())));
    }

    #[test]
    fn when_nobody_drives_any_more_all_are_told_and_so_is_who_comes() {
        let join = Join::default();
        let mut sent = ask(&join, &["a", "b"]);
        let batches = join.take();
        let mut waiting = ask(&join, &["c"]);
        drop(sent.remove(0));
        join.end();
        drop(batches);
        assert_eq!(poll(&mut sent[0]), Some(Reply::Lost));
        assert_eq!(poll(&mut waiting[0]), Some(Reply::Lost));
        assert_eq!(poll(&mut asked(&join, "d")), Some(Reply::Lost));
        assert_eq!(join.asking(), 0);
        assert!(join.take().is_empty());
    }

    #[test]
    fn a_command_is_bounded_in_keys_and_bytes() {
        let join = Join::default();
        let lengths = |join: &Join| -> Vec<_> {
            let batches = join.take();
            batches.iter().map(|batch| batch.len()).collect()
        };
        let many = ask(&join, &["k"; 2 * AT_ONCE + 1]);
        assert_eq!(lengths(&join), [AT_ONCE, AT_ONCE, 1]);
        drop(many);
        let long = "k".repeat(BYTES / 2);
        let long = ask(&join, &[&long[..]; 5]);
        assert_eq!(lengths(&join), [2, 2, 1]);
        drop(long);
    }

    #[test]
    fn where_values_are_large_few_go_together_and_more_when_they_are_not() {
        let join = Join::default();
        let mut sizes = Vec::new();
        for large in [true, false] {
            for _ in 0..64 {
                let asking = ask(&join, &["k"; AT_ONCE]);
                let batches = join.take();
                sizes.push(batches.iter().map(|batch| batch.len()).max().unwrap());
                for batch in batches {
                    let bytes = if large { BYTES / 4 } else { 1 };
                    let values = vec![Value::BulkString(vec![0; bytes]); batch.len()];
                    let said = match &values[..] {
                        [value] => value.clone(),
                        _ => Value::Array(values),
                    };
                    join.learn(tell(&join, batch, said));
                }
                drop(asking);
            }
        }
        assert_eq!(sizes[0], AT_ONCE);
        assert_eq!(sizes[63], 4);
        assert_eq!(sizes[127], AT_ONCE);
    }

    #[derive(Debug, Clone)]
    enum Step {
        Ask(u8),
        Look(prop::sample::Index),
        Leave(prop::sample::Index),
        Send,
        Answer,
        Refuse,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => any::<u8>().prop_map(Step::Ask),
            6 => any::<prop::sample::Index>().prop_map(Step::Look),
            2 => any::<prop::sample::Index>().prop_map(Step::Leave),
            2 => Just(Step::Send),
            2 => Just(Step::Answer),
            1 => Just(Step::Refuse),
        ]
    }

    proptest! {
        /// Whatever is asked, left, sent and answered in whatever order.
        #[test]
        fn nobody_is_told_what_another_one_asked_for(steps in vec(step(), 0..200)) {
            let keys: Vec<_> = (0..=u8::MAX).map(|n| format!("k{n}")).collect();
            let join = Join::default();
            let mut asking: Vec<(&str, Asking<'_>)> = Vec::new();
            let mut sent = VecDeque::new();
            let check = |key: &str, reply: Option<Reply>| match reply {
                None | Some(Reply::Refused) => true,
                Some(Reply::Alone(told)) if told == is_refused() => true,
                Some(Reply::Alone(told) | Reply::Among(told)) => told == value(key),
                Some(Reply::Lost) => false,
            };
            for step in steps {
                match step {
                    Step::Ask(n) => {
                        let key = &keys[usize::from(n)];
                        let mut asked = asked(&join, key);
                        prop_assert_eq!(poll(&mut asked), None);
                        asking.push((key, asked));
                    }
                    Step::Look(at) if !asking.is_empty() => {
                        let at = at.index(asking.len());
                        let (key, asked) = &mut asking[at];
                        let reply = poll(asked);
                        let is_over = reply.is_some();
                        prop_assert!(check(key, reply));
                        if is_over {
                            asking.swap_remove(at);
                        }
                    }
                    Step::Leave(at) if !asking.is_empty() => {
                        asking.swap_remove(at.index(asking.len()));
                    }
                    Step::Send => sent.extend(join.take()),
                    Step::Answer => if let Some(batch) = sent.pop_front() {
                        answer(&join, batch);
                    },
                    Step::Refuse => if let Some(batch) = sent.pop_front() {
                        tell(&join, batch, is_refused());
                    },
                    Step::Look(_) | Step::Leave(_) => {}
                }
            }
            sent.extend(join.take());
            for batch in sent {
                answer(&join, batch);
            }
            for (key, mut asked) in asking {
                let reply = poll(&mut asked);
                prop_assert!(reply.is_some() && check(key, reply));
            }
            prop_assert_eq!(join.asking(), 0);
        }
    }
}
