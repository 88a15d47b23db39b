//! Traces, job runs and metrics.

use std::{collections::BTreeSet, io, time::Duration};

use serde_json::json;
use studio_brain::telemetry::{AnsweredRequest, JobOutcome, JobRun, Metrics, Trace, names, reason};
use tracing::info;

use super::{clock, entries};

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
    let guide = include_str!("../../../docs/LOGGING.md");
    for (code, what) in reason::ALL {
        let row = format!("| `{code}` | {} |", what.trim());
        assert!(guide.contains(&row), "missing in docs/LOGGING.md:\n{row}");
    }
    for metric in names::ALL {
        let row = format!("| `{}` | {} | {} |", metric.name, metric.labels.join(", "), metric.description);
        assert!(guide.contains(&row), "missing in docs/LOGGING.md:\n{row}");
    }
}
