//! Servers on loopback, and what time of a CPU they have taken.

use std::convert::Infallible;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread::JoinHandle;

use axum::extract::Request;
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower::Service;
use tower::make::Shared;

use crate::runtime;

/// Time on a CPU, of one thread.
pub struct CpuTime(PathBuf);

impl CpuTime {
    /// Of the thread that asks.
    fn here() -> Self {
        let thread = fs::read_link("/proc/thread-self").expect("/proc, as Linux has it");
        Self(PathBuf::from("/proc").join(thread).join("schedstat"))
    }

    /// Of the first thread of a process.
    pub fn of_process(id: u32) -> Self {
        Self(PathBuf::from(format!("/proc/{id}/schedstat")))
    }

    /// Nanoseconds so far.
    pub fn nanos(&self) -> f64 {
        let told = fs::read_to_string(&self.0).expect("a thread that runs");
        let first = told.split(' ').next();
        let first = first.and_then(|nanos| nanos.parse().ok());
        first.expect("nanoseconds on a CPU come first")
    }
}

/// `axum::serve` on a thread of its own, until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `app` on a port that is free.
    pub fn start<S>(app: S) -> (Self, CpuTime)
    where
        S: Service<Request, Response = Response, Error = Infallible, Future: Send>
            + Clone
            + Send
            + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = runtime();
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
            let listener = listener.expect("a free port");
            let address = listener.local_addr().expect("an address");
            let serving = async { axum::serve(listener, Shared::new(app)).await };
            runtime.spawn(serving);
            tell.send((address, CpuTime::here()))
                .expect("who started it");
            // it ends when this is dropped, too
            let _ = runtime.block_on(stopped);
        });
        let (address, cpu) = told.recv().expect("a server that starts");
        let server = Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        };
        (server, cpu)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
