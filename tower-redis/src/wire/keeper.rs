//! What runs on the home thread for one server: the steps of deadlines, probes, and the heartbeat.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::select_ok;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::connection::{self, Connection};
use super::fault::Away;
use super::links::Links;
use super::shared::Shared;
use super::timing::{HEARTBEAT, PROBE, Pauses};

/// Between probes of a server that answers, but not to us.
const LOCKED_OUT: Duration = Duration::from_secs(1);
/// How long a heartbeat waits. A connection is driven by the runtime of its callers, which may be held up
/// by something else while the server is well.
const HELD_UP: Duration = Duration::from_secs(2);

/// Whether anybody has to count steps.
#[derive(Debug, Default)]
pub(super) struct Ticker {
    used: AtomicBool,
    wanted: Notify,
}

impl Ticker {
    /// A call begins. True when steps may not be being counted: the home thread has to be there.
    pub(super) fn touch(&self) -> bool {
        if self.used.load(Ordering::Relaxed) {
            return false;
        }
        self.used.store(true, Ordering::SeqCst);
        self.wanted.notify_one();
        true
    }

    /// Nobody counts: the next call has to see to it again.
    pub(super) fn forget(&self) {
        self.used.store(false, Ordering::SeqCst);
    }

    async fn run(&self, shared: &Shared, links: &Links) {
        let mut idle = 0;
        loop {
            sleep(shared.timing.step).await;
            for link in links.all() {
                link.wheel.step();
            }
            if self.used.swap(false, Ordering::SeqCst) {
                idle = 0;
                continue;
            }
            idle += 1;
            if idle >= shared.timing.idle_steps() {
                self.wanted.notified().await;
                idle = 0;
            }
        }
    }
}

/// Starts everything on `home`.
pub(super) fn start(home: &Handle, shared: &Arc<Shared>, links: &Arc<Links>, ticker: &Arc<Ticker>) {
    links.live_at(home.id());
    let (s, l, t) = (Arc::clone(shared), Arc::clone(links), Arc::clone(ticker));
    home.spawn(async move { t.run(&s, &l).await });
    let (s, l) = (Arc::clone(shared), Arc::clone(links));
    home.spawn(async move { probe_while_open(&s, &l).await });
    let (s, l) = (Arc::clone(shared), Arc::clone(links));
    home.spawn(async move { look_after_doubt(&s, &l).await });
    let (s, l) = (Arc::clone(shared), Arc::clone(links));
    home.spawn(async move { beat(&s, &l).await });
}

async fn probe_while_open(shared: &Shared, links: &Links) {
    loop {
        shared.breaker.opened().await;
        let mut pauses = Pauses::up_to(PROBE);
        while shared.breaker.is_open() {
            sleep(pauses.next().unwrap_or(PROBE)).await;
            match probe(shared, links).await {
                Ok(()) => shared.breaker.close(),
                Err(why) => {
                    if why.is_locked_out() {
                        pauses.slow_down(LOCKED_OUT);
                    }
                    // it may have been closed by an answer meanwhile, and then this is older
                    if shared.breaker.is_open() {
                        shared.is_away(why);
                    }
                }
            }
        }
    }
}

// a connection was lost: was it only that one?
async fn look_after_doubt(shared: &Shared, links: &Links) {
    loop {
        shared.doubt.notified().await;
        if !shared.breaker.is_open()
            && let Err(why) = probe(shared, links).await
        {
            shared.is_away(why);
        }
    }
}

async fn beat(shared: &Shared, links: &Links) {
    loop {
        sleep(HEARTBEAT).await;
        if shared.breaker.is_open() {
            continue;
        }
        let mut live = false;
        for link in links.all() {
            let Some(connection) = link.ready() else {
                continue;
            };
            live = true;
            let asked = connection::greet(connection.mux(), shared);
            match timeout(HELD_UP, asked).await {
                Ok(Ok(())) => link.heard(),
                Ok(Err(_)) | Err(_) => {
                    link.give_up(&connection);
                }
            }
        }
        if !live {
            shared.doubt.notify_one();
        }
    }
}

/// Whether the server answers: on any connection there is, or else on a new one, which it may have no place
/// for.
async fn probe(shared: &Shared, links: &Links) -> Result<(), Away> {
    let live = links.all().into_iter().filter_map(|link| link.ready());
    // all of them: one may belong to a runtime that nobody drives
    let asked: Vec<_> = live
        .map(|connection| Box::pin(connection::greet(connection.mux(), shared)))
        .collect();
    if !asked.is_empty()
        && let Ok(Ok(_)) = timeout(shared.timing.deadline, select_ok(asked)).await
    {
        return Ok(());
    }
    let asked = async {
        let (mux, driver) = connection::open(&shared.target, None).await?;
        let connection = Connection::start(mux, driver, || ());
        connection::greet(connection.mux(), shared).await
    };
    timeout(shared.timing.connect, pin!(asked))
        .await
        .unwrap_or(Err(Away::Silent))
}
