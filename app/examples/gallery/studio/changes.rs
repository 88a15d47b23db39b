//! What is proposed.

use studio_cockpit::model::{
    bulk::{Bulk, BulkForm, BulkItem},
    drafting::{DraftChoice, Drafting, Subject, SubjectDocument, Transition},
    facts::{Capability, Effect, FieldChange, FieldValue, May, Risk, TimelineEvent, ValueKind},
    forms::DraftForm,
    proposals::{
        Choice, Decision, DocumentChange, DryRun, DryRunVerdict, PolicyCheck, PolicyResult, ProposalDetail,
        ProposalRow, ProposalStanding, ProposalState,
    },
    queue::{Neighbours, ProposalFilter, ProposalQueue, QueueCounts, QueuePart, Show, Turn},
    writes::WriteState,
};

use super::{Mood, dov, ines, minutes_ago, now, seconds_ago, service, sweeper, text, trouble, value};

/// The queue.
pub(super) fn queue(mood: Mood, filter: &ProposalFilter) -> ProposalQueue {
    let kinds = || [status(), note()].map(|capability| (capability.id, capability.title)).into();
    match mood {
        Mood::Busy | Mood::Closed => {
            let rows = match filter.show {
                Show::Waiting => waiting(),
                Show::Decided => decided(),
                Show::All => waiting().into_iter().chain(decided()).collect(),
            };
            let rows = rows.into_iter().filter(|row| filter.risk.is_none_or(|risk| row.risk == risk)).collect();
            let next = (filter.show == Show::All).then(|| Turn::After("denied".to_owned()));
            ProposalQueue {
                rows: Ok(QueuePart { rows, previous: None, next }),
                counts: Some(QueueCounts { waiting: 4, decided: 14 }),
                matching: Some(1_204),
                capabilities: kinds(),
                may_propose: May::Yes,
            }
        }
        Mood::Empty => ProposalQueue {
            rows: Ok(QueuePart::default()),
            counts: Some(QueueCounts::default()),
            matching: Some(0),
            capabilities: Vec::new(),
            may_propose: May::No { why: "Members may not propose; ask staff.".to_owned() },
        },
        Mood::Trouble => ProposalQueue {
            rows: Err(trouble("The queue")),
            counts: None,
            matching: None,
            capabilities: kinds(),
            may_propose: May::Yes,
        },
    }
}

/// Several of them at once.
pub(super) fn bulk(form: &BulkForm) -> Bulk {
    let chosen = waiting().into_iter().filter(|row| form.ids.contains(&row.id));
    let items: Vec<BulkItem> = chosen
        .map(|row| BulkItem {
            content_hash: "5be1f0c6".to_owned(),
            decided: (form.is_done && row.id == "mine-to-decide").then_some(Choice::Approve),
            row,
        })
        .collect();
    let mixed = items.iter().any(|item| item.row.risk != Risk::Low);
    let may = if mixed {
        May::No { why: "They are of several kinds: only changes of one kind are decided together.".to_owned() }
    } else {
        May::Yes
    };
    Bulk { capability: (!mixed).then(status), items, may }
}

/// Waiting proposals, the reader's own last.
pub(super) fn waiting() -> Vec<ProposalRow> {
    vec![
        row("mine-to-decide", "Set reservation r-0042 from REQUESTED to CONFIRMED", "reservations/r-0042"),
        row("mine-too", "Set reservation r-0043 from REQUESTED to CONFIRMED", "reservations/r-0043"),
        ProposalRow {
            proposer: sweeper(),
            policy: Some(PolicyResult::Held { why: "The delegation was revoked.".to_owned() }),
            risk: Risk::Medium,
            capability: note(),
            proposed_at: minutes_ago(160),
            ..row("swept", "Note on batch b-0031: kiln was unloaded 17 days ago, still LOADED", "batches/b-0031")
        },
        ProposalRow {
            proposer: ines(),
            may_decide: May::No { why: "You proposed this; a colleague has to approve it.".to_owned() },
            ..row("own", "Set reservation r-0107 from WAITLISTED to CANCELLED", "reservations/r-0107")
        },
    ]
}

