//! What handlers share.

use std::sync::Arc;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tower_redis::Toolkit;

use crate::recent::Recent;
use crate::settings::{Settings, Work};

/// Handles and settings. Clones share them.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) toolkit: Toolkit,
    pub(crate) work: Work,
    pub(crate) recent: Arc<Recent>,
    pub(crate) metrics: Metrics,
}

impl AppState {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            recent: Arc::new(Recent::on(&settings.toolkit.bus())),
            work: settings.work,
            toolkit: settings.toolkit,
            metrics: Metrics::new(),
        }
    }
}

/// A recorder of this app's own. A program with one app would install its recorder for the process;
/// here tests make many apps, and each has its own counts.
#[derive(Clone)]
pub(crate) struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Metrics {
    fn new() -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        Self {
            handle: recorder.handle(),
            recorder: Arc::new(recorder),
        }
    }

    /// The counts of `toolkit` as they are now, in Prometheus text.
    pub(crate) fn of(&self, toolkit: &Toolkit) -> String {
        metrics::with_local_recorder(&*self.recorder, || toolkit.record_metrics());
        self.handle.render()
    }
}
