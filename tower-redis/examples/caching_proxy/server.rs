//! From a listening socket to a graceful stop.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceBuilder;
use tower_redis::Toolkit;

use crate::arguments::Arguments;
use crate::front::Front;
use crate::origin::{Origin, Sent};

/// How long requests under way may take after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// The longest that is guessed.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Listens, says where on stdout, and serves until the process is asked to end.
///
/// # Errors
/// When it cannot begin; the text says why.
pub(crate) async fn until_signal(arguments: &Arguments, toolkit: &Toolkit) -> Result<(), String> {
    let listener = listen(arguments.listen).await?;
    let signal = signal().map_err(|error| format!("cannot listen to signals: {error}"))?;
    let origin = Origin::new(arguments).map_err(|error| format!("--origin: {error}"))?;
    let mut cache = toolkit.cache_layer().empty_body(Sent::default);
    if arguments.heuristics {
        cache = cache.heuristic_freshness(0.1, DAY);
    }
    let inner = ServiceBuilder::new()
        .layer(cache)
        .service_fn(move |request| origin.clone().ask(request));
    let front = Front {
        inner,
        clock: toolkit.clock().clone(),
        trusting: arguments.trust_forwarded,
    };
    announce(&listener).map_err(|error| format!("cannot say where it listens: {error}"))?;

    let connections = GracefulShutdown::new();
    let mut asked = pin!(signal);
    loop {
        let (stream, client) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = &mut asked => break,
        };
        let front = front.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let front = front.clone();
            async move { Ok::<_, Infallible>(front.answer(client, request).await) }
        });
        let connection = http1::Builder::new()
            // that of a head which does not come to its end
            .timer(TokioTimer::new())
            .serve_connection(TokioIo::new(stream), service);
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                say(&format!("{client}: {error}"));
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, connections.shutdown())
        .await
        .is_err()
    {
        say(&format!("requests were still under way after {GRACE:?}"));
    }
    toolkit.shutdown(Duration::from_secs(1)).await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        format!(
            "cannot listen on {address}: {error}; choose another address with --listen ADDR (port 0 \
             takes a free one)"
        )
    })
}

/// The next connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, client)) => {
                // it only makes small answers quicker
                let _ = stream.set_nodelay(true);
                return (stream, client);
            }
            Err(error) => {
                say(&format!("cannot accept: {error}"));
                // too many files are open, and others have to be closed first
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

fn announce(listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()
}

fn say(what: &str) {
    // nobody may be reading
    let _ = writeln!(io::stderr(), "caching_proxy: {what}");
}

/// Ready when the process is asked to end: by Ctrl-C, or by SIGTERM where there is one.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // without a way to be asked it runs until it is ended
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
