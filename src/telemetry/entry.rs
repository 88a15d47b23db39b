//! The clock-stamped, redacted form of one event.

use std::{collections::BTreeMap, error::Error, fmt};

use jiff::Timestamp;
use serde_json::Value;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{layer::Context, registry::LookupSpan};

use super::redact;

/// One event with the fields of its spans, ready to be shown.
///
/// Invariant: everything in it is redacted.
pub(super) struct Entry {
    pub(super) time: Timestamp,
    pub(super) severity: Severity,
    pub(super) target: String,
    pub(super) metadata: &'static Metadata<'static>,
    pub(super) message: String,
    /// By dotted name; what the event says wins over its spans, and inner spans over outer ones.
    pub(super) fields: BTreeMap<String, Value>,
    /// The names of the spans, outermost first.
    pub(super) spans: Vec<&'static str>,
}

/// The fields of a span, kept with it.
pub(super) struct SpanFields(pub(super) Fields);

/// How much an entry matters, in Cloud Logging's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Debug,
    Info,
    Notice,
    Warning,
    Error,
    Critical,
    Alert,
    Emergency,
}

impl Severity {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Notice => "NOTICE",
            Self::Warning => "WARNING",
            Self::Error => "ERROR",
            Self::Critical => "CRITICAL",
            Self::Alert => "ALERT",
            Self::Emergency => "EMERGENCY",
        }
    }

    /// A field `severity` says it more finely than the level can; what it says wrong is ignored.
    fn of(level: Level, field: Option<&Value>) -> Self {
        let all = [
            Self::Debug,
            Self::Info,
            Self::Notice,
            Self::Warning,
            Self::Error,
            Self::Critical,
            Self::Alert,
            Self::Emergency,
        ];
        let said = field.and_then(Value::as_str).and_then(|said| all.into_iter().find(|one| one.as_str() == said));
        said.unwrap_or(match level {
            Level::ERROR => Self::Error,
            Level::WARN => Self::Warning,
            Level::INFO => Self::Info,
            Level::DEBUG | Level::TRACE => Self::Debug,
        })
    }
}

impl Entry {
    pub(super) fn of<S>(event: &Event<'_>, context: &Context<'_, S>, time: Timestamp) -> Self
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        let metadata = event.metadata();
        let mut fields = BTreeMap::new();
        let mut spans = Vec::new();
        for span in context.event_scope(event).into_iter().flat_map(|scope| scope.from_root()) {
            spans.push(span.name());
            if let Some(SpanFields(of_span)) = span.extensions().get::<SpanFields>() {
                fields.extend(of_span.0.clone());
            }
        }
        let mut of_event = Fields::default();
        event.record(&mut of_event);
        let message = of_event.0.remove("message");
        let severity = Severity::of(*metadata.level(), of_event.0.remove("severity").as_ref());
        fields.extend(of_event.0);
        // Records of the `log` crate arrive under one target and carry their own as a field.
        let target = match fields.get("log.target").and_then(Value::as_str) {
            Some(target) if metadata.target() == "log" => target.to_owned(),
            Some(_) | None => metadata.target().to_owned(),
        };
        fields.retain(|name, _| !name.starts_with("log."));
        for (name, value) in &mut fields {
            redact::field(name, value);
        }
        let message = match message {
            Some(Value::String(text)) => redact::text(&text),
            Some(other) => redact::text(&other.to_string()),
            None => metadata.name().to_owned(),
        };
        Self { time, severity, target, metadata, message, fields, spans }
    }
}

/// Collects fields with their types: a number stays a number, an error brings its causes.
#[derive(Default)]
pub(super) struct Fields(pub(super) BTreeMap<String, Value>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Value>) {
        let name = field.name();
        self.0.insert(name.strip_prefix("r#").unwrap_or(name).to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        let number = serde_json::Number::from_f64(value);
        self.insert(field, number.map_or_else(|| Value::from(value.to_string()), Value::Number));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.insert(field, i64::try_from(value).map_or_else(|_| Value::from(value.to_string()), Value::from));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.insert(field, u64::try_from(value).map_or_else(|_| Value::from(value.to_string()), Value::from));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes: Vec<String> =
            std::iter::successors(Some(value), |error| (*error).source()).map(ToString::to_string).collect();
        self.insert(field, causes.join(": "));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }
}
