//! Checks of different keys that go together.
//!
//! A check goes by itself, and at once, while few of its policy are under way. Those that come while many are gather,
//! and go when one of those is answered, as one call of a script that decides about each by itself. So an idle
//! policy waits for nothing, and for a busy one neither this process nor Redis does once a check what is done once
//! a call.
//!
//! When Redis falls silent, who waits is answered after two deadlines of a call: one of those under way, and one of
//! its own, unless the first is enough to know.
//!
//! Nobody has to stay: whoever still waits carries the call on, and who leaves before it has gone is not asked about.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{Shared, WeakShared};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::Error;

use super::state::{Answer, Ask, Asked, Far, One, Part, Stake, ask, ask_several, unreadable};

/// The most that one call decides about: Redis does nothing else meanwhile.
const MOST: usize = 64;
/// Calls under way at a time, so that Redis has the next ones when it has answered one.
const AT_ONCE: usize = 4;

/// Who asks about one policy.
pub(super) struct Gathering {
    far: Far,
    turns: Arc<Semaphore>,
    /// The server does not decide about several in one call. Keys of several subjects lie in several slots, which a
    /// server of a cluster refuses, and so do some proxies.
    apart: AtomicBool,
    /// The last group. It is not kept alive: when all have left, it ends.
    last: Mutex<Option<(Arc<Group>, WeakShared<Call>)>>,
}

type Call = Pin<Box<dyn Future<Output = Arc<Landed>> + Send>>;

/// What came of a call: for each seat, or for all.
type Landed = Result<Vec<Option<One>>, Error>;

struct Group(Mutex<Listed>);

struct Listed {
    /// By their seats; `None` for those who left.
    asked: Vec<Option<Asked>>,
    has_gone: bool,
}

impl Group {
    fn listed(&self) -> MutexGuard<'_, Listed> {
        lock(&self.0)
    }

    /// A new one, and the first seat in it.
    fn of(asked: &Asked) -> (Arc<Self>, Seat) {
        let listed = Listed {
            asked: vec![Some(asked.clone())],
            has_gone: false,
        };
        let group = Arc::new(Self(Mutex::new(listed)));
        let seat = Seat::new(&group, 0);
        (group, seat)
    }

    /// A seat for who asks this, unless there is none any more.
    fn seat(self: &Arc<Self>, asked: &Asked) -> Option<Seat> {
        let mut listed = self.listed();
        let at = listed.asked.len();
        let takes_more = !listed.has_gone && at < MOST;
        takes_more.then(|| {
            listed.asked.push(Some(asked.clone()));
            Seat::new(self, at)
        })
    }

    /// Nobody may join any more; what is asked.
    fn goes(&self) -> Vec<Option<Asked>> {
        let mut listed = self.listed();
        listed.has_gone = true;
        std::mem::take(&mut listed.asked)
    }
}

/// One of those who go together.
struct Seat {
    group: Arc<Group>,
    at: usize,
    has_landed: bool,
}

impl Seat {
    fn new(group: &Arc<Group>, at: usize) -> Self {
        Self {
            group: Arc::clone(group),
            at,
            has_landed: false,
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.has_landed {
            return;
        }
        let mut listed = self.group.listed();
        let mine = listed.asked.get_mut(self.at);
        let left = mine.and_then(Option::take);
        drop(listed);
        drop(left);
    }
}

/// How somebody goes.
enum Goes {
    Alone(Option<OwnedSemaphorePermit>),
    Together(Shared<Call>, Seat),
}

impl Gathering {
    pub(super) fn new(far: Far) -> Self {
        Self {
            far,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            apart: AtomicBool::new(false),
            last: Mutex::default(),
        }
    }

    pub(super) fn far(&self) -> &Far {
        &self.far
    }

    /// Whether what is `asked` passes.
    pub(super) async fn ask(self: Arc<Self>, asked: Asked) -> Result<One, Error> {
        let (call, mut seat) = match self.board(&asked) {
            Goes::Alone(_turn) => return self.alone(&asked).await,
            Goes::Together(call, seat) => (call, seat),
        };
        let landed = call.await;
        seat.has_landed = true;
        match &*landed {
            Ok(each) => match each.get(seat.at).copied().flatten() {
                Some(one) => Ok(one),
                // it says what is wrong with it
                None => self.alone(&asked).await,
            },
            Err(why) if why.is_refused() => {
                self.apart.store(true, Ordering::Relaxed);
                self.alone(&asked).await
            }
            Err(why) => Err(why.told_again()),
        }
    }

    fn alone(&self, asked: &Asked) -> impl Future<Output = Result<One, Error>> + Send + use<> {
        let stake = Stake {
            far: &self.far,
            subject: &asked.subject,
            cost: asked.cost,
            part: Part::Decides,
        };
        let answer = ask(&[stake], Ask::Decide(asked.times));
        async move {
            let Answer { passed, each } = answer.await?;
            let (decision, at) = each.first().copied().ok_or_else(unreadable)?;
            Ok(One {
                passed,
                decision,
                at,
            })
        }
    }

    fn board(self: &Arc<Self>, asked: &Asked) -> Goes {
        if self.apart.load(Ordering::Relaxed) {
            return Goes::Alone(None);
        }
        // those who wait have the next turns
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Goes::Alone(Some(turn));
        }
        let mut last = lock(&self.last);
        if let Some((group, call)) = &*last
            && let Some(call) = call.upgrade()
            && let Some(seat) = group.seat(asked)
        {
            return Goes::Together(call, seat);
        }
        let (group, seat) = Group::of(asked);
        let call = Arc::clone(self).fly(Arc::clone(&group)).shared();
        *last = call.downgrade().map(|call| (group, call));
        Goes::Together(call, seat)
    }

    fn fly(self: Arc<Self>, group: Arc<Group>) -> Call {
        Box::pin(async move {
            // it goes as well if there are no turns any more
            let _turn = Arc::clone(&self.turns).acquire_owned().await;
            let asked = group.goes();
            let stay: Vec<_> = asked.iter().flatten().collect();
            let landed = match stay[..] {
                [one] => self.alone(one).await.map(|one| vec![Some(one)]),
                _ => ask_several(&self.far, &stay).await,
            };
            Arc::new(landed.map(|each| {
                let mut each = each.into_iter();
                let seats = asked
                    .iter()
                    .map(|asked| asked.as_ref().and_then(|_| each.next()));
                seats.map(Option::flatten).collect()
            }))
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Gathering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}
