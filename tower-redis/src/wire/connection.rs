//! One connection, from the socket to the first answer.
//!
//! It is the crate's `MultiplexedConnection` and not its `ConnectionManager`: the manager reconnects in a
//! future of its own that no response timeout covers, and it keeps a connection on which nothing is
//! answered any more. Here the driver is spawned by ourselves, so its end is noticed at once, and a
//! connection is given up when we say so.

use std::sync::{Arc, Weak};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, ProtocolVersion, PushInfo, Value};
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::task::AbortHandle;

use crate::config::Address;

use super::fault::Away;
use super::join::{Asking, Join};
use super::joined::BYTES;
use super::queue::{Queue, Turn};
use super::reads::{Driver, Reads};
use super::shared::Shared;
use super::target::Target;
use super::wheel::{Patience, Wheel};

/// Requests that may wait to be written. A place is given to who waited longest for it, polled or not: there are
/// more of them than anybody needs.
const WAITING: usize = 2048;

/// What becomes of messages the server sends by itself.
pub(super) type Pushed = Box<dyn Fn(PushInfo) -> Result<(), ()> + Send + Sync>;

/// A connection that is driven until this is dropped.
pub(super) struct Connection {
    mux: MultiplexedConnection,
    driver: AbortHandle,
    queue: Queue,
    join: Arc<Join>,
}

impl Connection {
    /// Drives it on the runtime this is called on, and does `at_end` when it ends by itself.
    pub(super) fn start(
        mux: MultiplexedConnection,
        driver: Driver,
        at_end: impl FnOnce() + Send + 'static,
    ) -> Self {
        let (queue, join) = (Queue::default(), Arc::<Join>::default());
        let reads = Reads::new(Arc::clone(&join), mux.clone(), driver);
        let driven = queue.clone().drive(reads);
        let driver = tokio::spawn(async move {
            driven.await;
            at_end();
        });
        Self {
            mux,
            driver: driver.abort_handle(),
            queue,
            join,
        }
    }

    /// Ready when a call may be sent.
    pub(super) fn turn(&self) -> Turn<'_> {
        self.queue.turn()
    }

    /// Asks for the value of `key`, together with others who ask now, and waits for it as long as `patience` lasts.
    pub(super) fn read<'a>(&'a self, key: &'a [u8], patience: Patience<'a>) -> Asking<'a> {
        self.join.ask(key, patience)
    }

    /// Has `wheel` count the deadlines of those who [read](Self::read).
    pub(super) fn attend(&self, wheel: &Wheel) {
        let join: Weak<Join> = Arc::downgrade(&self.join);
        wheel.tell(join);
    }

    /// A handle to send with.
    pub(super) fn mux(&self) -> MultiplexedConnection {
        self.mux.clone()
    }
}

impl Drop for Connection {
    // the driver of a dead connection would wait for answers for ever
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// Opens a connection and logs in. It may take for ever: the caller brings the deadline.
pub(super) async fn open(
    target: &Target,
    pushed: Option<Pushed>,
) -> Result<(MultiplexedConnection, Driver), Away> {
    match target.address() {
        Address::Tcp { host, port } => {
            let stream = target.host().connect(host, *port).await?;
            // without it small requests wait for each other; a socket that cannot do it works
            let _ = stream.set_nodelay(true);
            log_in(target, stream, pushed).await
        }
        #[cfg(unix)]
        Address::Unix(path) => {
            let stream = tokio::net::UnixStream::connect(path)
                .await
                .map_err(|error| Away::opening(&error))?;
            log_in(target, stream, pushed).await
        }
        #[cfg(not(unix))]
        Address::Unix(_) => Err(Away::NoSocket),
    }
}

async fn log_in<S>(
    target: &Target,
    stream: S,
    pushed: Option<Pushed>,
) -> Result<(MultiplexedConnection, Driver), Away>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_pipeline_buffer_size(WAITING);
    // pushes need RESP3; for everything else RESP2 is enough, and any server and proxy speaks it
    let protocol = match pushed {
        Some(pushed) => {
            config = config.set_push_sender(pushed);
            ProtocolVersion::RESP3
        }
        None => ProtocolVersion::RESP2,
    };
    let login = target.login(protocol);
    // the crate reads into what is left of eight kilobytes, which may be a few bytes: the reply to joined reads would
    // take several system calls, and a turn of the executor between any two
    let stream = BufReader::with_capacity(BYTES, stream);
    match MultiplexedConnection::new_with_config(&login, stream, config).await {
        Ok((mux, driver)) => Ok((mux, Box::pin(driver))),
        Err(error) => Err(Away::of(&error)),
    }
}

/// Asks for the time, which is also the proof that somebody answers: without a password nothing has
/// been said yet. A user who may not ask for it is answered as well.
pub(super) async fn greet(mut mux: MultiplexedConnection, shared: &Shared) -> Result<(), Away> {
    let sent = shared.clock.now();
    match mux
        .send_packed_command(&Cmd::new().arg("TIME").take())
        .await
    {
        Ok(Value::ServerError(error)) => match Away::answering(&error) {
            Some(why) => Err(why),
            None => Ok(()),
        },
        Ok(time) => {
            shared.server_clock.learn(&time, sent, shared.clock.now());
            Ok(())
        }
        Err(error) => Err(Away::of(&error)),
    }
}
