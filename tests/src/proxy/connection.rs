//! One connection through the proxy.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::proxy::counts::{Counts, Ear, Way};
use crate::proxy::door::Target;
use crate::proxy::rules::{Number, Rules, Welcome};

/// What may wait in one direction before no more is read, in bytes.
const WAITING: usize = 1 << 20;

type Changes = watch::Receiver<Rules>;

/// Serves a connection until one side ends it or the rules do.
pub(super) async fn serve(
    number: Number,
    mut client: TcpStream,
    target: Target,
    rules: Changes,
    counts: Arc<Mutex<Counts>>,
) {
    let (mut is_cut, mut is_lost) = (rules.clone(), rules.clone());
    let swallowed = rules.borrow().welcome == Welcome::Swallow;
    let served = async {
        // a client that waits for one small answer must not wait for the acknowledgement of another
        let _ = client.set_nodelay(true);
        let (mut asks, mut hears) = client.split();
        if !swallowed {
            tokio::select! {
                biased;
                _ = is_lost.wait_for(|rules| number < rules.lost_before) => {}
                () = forward(&mut asks, &mut hears, &target, &rules, &counts) => return,
            }
        }
        // until the client gives up
        let mut nothing = [0; 1024];
        while asks.read(&mut nothing).await.is_ok_and(|read| read > 0) {}
    };
    tokio::select! {
        // an error says that the proxy is gone
        _ = is_cut.wait_for(|rules| rules.is_cut(number)) => {}
        () = served => {}
    }
}

/// Passes everything on in both directions, until one side has ended and the other has heard all of it.
async fn forward(
    asks: &mut (impl AsyncRead + Unpin),
    hears: &mut (impl AsyncWrite + Unpin),
    target: &Target,
    rules: &Changes,
    counts: &Mutex<Counts>,
) {
    let Ok((mut answers, mut is_told)) = target.connect().await else {
        return;
    };
    let ear = Mutex::new(Ear::default());
    let listen = |way, bytes: &[u8]| {
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut ear = ear.lock().unwrap_or_else(PoisonError::into_inner);
        ear.hear(way, bytes, &mut counts);
    };
    let there = pump(
        asks,
        &mut is_told,
        rules.clone(),
        |rules| rules.to_server,
        |bytes| {
            listen(Way::ToServer, bytes);
        },
    );
    let back = pump(
        &mut answers,
        hears,
        rules.clone(),
        |rules| rules.to_client,
        |bytes| {
            listen(Way::ToClient, bytes);
        },
    );
    // an error ends a connection as an end does
    tokio::select! {
        _ = there => {}
        _ = back => {}
    }
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut rules: Changes,
    delay: impl Fn(&Rules) -> Duration,
    mut hear: impl FnMut(&[u8]),
) -> io::Result<()> {
    let mut waiting: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut ended = false;
    loop {
        let held = rules.borrow_and_update().held;
        let due = waiting.front().map(|(due, _)| *due).filter(|_| !held);
        if due.is_some_and(|due| due <= now()) {
            if let Some((_, bytes)) = waiting.pop_front() {
                to.write_all(&bytes).await?;
            }
            continue;
        }
        if ended && waiting.is_empty() {
            return Ok(());
        }
        let room = waiting.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < WAITING;
        tokio::select! {
            changed = rules.changed() => changed.map_err(io::Error::other)?,
            read = from.read(&mut buffer), if room && !ended => {
                let bytes = buffer.get(..read?).unwrap_or_default();
                ended = bytes.is_empty();
                // the rules of now: those above may be older than what was read. Before it is counted: who
                // waits for that may change them then
                let late = delay(&rules.borrow());
                hear(bytes);
                waiting.push_back((now() + late, bytes.to_vec()));
            }
            () = sleep_until(due.unwrap_or_else(now)), if due.is_some() => {}
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a delay on a real connection, which no clock of ours turns"
)]
fn now() -> Instant {
    Instant::now()
}
