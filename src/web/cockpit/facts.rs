//! Domain nouns as pages show them, by exhaustive match.

use studio_cockpit::model::facts;

use crate::domain::actor::{ActorKind, Person};
use crate::domain::audit::{Action, Entry};
use crate::domain::capability::{CapabilityId, Registry, Risk};
use crate::domain::diff::FieldChange;
use crate::domain::ids::Hash;
use crate::domain::reason::Reason;
use crate::domain::value::Value;
use crate::domain::write::Write;

/// The longest text of a value that a page shows, in characters.
const LONGEST: usize = 300;

/// A person. The id is the label that the audit log is filtered by.
pub(super) fn actor(person: &Person) -> facts::Actor {
    let kind = match person.kind {
        ActorKind::Human => facts::ActorKind::Member,
        ActorKind::Staff => facts::ActorKind::Staff,
        ActorKind::Admin => facts::ActorKind::Admin,
        ActorKind::Operator => facts::ActorKind::Operator,
        ActorKind::Agent => facts::ActorKind::Agent,
        ActorKind::System => facts::ActorKind::Service,
    };
    facts::Actor { id: person.to_string(), name: person.name.clone(), kind }
}

/// What a rule answered.
pub(super) fn may(asked: Result<(), Reason>) -> facts::May {
    match asked {
        Ok(()) => facts::May::Yes,
        Err(reason) => facts::May::No { why: reason.sentence().to_owned() },
    }
}

/// A capability; one that the registry no longer has is shown by its id.
pub(super) fn capability(id: &CapabilityId, registry: &Registry) -> facts::Capability {
    let title = registry.get(id).map_or_else(|| id.to_string(), |capability| capability.title.clone());
    facts::Capability { id: id.to_string(), title }
}

pub(super) fn risk(risk: Risk) -> facts::Risk {
    match risk {
        Risk::Low => facts::Risk::Low,
        Risk::Medium => facts::Risk::Medium,
        Risk::High => facts::Risk::High,
        Risk::Critical => facts::Risk::Critical,
    }
}

pub(super) fn effect(write: &Write) -> facts::Effect {
    match write {
        Write::Create { .. } => facts::Effect::Create,
        Write::Update { .. } => facts::Effect::Update,
        Write::Delete { .. } => facts::Effect::Delete,
    }
}

/// How much of a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it: nobody approves what they can't read.
    Whole,
    /// Its beginning.
    Short,
}

pub(super) fn changes(changes: &[FieldChange], extent: Extent) -> Vec<facts::FieldChange> {
    let field = |change: &FieldChange| facts::FieldChange {
        path: change.path.to_string(),
        before: value(change.before.as_ref(), extent),
        after: value(change.after.as_ref(), extent),
    };
    changes.iter().map(field).collect()
}

fn value(value: Option<&Value>, extent: Extent) -> facts::FieldValue {
    let Some(value) = value else { return facts::FieldValue::Missing };
    let kind = match value {
        Value::Null => facts::ValueKind::Null,
        Value::Boolean(_) => facts::ValueKind::Boolean,
        Value::Integer(_) => facts::ValueKind::Integer,
        Value::Double(_) => facts::ValueKind::Double,
        Value::Timestamp(_) => facts::ValueKind::Timestamp,
        Value::Text(_) => facts::ValueKind::Text,
        Value::Bytes(_) => facts::ValueKind::Bytes,
        Value::Reference(_) => facts::ValueKind::Reference,
        Value::GeoPoint { .. } => facts::ValueKind::GeoPoint,
        Value::Array(_) => facts::ValueKind::Array,
        Value::Map(_) => facts::ValueKind::Map,
    };
    let text = match extent {
        Extent::Whole => words(value),
        Extent::Short => shortened(&words(value)),
    };
    facts::FieldValue::Present { kind, text }
}

/// The beginning of a value as a person would write it down.
pub(super) fn words_shortly(value: &Value) -> String {
    shortened(&words(value))
}

/// A value as a person would write it down.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Boolean(boolean) => boolean.to_string(),
        Value::Integer(integer) => integer.to_string(),
        Value::Double(double) => format!("{double:?}"),
        Value::Timestamp(moment) => moment.to_string(),
        Value::Text(text) | Value::Reference(text) => text.clone(),
        Value::Bytes(bytes) => format!("{} bytes, SHA-256 {}", bytes.len(), Hash::of(bytes)),
        Value::GeoPoint { latitude, longitude } => format!("{latitude:?}, {longitude:?}"),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(nested).collect();
            if values.is_empty() { "[]".to_owned() } else { format!("[ {} ]", values.join(", ")) }
        }
        Value::Map(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {}", nested(value))).collect();
            if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
        }
    }
}

