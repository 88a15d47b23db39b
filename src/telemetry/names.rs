//! Every metric: name, kind, unit, labels and description.

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricKind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts into buckets.
    Histogram,
}

/// What is counted or measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metric {
    /// The name in Prometheus.
    pub name: &'static str,
    /// How it behaves.
    pub kind: MetricKind,
    /// The unit of its value.
    pub unit: metrics::Unit,
    /// The labels it carries, each with few values.
    pub labels: &'static [&'static str],
    /// What it says.
    pub description: &'static str,
}

macro_rules! metrics_table {
    ($($name:ident = $text:literal, $kind:ident, $unit:ident, [$($label:literal),*], $what:literal;)*) => {
        $(#[doc = $what] pub const $name: &str = concat!("studio_brain_", $text);)*

        /// Every metric; nothing else is ever recorded.
        pub const ALL: &[Metric] = &[$(Metric {
            name: $name,
            kind: MetricKind::$kind,
            unit: metrics::Unit::$unit,
            labels: &[$($label),*],
            description: $what,
        }),*];
    };
}

metrics_table! {
    BUILD_INFO = "build_info", Gauge, Count, ["version"], "Always 1; the label says which version runs.";
    MIRROR_AGE = "mirror_age_seconds", Gauge, Seconds, ["studio"], "Time since the mirror was last known to equal Firestore.";
    MIRROR_DOCUMENTS = "mirror_documents", Gauge, Count, ["studio", "collection"], "Documents in the mirror.";
    MIRROR_SNAPSHOTS = "mirror_snapshots_total", Counter, Count, ["studio"], "Consistent snapshots applied to the mirror.";
    MIRROR_RECONNECTS = "mirror_reconnects_total", Counter, Count, ["studio", "reason"], "Times the stream was opened again.";
    MIRROR_VERIFIED = "mirror_verified_total", Counter, Count, ["studio", "verdict"], "Proofs of mirrored collections: equal, differed, unknown.";
    MIRROR_MISMATCHES = "mirror_verified_mismatches_total", Counter, Count, ["studio", "kind"], "Documents that a proof found wrong: missing, extra, changed.";
    MIRROR_VERIFIED_AGE = "mirror_verified_age_seconds", Gauge, Seconds, ["studio"], "Time since the read time as of which every collection was last proved equal.";
    FIRESTORE_READS = "firestore_reads_total", Counter, Count, ["studio", "cause"], "Reads that Firestore bills because of us, by why we read.";
    READ_BUDGET_LEFT = "firestore_read_budget_left", Gauge, Count, ["studio"], "Reads left today before what can wait pauses; may go below zero.";
    FIRESTORE_WRITES = "firestore_writes_total", Counter, Count, ["studio"], "Documents written to Firestore, as billed.";
    DRIFT_OPEN = "drift_open", Gauge, Count, ["studio", "kind"], "Differences found by the last comparison and not yet gone.";
    PUSH_OUTCOMES = "push_outcomes_total", Counter, Count, ["studio", "outcome"], "Writes by how they ended: landed, refused, stale, unknown.";
    PUSH_WAITING = "push_waiting", Gauge, Count, ["studio", "state"], "Writes that are approved, prepared or unknown.";
    LEASE_OURS = "lease_ours", Gauge, Count, ["studio"], "1 while this box is the one that writes; 0 while another is, or nobody has looked.";
    JOB_RUNS = "job_runs_total", Counter, Count, ["job", "outcome", "reason"], "Job runs by how and why they ended.";
    JOB_SECONDS = "job_seconds", Histogram, Seconds, ["job"], "How long job runs took.";
    HTTP_REQUESTS = "http_requests_total", Counter, Count, ["route", "status"], "Requests answered, by route and class of status.";
    HTTP_SECONDS = "http_request_seconds", Histogram, Seconds, ["route"], "How long requests took.";
    HTTP_DENIED = "http_denied_total", Counter, Count, ["studio", "role"], "Requests for routes that are not for the caller's role.";
    HTTP_LIMITED = "http_rate_limited_total", Counter, Count, ["studio", "by"], "Requests refused because one address or one credential sent too many.";
    GATE_DECISIONS = "gate_decisions_total", Counter, Count, ["studio", "decision", "reason"], "Decisions of the gate, with their reason.";
    AUDIT_ENTRIES = "audit_entries_total", Counter, Count, ["studio"], "Entries appended to the audit log.";
    AUDIT_SEALED = "audit_sealed_entries", Gauge, Count, ["studio"], "Entries of the audit log that its newest signed checkpoint covers.";
    AUDIT_ANCHORED = "audit_anchored_entries", Gauge, Count, ["studio"], "Entries of the audit log that the newest checkpoint in Firestore covers.";
    AUDIT_ANCHOR_FAILURES = "audit_anchor_failures_total", Counter, Count, ["studio"], "Times that a checkpoint could not be anchored in Firestore, or anchors could not be looked at.";
    AUDIT_HOLDS = "audit_holds", Gauge, Count, ["studio"], "1 when the last walk along the whole audit log found nothing wrong, else 0.";
    AUDIT_CONSISTENT = "audit_anchors_consistent", Gauge, Count, ["studio"], "1 while every anchor in Firestore is of this audit log; 0 when the database is an older copy, or another box writes.";
    SESSIONS = "sessions", Gauge, Count, ["studio"], "People signed in.";
    LIVE_STREAMS = "live_streams", Gauge, Count, ["studio"], "Open pages that are told of changes as they happen.";
}
