//! Cloud Logging entries, metrics, request and job ids.
//!
//! What an entry looks like, and how to find one, is in docs/LOGGING.md.

/// The clock-stamped, redacted form of one event.
mod entry;

/// The layer that turns events into lines.
mod journal;

/// Cloud Logging's JSON.
mod cloud;

/// What tracing-stackdriver writes, as the start of an entry.
mod stackdriver;

/// Entries stay small.
mod cap;

/// Lines for people.
mod readable;

/// Keeps secrets and personal data out.
mod redact;

/// W3C trace context: which request this is.
pub mod trace;

/// Every run of a job ends in one event.
pub mod job;

/// What every job did last, for people who look.
pub mod board;

/// One event for every request answered.
pub mod request;

/// Why a job run ended as it did.
pub mod reason;

/// Counting and measuring.
pub mod metrics;

/// Every metric: name, kind, unit, labels and description.
pub mod names;

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{self, IsTerminal},
};

use tracing::Subscriber;
use tracing_subscriber::{Registry, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    clock::Clock,
    config::telemetry::{LogFormat, TelemetryConfig},
};
pub use board::{JobBoard, JobNow, JobStanding, LastRun, RunEnd, Seat};
pub use job::{JobOutcome, JobRun};
pub use metrics::Metrics;
pub use reason::ReasonCode;
pub use request::AnsweredRequest;
pub use trace::{SpanId, Trace, TraceId};

use journal::{Face, Journal};

/// Where entries go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// For a service, whose output is its log.
    Stdout,
    /// For a command, whose output is its answer.
    Stderr,
}

impl Output {
    fn is_terminal(self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
        }
    }
}

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Something else in this process logs already.
    #[error("could not install the log of this process")]
    AlreadyInstalled(#[source] tracing_subscriber::util::TryInitError),
    /// Something else in this process counts already.
    #[error("could not install the metrics of this process: {0}")]
    ForeignRecorder(String),
}

/// Starts logging for the whole process, once; panics become entries too.
///
/// # Errors
/// [`TelemetryError::AlreadyInstalled`] if this process logs already.
pub fn init(config: &TelemetryConfig, output: Output, clock: &Clock) -> Result<(), TelemetryError> {
    let terminal = output.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let format = match (config.format, output.is_terminal()) {
        (LogFormat::Auto, true) => LogFormat::Pretty,
        (LogFormat::Auto, false) => LogFormat::Stackdriver,
        (chosen @ (LogFormat::Pretty | LogFormat::Stackdriver), _) => chosen,
    };
    let config = TelemetryConfig { format, ..config.clone() };
    let installed = match output {
        Output::Stdout => subscriber(&config, terminal, clock, io::stdout).try_init(),
        Output::Stderr => subscriber(&config, terminal, clock, io::stderr).try_init(),
    };
    installed.map_err(TelemetryError::AlreadyInstalled)?;
    log_panics();
    Ok(())
}

/// What turns events into lines for `writer`; tests hand in memory. `auto` means Cloud Logging's JSON here.
pub fn subscriber<W>(
    config: &TelemetryConfig,
    colour: bool,
    clock: &Clock,
    writer: W,
) -> impl Subscriber + Send + Sync + 'static
where
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let face = match config.format {
        LogFormat::Pretty => Face::readable(colour),
        LogFormat::Auto | LogFormat::Stackdriver => Face::cloud(&config.project),
    };
    Registry::default().with(config.level.filter()).with(Journal::new(face, clock.clone(), writer))
}

/// A panic is an entry like any other: one line, redacted, with its place.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("no message");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = Backtrace::capture();
        let stack = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
        tracing::error!(
            severity = "CRITICAL",
            event = "process.panicked",
            panic.file = panic.location().map(|place| place.file()),
            panic.line = panic.location().map(|place| place.line()),
            panic.backtrace = stack,
            "Panicked at {place}: {message}"
        );
    }));
}