/// Text inside another value needs its quotes.
fn nested(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("{text:?}"),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::Timestamp(_)
        | Value::Bytes(_)
        | Value::Reference(_)
        | Value::GeoPoint { .. }
        | Value::Array(_)
        | Value::Map(_) => words(value),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An entry of the audit log as part of a thing's history.
pub(super) fn event(entry: &Entry) -> facts::TimelineEvent {
    let event = &entry.event;
    let what = done(event.action);
    facts::TimelineEvent {
        at: event.at.to_jiff(),
        actor: actor(&event.actor),
        what: if event.reason == Reason::Ok {
            what.to_owned()
        } else {
            format!("{what}: no. {}", event.reason.sentence())
        },
        reason: event.details.get("reason").cloned(),
        audit_sequence: Some(entry.sequence),
    }
}

/// An action in a word or two.
const fn done(action: Action) -> &'static str {
    match action {
        Action::ServiceStarted => "Service started",
        Action::ServiceStopped => "Service stopped",
        Action::SessionStarted => "Signed in",
        Action::SessionEnded => "Signed out",
        Action::StaffRuleSet => "Staff table changed",
        Action::StaffRuleCleared => "Staff table entry removed",
        Action::ProposalCreated => "Proposed",
        Action::ProposalApproved => "Approved",
        Action::ProposalRejected => "Rejected",
        Action::ProposalWithdrawn => "Withdrawn",
        Action::ProposalStopped => "Stopped",
        Action::ProposalReopened => "Opened again",
        Action::ProposalExpired => "Expired",
        Action::PushDenied => "Sent",
        Action::WriteIntended => "Intent and before-image stored",
        Action::WriteLanded => "Landed",
        Action::WriteStale => "Not written: the document had moved",
        Action::WriteRefused => "Refused",
        Action::WriteConflicted => "Not written: its key was used for something else",
        Action::WriteAbandoned => "Not sent: the gate said no",
        Action::WriteUnknown => "Answer lost",
        Action::WriteObserved => "Seen by the mirror",
        Action::LedgerRebuildRequested => "Rebuild of the ledger asked for",
        Action::SnapshotRequested => "Snapshot asked for",
        Action::LedgerRebuilt => "Ledger made again from the receipts",
        Action::DriftRequested => "Look at the cloud asked for",
        Action::DriftFound => "Difference found",
        Action::DriftResolved => "Difference gone",
        Action::DriftIgnored => "Difference ignored for a while",
        Action::DriftIgnoreEnded => "Difference ignored no longer",
        Action::VerificationRequested => "Proof of the mirror asked for",
        Action::DrillStarted => "Rollback drill started",
        Action::DrillFinished => "Rollback drill finished",
        Action::QuotaTaken => "Share of a limit taken",
        Action::QuotaReturned => "Share of a limit given back",
        Action::QuotaReset => "Limit reset",
        Action::RateLimitTriggered => "Limit reached",
        Action::KillSwitchStopped => "Kill switch thrown",
        Action::KillSwitchResumeRequested => "Resuming asked for",
        Action::KillSwitchResumed => "Resumed",
        Action::LeaseClaimed => "Lease claimed: this box writes",
        Action::LeaseLost => "Lease is another box's: this one only mirrors",
        Action::LeaseTakeRequested => "Lease to be taken",
        Action::LeaseTaken => "Lease taken from another box",
        Action::ExemptionCreated => "Exemption granted",
        Action::ExemptionUsed => "Exemption used",
        Action::ExemptionRevoked => "Exemption revoked",
        Action::ExemptionExpired => "Exemption expired",
        Action::IntakeClassified => "Text classified",
        Action::IntakeRoutedToReview => "Text sent to review",
        Action::IntakeGranted => "Text let pass",
        Action::IntakeDenied => "Text stopped",
        Action::AgentKeyIssued => "Agent's key issued",
        Action::AgentKeyRevoked => "Agent's key revoked",
        Action::AgentSuspended => "Agent suspended",
        Action::AgentResumed => "Agent's suspension ended",
        Action::DelegationDenied => "Delegation denied",
        Action::DatabaseRestored => "Database restored",
        Action::RequestDenied => "Request denied",
        Action::AuditKeyCreated => "Audit key created",
        Action::AuditKeyRotationRequested => "New audit key asked for",
        Action::AuditKeyRotated => "Audit key replaced",
        Action::AuditExported => "Audit log exported",
        Action::AuditPruned => "Old audit payloads dropped",
        Action::AuditPlanted => "Audit log became a tree",
        Action::AuditAnchorMismatch => "Anchor of another audit log",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::value::Fields;

    #[test]
    fn values_are_written_as_people_would_and_types_stay_visible() {
        let check = |value: Value, expect: &str| assert_eq!(words(&value), expect);
        check(Value::Integer(1), "1");
        check(Value::Double(1.0), "1.0");
        check(Value::Text("1".to_owned()), "1");
        check(Value::Array(vec![Value::text("a"), Value::Null]), "[ \"a\", null ]");
        check(Value::Map(Fields::from([("a".to_owned(), Value::text("b"))])), "{ a: \"b\" }");
        check(Value::Array(Vec::new()), "[]");
        assert_eq!(shortened(&"ö".repeat(400)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn what_is_to_be_approved_is_shown_whole() {
        let long = "every shelf was looked at, ".repeat(100);
        let shown = |extent| match value(Some(&Value::text(&long)), extent) {
            facts::FieldValue::Present { text, .. } => text,
            facts::FieldValue::Missing => String::new(),
        };
        assert_eq!(shown(Extent::Whole), long);
        assert!(shown(Extent::Short).len() < long.len());
        assert_ne!(words(&Value::Bytes(vec![1])), words(&Value::Bytes(vec![2])));
    }
}
