//! From a listening socket to a graceful stop.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_redis::Toolkit;

use crate::app::app;
use crate::settings::Settings;

/// How long requests under way may take after a signal.
const GRACE: Duration = Duration::from_secs(10);

/// Serves the demo on `listener` until `stop` is ready; then takes no more connections, and returns
/// when the requests under way are answered.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // the limits count by the address of the peer
    let app = app(settings).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app)
        .with_graceful_shutdown(stop)
        .await
}

/// Listens, says where on stdout, and serves until the process is asked to end.
pub(crate) async fn until_signal(settings: Settings) -> Result<(), String> {
    let listener = listen(settings.listen).await?;
    let signal = signal().map_err(|error| format!("cannot listen to signals: {error}"))?;
    announce(&listener).map_err(|error| format!("cannot say where it listens: {error}"))?;

    let toolkit = settings.toolkit.clone();
    let (asked, mut was_asked) = oneshot::channel();
    let stop = async {
        signal.await;
        tracing::info!("stopping");
        // its receiver lives until the server has stopped
        let _ = asked.send(());
    };
    let mut served = pin!(serve(listener, settings, stop));
    let served = tokio::select! {
        served = &mut served => served,
        () = async {
            let _ = (&mut was_asked).await;
            tokio::time::sleep(GRACE).await;
        } => {
            tracing::warn!("requests were still under way after {GRACE:?}");
            Ok(())
        }
    };
    end(&toolkit).await;
    served.map_err(|error| format!("cannot serve: {error}"))
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| {
        let what = match error.kind() {
            io::ErrorKind::AddrInUse => "something else listens there".to_owned(),
            io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
            io::ErrorKind::PermissionDenied => "that needs more rights".to_owned(),
            _ => error.to_string(),
        };
        format!(
            "cannot listen on {address}: {what}; choose another address with --listen ADDR or \
             LISTEN_ADDR (port 0 takes a free one)"
        )
    })
}

fn announce(listener: &TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{address}")?;
    stdout.flush()
}

async fn end(toolkit: &Toolkit) {
    let left = toolkit.shutdown(Duration::from_secs(1)).await;
    if left > 0 {
        tracing::warn!("{left} loads were still under way");
    }
}

/// Ready when the process is asked to end: by Ctrl-C, or by SIGTERM where there is one.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // without a way to be asked it runs until it is ended
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
