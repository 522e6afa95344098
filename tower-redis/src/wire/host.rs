//! The way to a host that has a name.
//!
//! A look-up of a name may take half a minute and cannot be given up, and a runtime that ends waits for
//! those it has begun. So each has a thread of its own, of which there is one at a time: all who want to
//! connect meanwhile wait for the same answer.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::net::TcpStream;
use tokio::sync::watch;

use super::fault::Away;

/// The addresses of a name; `None` when nobody knows it.
type Found = Option<Vec<SocketAddr>>;

/// What is known of a host.
#[derive(Default)]
pub(super) struct Host {
    /// The last look-up. It is over when nobody can tell its answer any more.
    lookup: Mutex<Option<watch::Receiver<Option<Found>>>>,
    /// Addresses that were waited for in vain, the latest of them last.
    silent: Mutex<Vec<SocketAddr>>,
}

impl Host {
    /// Connects to the first of its addresses that answers. It may take for ever: the caller brings the
    /// deadline. An address that was waited for until then is the last to be tried the next time.
    pub(super) async fn connect(&self, name: &str, port: u16) -> Result<TcpStream, Away> {
        let addresses = match name.parse() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => {
                let place = (name.to_owned(), port);
                let look_up = move || Ok(place.to_socket_addrs()?.collect());
                self.addresses(look_up).await?
            }
        };
        self.connect_to(addresses).await
    }

    async fn addresses<F>(&self, look_up: F) -> Result<Vec<SocketAddr>, Away>
    where
        F: FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    {
        let mut told = self.look_up(look_up).ok_or(Away::NoThread)?;
        let found = told.wait_for(Option::is_some).await;
        let found = found.map_err(|_| Away::Failed)?.clone();
        found.flatten().ok_or(Away::NoHost)
    }

    /// The look-up under way, or a new one; `None` when no thread can be started for it.
    fn look_up<F>(&self, look_up: F) -> Option<watch::Receiver<Option<Found>>>
    where
        F: FnOnce() -> io::Result<Vec<SocketAddr>> + Send + 'static,
    {
        let mut last = self.lookup.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = last.as_ref().filter(|told| told.has_changed().is_ok());
        if let Some(told) = under_way {
            return Some(told.clone());
        }
        let (tell, told) = watch::channel(None);
        let run = move || {
            tell.send_replace(Some(look_up().ok()));
        };
        let named = thread::Builder::new().name("tower-redis-dns".to_owned());
        named.spawn(run).ok()?;
        *last = Some(told.clone());
        Some(told)
    }

    async fn connect_to(&self, addresses: Vec<SocketAddr>) -> Result<TcpStream, Away> {
        let mut failed = Away::NoHost;
        for address in self.in_order(addresses) {
            let waiting = Waiting {
                host: self,
                address,
                answered: false,
            };
            let outcome = TcpStream::connect(address).await;
            waiting.answered();
            match outcome {
                Ok(stream) => return Ok(stream),
                Err(error) => failed = Away::opening(&error),
            }
        }
        Err(failed)
    }

    /// As they were found, and behind them those that were silent, the latest last: with any number of dead
    /// ones each has its turn.
    fn in_order(&self, mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let mut silent = self.silent();
        silent.retain(|address| addresses.contains(address));
        addresses.sort_by_key(|address| silent.iter().position(|other| other == address));
        addresses
    }

    fn silent(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for an address. When this is dropped before the answer, it was too late.
struct Waiting<'a> {
    host: &'a Host,
    address: SocketAddr,
    answered: bool,
}

impl Waiting<'_> {
    fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut silent = self.host.silent();
        silent.retain(|address| *address != self.address);
        if !self.answered {
            silent.push(self.address);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    use ::tests::{RedisOptions, eventually};
    use pollster::block_on;
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    fn is_given_up(attempt: impl Future) {
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(attempt).poll(&mut context).is_pending());
    }

    /// Where packets are lost: what listens there is full.
    async fn dead() -> (SocketAddr, TcpListener, TcpStream) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let only = TcpStream::connect(address).await.unwrap();
        (address, listener, only)
    }

    #[tokio::test]
    async fn an_address_that_is_silent_does_not_hide_the_others() {
        let server = RedisOptions::new().on_tcp().start();
        let (one, other) = (dead().await, dead().await);
        let addresses = vec![one.0, other.0, server.address()];
        let host = Host::default();
        for _ in 0..2 {
            is_given_up(host.connect_to(addresses.clone()));
        }
        for _ in 0..2 {
            let stream = host.connect_to(addresses.clone()).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), server.address());
        }
        // none is given up for good
        is_given_up(host.connect_to(addresses.clone()));
        assert_eq!(host.in_order(addresses.clone()), addresses);
    }

    #[test]
    fn a_name_is_looked_up_once_at_a_time_however_many_give_it_up() {
        let host = Host::default();
        let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(())));
        let look_up = || {
            let (begun, gate) = (Arc::clone(&begun), Arc::clone(&gate));
            host.addresses(move || {
                begun.fetch_add(1, Ordering::Relaxed);
                drop(gate.lock().unwrap());
                Ok(vec![SocketAddr::from(([127, 0, 0, 1], 6379))])
            })
        };
        let hangs = gate.lock().unwrap();
        for _ in 0..100 {
            is_given_up(look_up());
        }
        let mut waits = pin!(look_up());
        is_given_up(waits.as_mut());
        drop(hangs);
        assert_eq!(block_on(waits).unwrap().len(), 1);
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        // what is asked later is looked up anew
        eventually("there is another look-up", || {
            assert!(block_on(look_up()).is_ok());
            begun.load(Ordering::Relaxed) > 1
        });
    }
}