fn decided() -> Vec<ProposalRow> {
    let sent = |id: &str, write| ProposalRow {
        state: ProposalState::Sent { write_id: "observed".to_owned(), write },
        approvals_given: 1,
        policy: None,
        ..row(id, "Set reservation r-0099 from CONFIRMED to WAITLISTED", "reservations/r-0099")
    };
    let ended = |id: &str, state| ProposalRow {
        state,
        policy: None,
        ..row(id, "Note on batch b-0102: glaze check requested", "batches/b-0102")
    };
    vec![
        sent("sent", WriteState::Observed),
        sent("lost", WriteState::Unknown),
        ended("rejected", ProposalState::Rejected),
        ended("withdrawn", ProposalState::Withdrawn),
        ended("expired", ProposalState::Expired),
        ended("stale", ProposalState::Stale),
        ended("denied", ProposalState::Denied { why: "Writes were turned off.".to_owned() }),
    ]
}

/// One proposal.
pub(super) fn proposal(id: &str, queue: Option<&ProposalFilter>) -> Option<ProposalDetail> {
    let row = waiting().into_iter().chain(decided()).find(|row| row.id == id)?;
    let over = row.state != ProposalState::Waiting;
    let own = row.proposer == ines();
    let stale = row.state == ProposalState::Stale;
    Some(ProposalDetail {
        reason: "Theo paid for the half shelf yesterday; the desk forgot to confirm it.\nHe needs the glaze firing before the spring fair."
            .to_owned(),
        documents: vec![DocumentChange {
            document: row.document,
            effect: Effect::Update,
            changes: Ok(vec![
            text("status", "REQUESTED", "CONFIRMED"),
            FieldChange {
                path: "stageStatus.reason".to_owned(),
                before: value(ValueKind::Null, "null"),
                after: value(ValueKind::Text, "Confirmed by staff"),
            },
            FieldChange {
                path: "stageHistory[3]".to_owned(),
                before: FieldValue::Missing,
                after: value(ValueKind::Map, "{ toStatus: \"CONFIRMED\", actorRole: \"staff\" }"),
            },
        ]),
            base: Some(minutes_ago(1_500)),
            raw: "{\n  \"update\": \"reservations/r-0042\"\n}".to_owned(),
            dry_run: Ok(DryRun {
                verdict: if stale {
                    DryRunVerdict::Moved { updated_at: minutes_ago(20) }
                } else {
                    DryRunVerdict::Current
                },
                as_of: seconds_ago(8),
            }),
            write_id: None,
            undo_of: None,
        }],
        content_hash: "5be1f0c6a07bb8f84a3bd5d2d0e7f0d9c1f4b6a7e8d9c0b1a2f3e4d5c6b7a890".to_owned(),
        rollback: vec![
            "The fields before the write are stored first; an undo puts them back if nobody changed them since.".to_owned(),
        ],
        blast: vec![
            "1 document and 3 fields in reservations.".to_owned(),
            "It belongs to one member: uid_th….".to_owned(),
        ],
        standing: Ok(ProposalStanding {
            state: row.state,
            approvals_given: row.approvals_given,
            approvals_needed: row.approvals_needed,
            may_decide: row.may_decide,
            may_withdraw: (own && !over).then_some(May::Yes),
            checks: if over {
                Vec::new()
            } else {
                vec![
                    PolicyCheck { name: "Approvals", against: vec!["It needs an approval.".to_owned()] },
                    PolicyCheck { name: "Writes are on", against: Vec::new() },
                ]
            },
            policies: vec!["apply.approved".to_owned()],
            decisions: if over && !stale {
                vec![Decision {
                    by: dov(),
                    at: minutes_ago(31),
                    choice: Choice::Approve,
                    reason: "Checked the payment in the ledger.".to_owned(),
                }]
            } else {
                Vec::new()
            },
        }),
        neighbours: queue.map(|_| {
            Ok(Neighbours { previous: Some("swept".to_owned()), next: Some("own".to_owned()) })
        }),
        expires_at: (!over).then(|| now() + jiff::ToSpan::minutes(52)),
        finding_id: Some("f1".to_owned()),
        timeline: Ok(timeline()),
        id: row.id,
        summary: row.summary,
        capability: row.capability,
        proposer: row.proposer,
        proposed_at: row.proposed_at,
        risk: row.risk,
    })
}

