//! What one entry looks like.

use std::{collections::BTreeSet, fmt, io, time::Duration};

use serde_json::{Value, json};
use studio_brain::telemetry::{AnsweredRequest, Trace};
use tracing::{debug, error, info, info_span, warn};

use super::{config, entries, entry, lines};

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
        json!({ "file": "tests/it/telemetry/entries.rs", "line": line.to_string(), "function": "it::telemetry::entries" })
    );
    assert_eq!(entry["target"], "it::telemetry::entries");
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
    assert_eq!(place["filePath"], "tests/it/telemetry/entries.rs");
    assert!(place["lineNumber"].is_u64(), "{place}");
    assert_eq!(place["functionName"], "it::telemetry::entries");
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
    let evil = "one\ntwo\r\u{1b}[31mred\u{7}\u{7f}\u{9b}\u{2028}end";
    let raw = lines(&config("stackdriver", "info"), || info!(note = evil, "{evil}"));
    assert_eq!(raw.len(), 1);
    assert!(!raw[0].chars().any(|letter| letter.is_control() || letter == '\u{2028}'), "{}", raw[0]);
    let parsed: Value = serde_json::from_str(&raw[0]).expect("JSON");
    assert_eq!(parsed["note"], evil, "nothing is lost");
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
