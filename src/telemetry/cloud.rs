//! Cloud Logging's JSON.
//!
//! <https://cloud.google.com/logging/docs/structured-logging> names the special fields; everything else is payload, in
//! which `doc.path` is `jsonPayload.doc.path`.

use std::{
    collections::BTreeMap,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Map, Value, json};

use super::{
    cap,
    entry::{Entry, Severity},
};

const TRACE: &str = "logging.googleapis.com/trace";
const TRACE_SAMPLED: &str = "logging.googleapis.com/trace_sampled";
const SPAN_ID: &str = "logging.googleapis.com/spanId";
const LABELS: &str = "logging.googleapis.com/labels";
const INSERT_ID: &str = "logging.googleapis.com/insertId";
const SOURCE_LOCATION: &str = "logging.googleapis.com/sourceLocation";
const OPERATION: &str = "logging.googleapis.com/operation";
const REPORTED_ERROR: &str = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent";

/// Payload fields with these names would be taken for something else; they go under `field`.
const RESERVED: [&str; 16] = [
    "severity",
    "time",
    "timestamp",
    "timestampSeconds",
    "timestampNanos",
    "message",
    "httpRequest",
    "target",
    "spans",
    "@type",
    "serviceContext",
    "context",
    "stack_trace",
    "exception",
    "truncated",
    "field",
];

/// Google takes at most this many labels of an entry.
const MOST_LABELS: usize = 64;

/// Tells this process's entries from those of the one before it.
static PROCESS: LazyLock<String> = LazyLock::new(|| hex::encode(rand::random::<[u8; 6]>()));

/// Numbers the entries of this process.
static SEQUENCE: AtomicU64 = AtomicU64::new(0);

/// The entry as one line of JSON, without the newline; `start` is what tracing-stackdriver wrote.
pub(super) fn line(mut start: Map<String, Value>, entry: &Entry, project: &str) -> String {
    let mut fields = entry.fields.clone();
    let mut object = Map::new();
    object.insert("severity".to_owned(), entry.severity.as_str().into());
    object.insert("time".to_owned(), entry.time.to_string().into());
    object.insert("message".to_owned(), entry.message.clone().into());
    let http = http_request(&mut fields);
    let location = start.remove(SOURCE_LOCATION).unwrap_or_else(|| source_location(entry));
    if entry.severity >= Severity::Error {
        object.extend(error_report(entry, http.as_ref()));
    }
    if let Some(http) = http {
        object.insert("httpRequest".to_owned(), http.into());
    }
    object.extend(trace(&mut fields, project));
    if let Some(operation) = operation(&mut fields) {
        object.insert(OPERATION.to_owned(), operation);
    }
    if let Some(labels) = labels(&mut fields) {
        object.insert(LABELS.to_owned(), labels);
    }
    object.insert(INSERT_ID.to_owned(), insert_id(&mut fields).into());
    object.insert(SOURCE_LOCATION.to_owned(), with_function(location, entry));
    object.insert("target".to_owned(), entry.target.clone().into());
    if !entry.spans.is_empty() {
        object.insert("spans".to_owned(), entry.spans.join("/").into());
    }
    if let Some(stack) = fields.remove("stack_trace") {
        object.insert("stack_trace".to_owned(), stack);
    }
    for (name, value) in fields {
        nest(&mut object, &name, value);
    }
    cap::fitting(object)
}

/// `http_request.…` fields become `httpRequest`; those Cloud Logging does not know stay in the payload.
fn http_request(fields: &mut BTreeMap<String, Value>) -> Option<Map<String, Value>> {
    let mut request = Map::new();
    let mut take = |field: &str, name: &str, form: fn(Value) -> Value| {
        if let Some(value) = fields.remove(&format!("http_request.{field}")) {
            request.insert(name.to_owned(), form(value));
        }
    };
    take("request_method", "requestMethod", |method| method);
    take("request_url", "requestUrl", path_only);
    take("status", "status", |status| status);
    take("latency", "latency", |latency| latency);
    take("latency_ms", "latency", |millis| seconds(millis.as_f64().unwrap_or_default() / 1_000.0).into());
    take("user_agent", "userAgent", |agent| agent);
    take("protocol", "protocol", |protocol| protocol);
    take("request_size", "requestSize", |size| plain(&size).into());
    take("response_size", "responseSize", |size| plain(&size).into());
    (!request.is_empty()).then_some(request)
}

/// A query may hold anything, so it is not logged.
fn path_only(url: Value) -> Value {
    let url = plain(&url);
    let path = url.split(['?', '#']).next().unwrap_or_default();
    Value::from(path)
}

/// A duration as Google writes it: `0.012s`, with as many digits as needed but at least three.
pub(super) fn seconds(seconds: f64) -> String {
    let digits = format!("{:.6}", seconds.max(0.0));
    let kept = digits.trim_end_matches('0').len().max(digits.len() - 3);
    format!("{}s", &digits[..kept])
}

fn trace(fields: &mut BTreeMap<String, Value>, project: &str) -> Map<String, Value> {
    let mut named = Map::new();
    if let Some(trace) = fields.remove("trace.id") {
        named.insert(TRACE.to_owned(), format!("projects/{project}/traces/{}", plain(&trace)).into());
    }
    if let Some(span) = fields.remove("span.id") {
        named.insert(SPAN_ID.to_owned(), plain(&span).into());
    }
    if let Some(sampled) = fields.remove("trace.sampled") {
        named.insert(TRACE_SAMPLED.to_owned(), sampled);
    }
    named
}

