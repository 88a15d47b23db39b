//! An entry is what Cloud Logging expects, on one line, and holds no secret.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Value, json};
use studio_brain::{
    clock::Clock,
    config::{Config, Sources, telemetry::TelemetryConfig},
    telemetry::{self, AnsweredRequest, JobOutcome, JobRun, Metrics, Trace, names, reason},
};
use tracing::{debug, error, info, info_span, warn};
use tracing_subscriber::fmt::MakeWriter;

const LONGEST_LINE: usize = 32 * 1024;

/// Everything written, in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("memory").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Memory {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// A JSON value whose objects have no key twice, at any depth.
struct Unrepeated(Value);

impl<'de> Deserialize<'de> for Unrepeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Unrepeated;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("JSON without repeated keys")
            }
            fn visit_unit<E>(self) -> Result<Unrepeated, E> {
                Ok(Unrepeated(Value::Null))
            }
            fn visit_bool<E>(self, value: bool) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Unrepeated, E> {
                Ok(Unrepeated(value.into()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Unrepeated, A::Error> {
                let mut list = Vec::new();
                while let Some(Unrepeated(item)) = items.next_element()? {
                    list.push(item);
                }
                Ok(Unrepeated(list.into()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Unrepeated, A::Error> {
                let mut object = serde_json::Map::new();
                while let Some((key, Unrepeated(value))) = fields.next_entry::<String, _>()? {
                    if object.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("the key {key:?} is repeated")));
                    }
                }
                Ok(Unrepeated(object.into()))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

fn config(format: &str, level: &str) -> TelemetryConfig {
    let sources = Sources::default()
        .with_override("studio.id", "monsoon-west")
        .with_override("firestore.project", "monsoon-prod")
        .with_override("telemetry.format", format)
        .with_override("telemetry.level", level);
    Config::load(sources).expect("a configuration").telemetry
}

fn clock() -> Clock {
    Clock::manual("2026-03-18T17:00:00.123456Z".parse().expect("a timestamp"))
}

/// The lines written while `act` runs.
fn lines(config: &TelemetryConfig, act: impl FnOnce()) -> Vec<String> {
    let memory = Memory::default();
    let subscriber = telemetry::subscriber(config, false, &clock(), memory.clone());
    tracing::subscriber::with_default(subscriber, act);
    let bytes = memory.0.lock().expect("memory").clone();
    let text = String::from_utf8(bytes).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'), "every entry ends its line");
    text.lines().map(str::to_owned).collect()
}

/// The entries written while `act` runs; each is one line of JSON without repeated keys, and short enough.
fn entries(act: impl FnOnce()) -> Vec<Value> {
    let parse = |line: String| {
        assert!(line.len() <= LONGEST_LINE, "a line of {} bytes", line.len());
        serde_json::from_str::<Unrepeated>(&line).unwrap_or_else(|error| panic!("{error}: {line}")).0
    };
    lines(&config("stackdriver", "debug"), act).into_iter().map(parse).collect()
}

#[track_caller]
fn entry(act: impl FnOnce()) -> Value {
    let mut entries = entries(act);
    assert_eq!(entries.len(), 1, "one event is one line: {entries:?}");
    entries.remove(0)
}

#[test]
fn an_entry_has_severity_time_message_place_and_payload() {
    let line = line!() + 1;
    let entry = entry(|| info!(doc.path = "batches/b-1042", job.name = "push", age = 1.5, count = 3_u64, "Pushed it"));
    assert_eq!(entry["severity"], "INFO");
    assert_eq!(entry["time"], "2026-03-18T17:00:00.123456Z");
    assert_eq!(entry["message"], "Pushed it");
    assert_eq!(entry["doc"], json!({ "path": "batches/b-1042" }));
    assert_eq!(entry["job"]["name"], "push");
    assert_eq!(entry["age"], json!(1.5), "a decimal number stays a number");
    assert_eq!(entry["count"], json!(3));
    let place = &entry["logging.googleapis.com/sourceLocation"];
    assert_eq!(
        *place,
        json!({ "file": "tests/it/telemetry.rs", "line": line.to_string(), "function": "it::telemetry" })
    );
    assert_eq!(entry["target"], "it::telemetry");
    assert!(entry.get("@type").is_none(), "only errors are reported as errors");
}

#[test]
fn severities_are_googles() {
    let severities: Vec<Value> = entries(|| {
        debug!("a");
        info!("b");
        info!(severity = "NOTICE", "c");
        warn!("d");
        error!("e");
        error!(severity = "CRITICAL", "f");
        warn!(severity = "loud", "g");
    })
    .iter()
    .map(|entry| entry["severity"].clone())
    .collect();
    assert_eq!(severities, ["DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "WARNING"]);
}

#[test]
fn an_error_is_what_error_reporting_expects_with_all_its_causes() {
    #[derive(Debug, thiserror::Error)]
    #[error("could not push")]
    struct Outer(#[source] io::Error);
    let outer = Outer(io::Error::other("the line is dead"));
    let entry = entry(|| {
        error!(error = &outer as &(dyn std::error::Error + 'static), http_request.status = 500, "Push failed")
    });
    assert_eq!(entry["@type"], "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent");
    assert_eq!(entry["serviceContext"], json!({ "service": "studio-brain", "version": env!("CARGO_PKG_VERSION") }));
    let place = &entry["context"]["reportLocation"];
    assert_eq!(place["filePath"], "tests/it/telemetry.rs");
    assert!(place["lineNumber"].is_u64(), "{place}");
    assert_eq!(place["functionName"], "it::telemetry");
    assert_eq!(entry["context"]["httpRequest"]["responseStatusCode"], 500);
    assert_eq!(entry["error"], "could not push: the line is dead");
}

#[test]
fn a_request_carries_its_trace_and_http_request_without_the_query() {
    let trace = Trace::continuing(Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    let entries = entries(|| {
        let _within = trace.request_span().entered();
        info!("Looked at a proposal");
        AnsweredRequest {
            method: "GET",
            route: "/proposals/{id}",
            path: "/proposals/7?code=abc#x",
            status: 200,
            user_agent: Some("curl/8\r\nX: y"),
            took: Duration::from_micros(12_000),
        }
        .log();
    });
    for entry in &entries {
        assert_eq!(
            entry["logging.googleapis.com/trace"],
            "projects/monsoon-prod/traces/4bf92f3577b34da6a3ce929d0e0e4736"
        );
        assert_eq!(entry["logging.googleapis.com/spanId"], trace.span_id().to_string());
        assert_eq!(entry["logging.googleapis.com/trace_sampled"], true);
        assert_eq!(entry["spans"], "request");
    }
    let http = json!({
        "requestMethod": "GET", "requestUrl": "/proposals/7", "status": 200, "latency": "0.012s",
        "userAgent": "curl/8\r\nX: y",
    });
    assert_eq!(entries[1]["httpRequest"], http);
    assert_eq!(entries[1]["http"]["route"], "/proposals/{id}");
    assert_eq!(entries[1]["event"], "request.answered");
    assert_eq!(entries[1]["message"], "GET /proposals/7 200 in 0.012s");
}

#[test]
fn latency_is_written_as_google_writes_durations() {
    let latency = |millis: f64| {
        entry(|| info!(http_request.latency_ms = millis, "x"))["httpRequest"]["latency"].as_str().map(str::to_owned)
    };
    assert_eq!(latency(12.0).as_deref(), Some("0.012s"));
    assert_eq!(latency(0.412).as_deref(), Some("0.000412s"));
    assert_eq!(latency(61_500.0).as_deref(), Some("61.500s"));
}

#[test]
fn labels_insert_id_and_operation_are_lifted_out() {
    let entry = entry(|| {
        info!(
            labels.agent_id = "a-1",
            labels.tries = 3,
            insert_id = "e-7",
            operation.id = "op-1",
            operation.producer = "me",
            operation.first = true,
            "x"
        );
    });
    assert_eq!(entry["logging.googleapis.com/labels"], json!({ "agent_id": "a-1", "tries": "3" }));
    assert_eq!(entry["logging.googleapis.com/insertId"], "e-7");
    assert_eq!(entry["logging.googleapis.com/operation"], json!({ "id": "op-1", "producer": "me", "first": true }));
    let ids: Vec<String> = entries(|| (0..3).for_each(|_| info!("x")))
        .iter()
        .map(|entry| entry["logging.googleapis.com/insertId"].as_str().expect("an id").to_owned())
        .collect();
    assert!(
        ids.is_sorted() && ids.iter().collect::<BTreeSet<_>>().len() == 3,
        "entries of one instant stay in order: {ids:?}"
    );
}

#[test]
fn no_field_can_repeat_or_replace_a_special_key() {
    let entry = entry(|| {
        let _outer = info_span!("outer", name = "n", doc.path = "outer", time = 1).entered();
        let _inner = info_span!("inner", doc.path = "inner", doc = "scalar").entered();
        info!(
            target = 1,
            time = 2,
            "@type" = "x",
            "logging.googleapis.com/trace" = "forged",
            doc.path.deep = 3,
            "..odd" = 4,
            spans = 5,
            "x"
        );
    });
    assert_eq!(entry["time"], "2026-03-18T17:00:00.123456Z");
    assert_eq!(entry["spans"], "outer/inner");
    assert!(entry.get("logging.googleapis.com/trace").is_none() && entry.get("@type").is_none());
    let aside = json!({ "@type": "x", "logging.googleapis.com/trace": "forged", "spans": 5, "target": 1, "time": 2 });
    assert_eq!(entry["field"], aside);
    assert_eq!(entry["doc"], "scalar");
    assert_eq!(entry["doc.path"], "inner", "an inner span wins over an outer one");
    assert_eq!(entry["doc.path.deep"], 3);
    assert_eq!(entry["..odd"], 4);
    assert_eq!(entry["name"], "n");
}

#[test]
fn secrets_and_personal_data_are_redacted_wherever_they_stand() {
    let entries = entries(|| {
        let _span = info_span!("request", cookie = "sid=1", user.email = "kim@studio.org").entered();
        error!(
            session_token = "abc",
            client.secret = 5,
            note = "Authorization: Bearer xyz.123",
            "Failed for kim@studio.org with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln and password=hunter2"
        );
    });
    let text = entries[0].to_string();
    for secret in ["sid=1", "kim@", "abc", "xyz", "eyJ", "hunter2"] {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
    assert_eq!(entries[0]["client"]["secret"], "[redacted]");
    assert_eq!(entries[0]["message"], "Failed for [redacted] with [redacted] and password=[redacted]");
}

#[test]
fn a_huge_entry_is_cut_and_says_so() {
    let text = entry(|| info!(body = "é".repeat(50_000), "x"));
    assert_eq!(text["truncated"], true);
    let body = text["body"].as_str().expect("text");
    assert!(body.len() <= 8 * 1024 && body.ends_with("bytes cut]"), "{} bytes", body.len());
    let long = || "\u{1}".repeat(8_000);
    let many = entry(|| {
        error!(a = long(), b = long(), c = long(), d = long(), e = long(), f = long(), g = long(), "{}", long());
    });
    assert_eq!(many["truncated"], true);
    assert_eq!(many["severity"], "ERROR");
    assert!(many["@type"].as_str().is_some_and(|kind| kind.ends_with(".ReportedErrorEvent")));
    assert!(entry(|| info!("short")).get("truncated").is_none());
}

#[test]
fn control_characters_cannot_begin_a_line_or_command_a_terminal() {
    let evil = "one\ntwo\r\u{1b}[31mred\u{7}\u{2028}end";
    let raw = lines(&config("stackdriver", "info"), || info!(note = evil, "{evil}"));
    assert_eq!(raw.len(), 1);
    assert!(!raw[0].chars().any(char::is_control), "{}", raw[0]);
    let readable = lines(&config("pretty", "info"), || info!(note = evil, plain = "b-1042", "{evil}"));
    assert_eq!(readable.len(), 1, "{readable:?}");
    assert!(!readable[0].chars().any(|letter| letter.is_control() || letter == '\u{2028}'), "{}", readable[0]);
    assert!(readable[0].starts_with("17:00:00.123 INFO     one"), "{}", readable[0]);
    assert!(readable[0].contains(" plain=b-1042 "), "{}", readable[0]);
}

#[test]
fn an_event_during_the_writing_of_another_disturbs_neither() {
    struct Chatty;
    impl fmt::Debug for Chatty {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            info!(inner = true, "From within");
            out.write_str("chatty")
        }
    }
    let entries = entries(|| warn!(chatty = ?Chatty, "Outer"));
    let outer: Vec<&Value> = entries.iter().filter(|entry| entry["message"] == "Outer").collect();
    assert_eq!(outer.len(), 1);
    assert_eq!(outer[0]["chatty"], "chatty");
    assert!(outer[0].get("inner").is_none());
}

#[test]
fn fields_recorded_later_and_numbers_out_of_range_are_kept() {
    let entry = entry(|| {
        let span = info_span!("job", documents = tracing::field::Empty);
        span.record("documents", 2_500);
        let _within = span.entered();
        info!(huge = u128::MAX, none = f64::NAN, "x");
    });
    assert_eq!(entry["documents"], 2_500);
    assert_eq!(entry["huge"], u128::MAX.to_string());
    assert_eq!(entry["none"], "NaN");
}

#[test]
fn levels_filter_by_module_and_never_lose_the_trace() {
    let quiet = config("stackdriver", "warn");
    let lines = lines(&quiet, || {
        let _within = Trace::new().request_span().entered();
        info!("hidden");
        warn!("shown");
    });
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("logging.googleapis.com/trace"), "{}", lines[0]);
}

#[test]
fn a_traceparent_is_taken_only_if_it_is_exactly_right() {
    const RIGHT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let trace = Trace::parse(RIGHT).expect("a traceparent");
    assert_eq!(trace.id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(trace.parent().map(|span| span.to_string()).as_deref(), Some("00f067aa0ba902b7"));
    assert_ne!(Some(trace.span_id()), trace.parent(), "our step is our own");
    assert_eq!(Trace::parse(&trace.traceparent()).expect("ours is right").id(), trace.id());
    assert!(Trace::parse("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").is_ok(), "a later version");
    for wrong in [
        "",
        "00",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        "<script>alert(1)</script>",
    ] {
        assert!(Trace::parse(wrong).is_err(), "{wrong}");
        let new = Trace::continuing(Some(wrong));
        assert!(new.parent().is_none() && new.id() != trace.id(), "{wrong}");
    }
}

#[test]
fn every_job_run_ends_in_one_event_with_a_reason() {
    let clock = clock();
    let entries = entries(|| {
        let run = JobRun::start("mirror", &clock);
        run.span().in_scope(|| info!("Applied a snapshot"));
        clock.advance(Duration::from_millis(12));
        run.finish(JobOutcome::Succeeded, reason::DONE);
        JobRun::start("push", &clock).fail(reason::UNAVAILABLE, &io::Error::other("no route"));
        drop(JobRun::start("drift", &clock));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _run = JobRun::start("advise", &clock);
            panic!("for the test");
        }));
        assert!(panicked.is_err());
    });
    let of = |index: usize, name: &str| entries[index][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(entries.len(), 5);
    assert_eq!(of(1, "event"), "job.finished");
    assert_eq!((of(1, "outcome"), of(1, "reason_code")), ("succeeded".to_owned(), "done".to_owned()));
    assert_eq!(entries[1]["duration_ms"], 12);
    assert_eq!(entries[0]["job"], entries[1]["job"], "the run's entries share its id");
    let run = entries[1]["job"]["run"].as_str().expect("an id");
    let trace = format!("projects/monsoon-prod/traces/{}", run.replace('-', ""));
    assert_eq!(entries[0]["logging.googleapis.com/trace"], trace);
    assert_eq!(
        entries[1]["logging.googleapis.com/operation"],
        json!({ "id": run, "producer": "studio-brain/jobs/mirror", "last": true })
    );
    assert_eq!(
        (of(2, "severity"), of(2, "reason_code"), of(2, "error")),
        ("ERROR".into(), "unavailable".into(), "no route".into())
    );
    for (index, name) in [(3, "drift"), (4, "advise")] {
        assert_eq!(entries[index]["job"]["name"], name);
        assert_eq!((of(index, "outcome"), of(index, "reason_code")), ("failed".to_owned(), "abandoned".to_owned()));
    }
}

#[test]
fn metrics_are_text_for_prometheus_and_tests_do_not_clash() {
    let (recorder, metrics) = Metrics::apart();
    metrics::with_local_recorder(&recorder, || {
        JobRun::start("mirror", &clock()).finish(JobOutcome::NothingToDo, reason::NOTHING_TO_DO);
        metrics::gauge!(names::MIRROR_AGE, "studio" => "monsoon-west").set(1.5);
        let request = AnsweredRequest {
            method: "GET",
            route: "/healthz",
            path: "/healthz",
            status: 503,
            user_agent: None,
            took: Duration::from_millis(3),
        };
        request.log();
    });
    let text = metrics.text();
    for line in [
        "# TYPE studio_brain_job_runs_total counter",
        "studio_brain_job_runs_total{job=\"mirror\",outcome=\"nothing_to_do\",reason=\"nothing_to_do\"} 1",
        "studio_brain_mirror_age_seconds{studio=\"monsoon-west\"} 1.5",
        "studio_brain_http_requests_total{route=\"/healthz\",status=\"5xx\"} 1",
        "studio_brain_http_request_seconds_bucket{route=\"/healthz\",le=\"0.005\"} 1",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    let (_, other) = Metrics::apart();
    assert!(!other.text().contains("job=\"mirror\""));
    let first = Metrics::install().expect("the metrics of this process");
    metrics::counter!(names::AUDIT_ENTRIES, "studio" => "t").increment(2);
    let again = Metrics::install().expect("the same metrics");
    assert!(
        first.text().contains("audit_entries_total{studio=\"t\"} 2") && again.text().contains("audit_entries_total")
    );
}

#[test]
fn every_metric_has_its_own_name_with_its_unit() {
    let names: BTreeSet<&str> = names::ALL.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), names::ALL.len());
    for metric in names::ALL {
        let counter = metric.kind == names::MetricKind::Counter;
        assert_eq!(metric.name.ends_with("_total"), counter, "{}", metric.name);
        assert_eq!(metric.name.ends_with("_seconds"), metric.unit == metrics::Unit::Seconds, "{}", metric.name);
        assert!(metric.description.ends_with('.'), "{}", metric.name);
    }
}

#[test]
fn the_logging_guide_lists_every_reason_and_every_metric() {
    let guide = include_str!("../../docs/LOGGING.md");
    for (code, what) in reason::ALL {
        let row = format!("| `{code}` | {} |", what.trim());
        assert!(guide.contains(&row), "missing in docs/LOGGING.md:\n{row}");
    }
    for metric in names::ALL {
        let row = format!("| `{}` | {} | {} |", metric.name, metric.labels.join(", "), metric.description);
        assert!(guide.contains(&row), "missing in docs/LOGGING.md:\n{row}");
    }
}
