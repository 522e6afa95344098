//! What a test does with a proxy.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::eventually::eventually;
use crate::proxy::connection::serve;
use crate::proxy::counts::Counts;
use crate::proxy::door::{Door, Target};
use crate::proxy::rules::{Number, Rules, Welcome};
use crate::redis_server::{Login, url_at};

/// A port of the loopback interface that leads to a server. It is the same port whatever is done to it,
/// and whether or not the server is there. What a method does has been done when it returns.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    rules: watch::Sender<Rules>,
    counts: Arc<Mutex<Counts>>,
    open: Arc<Mutex<Open>>,
    /// Where it runs; `None` once it is dropped.
    runtime: Option<Runtime>,
}

#[derive(Debug, Default)]
struct Open {
    next: Number,
    now: BTreeSet<Number>,
    /// The last edition of the rules that new connections followed.
    edition: u64,
}

impl Proxy {
    /// A proxy in front of a server, which need not be there yet.
    ///
    /// # Panics
    /// When the system gives no port.
    #[must_use]
    #[track_caller]
    pub fn before(target: Target) -> Self {
        // one thread of its own, so that it works in any test, whatever that one blocks
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let door = Door::new().unwrap();
        let (rules, changes) = watch::channel(Rules::default());
        let proxy = Self {
            address: door.address(),
            rules,
            counts: Arc::default(),
            open: Arc::default(),
            runtime: Some(runtime),
        };
        let (counts, open) = (proxy.counts.clone(), proxy.open.clone());
        let runtime = proxy.runtime.as_ref().unwrap();
        runtime.spawn(keep(door, target, changes, counts, open));
        proxy.change(|_| {});
        proxy
    }

    /// Where clients connect.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// That as the URL of a server that has the user whom servers have unless said otherwise.
    #[must_use]
    pub fn url(&self) -> String {
        url_at(self.address, Some(&Login::canary()))
    }

    /// What has passed so far.
    ///
    /// # Panics
    /// Never: nothing panics while it counts.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts.lock().unwrap().clone()
    }

    /// Connections that are open now.
    ///
    /// # Panics
    /// Never: nothing panics while it counts.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.lock().unwrap().now.len()
    }

    /// Closes every connection; new ones are served as before.
    #[track_caller]
    pub fn cut(&self) {
        let before = self.next();
        self.change(|rules| rules.cut_before = before);
        eventually("all connections of the proxy are closed", || {
            let open = self.open.lock().unwrap();
            open.now.first().is_none_or(|oldest| *oldest >= before)
        });
    }

    /// Closes one of the open connections, if there are any: which one, `choice` says, whatever its size.
    ///
    /// # Panics
    /// Never: nothing panics while it counts.
    #[track_caller]
    pub fn cut_one(&self, choice: u64) {
        let chosen = {
            let open = self.open.lock().unwrap();
            let among = open.now.len() as u64;
            let nth = choice.checked_rem(among).unwrap_or_default();
            open.now.iter().nth(nth as usize).copied()
        };
        let Some(chosen) = chosen else {
            return;
        };
        self.change(|rules| {
            rules.cut.insert(chosen);
        });
        eventually("that connection of the proxy is closed", || {
            !self.open.lock().unwrap().now.contains(&chosen)
        });
        self.change(|rules| {
            rules.cut.remove(&chosen);
        });
    }

    /// Refuses new connections, as if nobody listened; open ones stay as they are.
    #[track_caller]
    pub fn refuse(&self) {
        self.change(|rules| rules.welcome = Welcome::Refuse);
    }

    /// Loses everything from now on: open connections stay open and hear nothing ever again, new ones are
    /// accepted and hear nothing either.
    #[track_caller]
    pub fn black_hole(&self) {
        // first the new ones, so that none comes between the two
        self.change(|rules| rules.welcome = Welcome::Swallow);
        let before = self.next();
        self.change(|rules| rules.lost_before = before);
    }

    /// Passes nothing on until [`restore`](Self::restore), and loses nothing.
    #[track_caller]
    pub fn hold(&self) {
        self.change(|rules| rules.held = true);
    }

    /// Passes everything on so much later, in order: what goes to the server, what comes from it.
    #[track_caller]
    pub fn delay(&self, to_server: Duration, to_client: Duration) {
        self.change(|rules| (rules.to_server, rules.to_client) = (to_server, to_client));
    }

    /// Back to normal: new connections are served, nothing is held or delayed. Connections that a
    /// [`black_hole`](Self::black_hole) has swallowed stay so.
    #[track_caller]
    pub fn restore(&self) {
        self.change(|rules| {
            *rules = Rules {
                edition: rules.edition,
                cut_before: rules.cut_before,
                lost_before: rules.lost_before,
                cut: std::mem::take(&mut rules.cut),
                ..Rules::default()
            };
        });
    }

    fn next(&self) -> Number {
        self.open.lock().unwrap().next
    }

    /// Changes the rules, and waits until new connections follow them.
    #[track_caller]
    fn change(&self, change: impl FnOnce(&mut Rules)) {
        let mut edition = 0;
        self.rules.send_modify(|rules| {
            change(rules);
            rules.edition += 1;
            edition = rules.edition;
        });
        eventually("the proxy follows its rules", || {
            self.open.lock().unwrap().edition >= edition
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // a drop in a task must not wait
            runtime.shutdown_background();
        }
    }
}

async fn keep(
    door: Door,
    target: Target,
    mut rules: watch::Receiver<Rules>,
    counts: Arc<Mutex<Counts>>,
    open: Arc<Mutex<Open>>,
) {
    let mut listener = None;
    loop {
        let (edition, welcome) = {
            let rules = rules.borrow_and_update();
            (rules.edition, rules.welcome)
        };
        if welcome == Welcome::Refuse {
            listener = None;
        } else if listener.is_none() {
            listener = Some(door.open().unwrap());
        }
        open.lock().unwrap().edition = edition;
        let client = tokio::select! {
            biased;
            changed = rules.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            client = accepted(listener.as_ref()) => client,
        };
        let number = {
            let mut open = open.lock().unwrap();
            let number = open.next;
            open.next += 1;
            open.now.insert(number);
            number
        };
        counts.lock().unwrap().connections += 1;
        let served = serve(
            number,
            client,
            target.clone(),
            rules.clone(),
            counts.clone(),
        );
        let open = open.clone();
        tokio::spawn(async move {
            served.await;
            open.lock().unwrap().now.remove(&number);
        });
    }
}

async fn accepted(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else {
        return std::future::pending().await;
    };
    loop {
        // an error is that of one connection, which has gone before it came
        if let Ok((client, _)) = listener.accept().await {
            return client;
        }
    }
}
