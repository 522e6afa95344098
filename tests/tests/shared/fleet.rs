//! Demo servers and their Redis.

use std::net::SocketAddr;
use std::ops::Deref;
use std::time::Duration;

use demo_server::Settings;
use serde_json::{Value, json};
use tests::http::Site;
use tests::{Program, RedisServer, Serving};
use tokio::net::TcpListener;
use tower_redis::Toolkit;
use tracing_subscriber::filter::LevelFilter;

use crate::{extras, functions};

/// Demos that share one Redis.
pub(crate) struct Fleet {
    pub(crate) demos: Vec<Demo>,
    pub(crate) redis: RedisServer,
}

/// A demo in a process of its own.
pub(crate) struct Demo {
    site: Site,
    pub(crate) process: Serving,
}

impl Fleet {
    /// So many demos and an empty Redis. No operation is ever late: the tests assert on what happens,
    /// and a busy machine must not turn an answer into an outage.
    pub(crate) fn of(count: usize) -> Self {
        let redis = RedisServer::start();
        let url = redis.url();
        let demos = (0..count).map(|_| Demo::start(&url, "10s"));
        Self {
            demos: demos.collect(),
            redis,
        }
    }
}

impl Demo {
    /// A demo with that Redis, and that deadline for what it asks there. It logs all there is to log, which
    /// is read when it ends.
    pub(crate) fn start(redis: &str, timeout: &str) -> Self {
        Self::with([("REDIS_URL", redis), ("REDIS_TIMEOUT", timeout)])
    }

    /// A demo in this environment.
    pub(crate) fn with<'a>(environment: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let test = std::env::current_exe().unwrap();
        let program = Program::new(test)
            .arg("--ignored")
            .arg("--exact")
            .arg("fleet::a_demo")
            .arg("--nocapture");
        let environment = environment.into_iter();
        let process = environment
            .fold(program, |program, (name, value)| program.env(name, value))
            .serve();
        Self {
            site: Site::at(process.address()),
            process,
        }
    }

    /// What `/api/cached-data` says of a user.
    pub(crate) async fn user(&self, user: &str) -> Data {
        let path = format!("/api/cached-data?user_id={user}");
        Data(self.get(&path).await.ok())
    }

    /// Has it forget what it computed for a user.
    pub(crate) async fn invalidate(&self, user: &str) -> Value {
        let body = json!({ "user_id": user }).to_string();
        self.post("/api/invalidate-cache", body).await.ok()
    }

    /// A field of its statistics of the one cache or limiter whose name has `part` in it.
    pub(crate) async fn stat(&self, list: &str, part: &str, pointer: &str) -> Value {
        let stats = self.get("/cache/stats").await.ok();
        let mut found = stats[list].as_array().unwrap().iter();
        let found = found.find(|entry| entry["name"].as_str().unwrap().contains(part));
        let value = found.and_then(|entry| entry.pointer(pointer));
        value
            .unwrap_or_else(|| panic!("no {pointer} of {part} in {stats}"))
            .clone()
    }
}

impl Deref for Demo {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

/// An answer of `/api/cached-data`.
#[derive(Debug)]
pub(crate) struct Data(pub(crate) Value);

impl Data {
    /// `miss`, `far hit`, `near hit`...
    pub(crate) fn status(&self) -> String {
        let cache = &self.0["cache"];
        let (status, tier) = (
            cache["status"].as_str().unwrap(),
            cache["tier"].as_str().unwrap(),
        );
        match tier {
            "none" => status.to_owned(),
            tier => format!("{tier} {status}"),
        }
    }

    /// When it was computed: a text of which the later one is greater.
    pub(crate) fn computed_at(&self) -> String {
        self.0["computed_at"].as_str().unwrap().to_owned()
    }
}

/// The process of a [`Demo`]: the demo as it is, but for the time its computations take, which is enough
/// to give two of them different times, and for a few routes more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "is a process that other tests start"]
async fn a_demo() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let mut settings = Settings::default();
    settings.work.computation = Duration::from_millis(2);
    settings.work.expensive = Duration::ZERO;
    settings.toolkit = Toolkit::from_env().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("\nlistening on http://{}", listener.local_addr().unwrap());
    let toolkit = settings.toolkit.clone();
    let extras = extras::routes(&toolkit);
    let extras = extras.merge(functions::routes(&toolkit));
    let app = demo_server::app(settings).merge(extras);
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, app).await.unwrap();
}
