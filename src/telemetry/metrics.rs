//! Counting and measuring, for Prometheus to fetch.

use std::sync::{Mutex, PoisonError};

use metrics::Recorder;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::{
    TelemetryError,
    names::{self, MetricKind},
};

/// Upper bounds of the buckets of durations, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0, 120.0];

/// What this process has installed.
static INSTALLED: Mutex<Option<Metrics>> = Mutex::new(None);

/// A handle on everything counted; clone it freely.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// The metrics of this process, installed by the first call; later calls get the same ones.
    ///
    /// # Errors
    /// [`TelemetryError::ForeignRecorder`] if something else in this process counts already.
    pub fn install() -> Result<Self, TelemetryError> {
        let mut installed = INSTALLED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(metrics) = &*installed {
            return Ok(metrics.clone());
        }
        let (recorder, metrics) = Self::apart();
        metrics::set_global_recorder(recorder).map_err(|error| TelemetryError::ForeignRecorder(error.to_string()))?;
        metrics::gauge!(names::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        *installed = Some(metrics.clone());
        Ok(metrics)
    }

    /// Metrics that nobody else counts into, for a test with `metrics::with_local_recorder`.
    pub fn apart() -> (PrometheusRecorder, Self) {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .expect("BUG: there are buckets")
            .build_recorder();
        for metric in names::ALL {
            let (name, unit, what) = (metric.name.into(), Some(metric.unit), metric.description.into());
            match metric.kind {
                MetricKind::Counter => recorder.describe_counter(name, unit, what),
                MetricKind::Gauge => recorder.describe_gauge(name, unit, what),
                MetricKind::Histogram => recorder.describe_histogram(name, unit, what),
            }
        }
        let handle = recorder.handle();
        (recorder, Self { handle })
    }

    /// Everything counted so far, in Prometheus's text format.
    pub fn text(&self) -> String {
        self.handle.run_upkeep();
        self.handle.render()
    }
}