/// What happened to a proposal.
pub(super) fn timeline() -> Vec<TimelineEvent> {
    let event = |minutes, actor, what: &str, reason: Option<&str>, sequence| TimelineEvent {
        at: minutes_ago(minutes),
        actor,
        what: what.to_owned(),
        reason: reason.map(str::to_owned),
        audit_sequence: Some(sequence),
    };
    vec![
        event(62, dov(), "Proposed", Some("Theo paid for the half shelf yesterday."), 1_038),
        event(55, ines(), "Opened", None, 1_039),
        event(54, service(), "Dry run", None, 1_041),
    ]
}

/// The form of a new proposal.
pub(super) fn drafting(mood: Mood, form: &DraftForm) -> Drafting {
    if mood == Mood::Empty {
        return Drafting { choices: Vec::new(), subject: None };
    }
    let choice = |capability, about: &str, label: &str, suggestions| DraftChoice {
        capability,
        about: about.to_owned(),
        document_label: label.to_owned(),
        suggestions,
        may: May::Yes,
    };
    let suggestion = |path: &str, title: &str| (path.to_owned(), title.to_owned());
    Drafting {
        choices: vec![
            choice(
                status(),
                "Moves a reservation along the allowed transitions. Nothing else of it changes.",
                "Reservation id",
                vec![suggestion("reservations/r-0042", "Theo Marsh, glaze, half shelf")],
            ),
            choice(note(), "Adds a note for staff. The batch itself does not change.", "Batch id", Vec::new()),
        ],
        subject: form.document.as_deref().map(subject),
    }
}

fn subject(document: &str) -> Subject {
    let about = |title: &str| SubjectDocument {
        path: document.to_owned(),
        title: Some(title.to_owned()),
        updated_at: minutes_ago(1_500),
        facts: vec![("Owner".to_owned(), "Theo Marsh".to_owned()), ("Firing".to_owned(), "glaze".to_owned())],
    };
    let to = |status: &str, meaning: &str| Transition { status: status.to_owned(), meaning: meaning.to_owned() };
    match document {
        "reservations/r-0042" => Subject::ReservationStatus {
            about: about("Theo Marsh, glaze, half shelf"),
            current: "REQUESTED".to_owned(),
            allowed: vec![
                to("CONFIRMED", "The place in the kiln is promised."),
                to("WAITLISTED", "There is no place yet; it waits."),
                to("CANCELLED", "It is over. Nothing leads back from here."),
            ],
        },
        "reservations/r-0007" => Subject::ReservationStatus {
            about: about("Mara Quill, bisque"),
            current: "CANCELLED".to_owned(),
            allowed: Vec::new(),
        },
        "batches/b-0031" => Subject::OpsNote { about: about("Speckled dinner set (12)") },
        _ => Subject::Missing { document: document.to_owned() },
    }
}

/// `reservation.status.set`.
pub(super) fn status() -> Capability {
    Capability { id: "reservation.status.set".to_owned(), title: "Set a reservation's status".to_owned() }
}

/// `ops_note.append`.
pub(super) fn note() -> Capability {
    Capability { id: "ops_note.append".to_owned(), title: "Add a note to a batch".to_owned() }
}

fn row(id: &str, summary: &str, document: &str) -> ProposalRow {
    ProposalRow {
        id: id.to_owned(),
        summary: summary.to_owned(),
        capability: status(),
        document: document.to_owned(),
        more: 0,
        proposer: dov(),
        proposed_at: minutes_ago(62),
        risk: Risk::Low,
        approvals_given: 0,
        approvals_needed: 1,
        state: ProposalState::Waiting,
        may_decide: May::Yes,
        policy: Some(PolicyResult::NeedsApprovals),
    }
}