/// `operation.…` fields; without them, the entries of one job run are one operation.
fn operation(fields: &mut BTreeMap<String, Value>) -> Option<Value> {
    let run = fields.get("job.run").map(plain);
    let job = fields.get("job.name").map(|name| format!("studio-brain/jobs/{}", plain(name)));
    let id = fields.remove("operation.id").map(|id| plain(&id)).or(run);
    let producer = fields.remove("operation.producer").map(|producer| plain(&producer)).or(job);
    let mut operation = Map::new();
    operation.insert("id".to_owned(), id?.into());
    operation.extend(producer.map(|producer| ("producer".to_owned(), producer.into())));
    for edge in ["first", "last"] {
        operation.extend(fields.remove(&format!("operation.{edge}")).map(|value| (edge.to_owned(), value)));
    }
    Some(operation.into())
}

/// `labels.…` fields, as the strings labels must be.
fn labels(fields: &mut BTreeMap<String, Value>) -> Option<Value> {
    let names: Vec<String> =
        fields.keys().filter(|name| name.starts_with("labels.")).take(MOST_LABELS).cloned().collect();
    let labels: Map<String, Value> = names
        .into_iter()
        .filter_map(|name| Some((name.trim_start_matches("labels.").to_owned(), plain(&fields.remove(&name)?).into())))
        .collect();
    (!labels.is_empty()).then_some(labels.into())
}

/// The field `insert_id`, by which a repeated entry is dropped; else a number that keeps entries of one instant in order.
fn insert_id(fields: &mut BTreeMap<String, Value>) -> String {
    fields
        .remove("insert_id")
        .map_or_else(|| format!("{}-{:012x}", *PROCESS, SEQUENCE.fetch_add(1, Ordering::Relaxed)), |id| plain(&id))
}

fn source_location(entry: &Entry) -> Value {
    json!({ "file": entry.metadata.file().unwrap_or("unknown"), "line": entry.metadata.line().unwrap_or(0).to_string() })
}

fn with_function(mut location: Value, entry: &Entry) -> Value {
    if let (Some(location), Some(module)) = (location.as_object_mut(), entry.metadata.module_path()) {
        location.insert("function".to_owned(), module.into());
    }
    location
}

/// Rust's stack traces are not understood by Error Reporting, so the place is said in its own words.
fn error_report(entry: &Entry, http: Option<&Map<String, Value>>) -> Map<String, Value> {
    // All jobs end at one place in the code; without their names, Error Reporting would take them for one error.
    let function = match entry.fields.get("job.name") {
        Some(job) => format!("jobs::{}", plain(job)),
        None => entry.metadata.module_path().unwrap_or(&entry.target).to_owned(),
    };
    // A panic is logged by the hook, but it happened elsewhere.
    let panicked = (entry.fields.get("panic.file"), entry.fields.get("panic.line"));
    let (file, line) = match panicked {
        (Some(file), Some(line)) => (file.clone(), line.clone()),
        _ => (entry.metadata.file().unwrap_or("unknown").into(), entry.metadata.line().unwrap_or(0).into()),
    };
    let mut context = json!({ "reportLocation": { "filePath": file, "lineNumber": line, "functionName": function } });
    if let Some(http) = http {
        let of = |name: &str| http.get(name).cloned().unwrap_or(Value::Null);
        context["httpRequest"] = json!({
            "method": of("requestMethod"), "url": of("requestUrl"), "userAgent": of("userAgent"),
            "responseStatusCode": of("status"),
        });
    }
    let mut report = Map::new();
    report.insert("@type".to_owned(), REPORTED_ERROR.into());
    report.insert(
        "serviceContext".to_owned(),
        json!({ "service": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") }),
    );
    report.insert("context".to_owned(), context);
    report
}

/// Puts `doc.path` at `doc` → `path`; where `doc` is something else already, the dotted name stays whole.
fn nest(object: &mut Map<String, Value>, name: &str, value: Value) {
    let segments: Vec<&str> = name.split('.').collect();
    let reserved = RESERVED.contains(&segments[0]) || name.starts_with("logging.googleapis.com/");
    if reserved {
        let aside = object.entry("field").or_insert_with(|| Map::new().into());
        if let Some(aside) = aside.as_object_mut() {
            aside.insert(name.to_owned(), value);
        }
        return;
    }
    let fits = !segments.iter().any(|segment| segment.is_empty()) && place(object, &segments, &value);
    if !fits {
        object.insert(name.to_owned(), value);
    }
}

/// Whether the value found its place; nothing is changed that was there.
fn place(object: &mut Map<String, Value>, segments: &[&str], value: &Value) -> bool {
    match segments {
        [] => false,
        [last] if object.contains_key(*last) => false,
        [last] => object.insert((*last).to_owned(), value.clone()).is_none(),
        [first, rest @ ..] => {
            let inner = object.entry(*first).or_insert_with(|| Map::new().into());
            inner.as_object_mut().is_some_and(|inner| place(inner, rest, value))
        }
    }
}

/// A string without quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
