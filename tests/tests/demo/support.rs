//! A running demo.

use std::ops::Deref;
use std::time::Duration;

use demo_server::Settings;
use tests::http::Site;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower_redis::Toolkit;
use tower_redis::testing::ManualClock;

/// A demo that is served for as long as this lives.
pub(crate) struct Demo {
    site: Site,
    serving: JoinHandle<()>,
}

/// Settings under which nothing is slow.
pub(crate) fn quick() -> Settings {
    let mut settings = Settings::default();
    settings.work.computation = Duration::ZERO;
    settings.work.expensive = Duration::ZERO;
    settings
}

impl Demo {
    pub(crate) async fn start(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Site::at(listener.local_addr().unwrap());
        let serving = tokio::spawn(async {
            demo_server::serve(listener, settings, std::future::pending())
                .await
                .unwrap();
        });
        Self { site, serving }
    }

    /// A quick demo whose time stands still until the clock is turned.
    pub(crate) async fn at_a_standstill() -> (Self, ManualClock) {
        let clock = ManualClock::new();
        let mut settings = quick();
        settings.toolkit = Toolkit::builder().clock(clock.clock()).build().unwrap();
        (Self::start(settings).await, clock)
    }
}

impl Deref for Demo {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
