//! What was written and recorded.

use studio_cockpit::model::{
    audit::{
        AnchorStanding, AuditDetail, AuditEntry, AuditFilter, AuditLog, Chain, DocumentChange, Link, Proof, Seal,
        Target, TimeField, Verdict,
    },
    facts::{Effect, May},
    trouble::Panel,
    writes::{
        LastRehearsal, Ledger, LedgerPart, Origin, Step, StepKind, StepState, Undo, Undoing, WriteDetail, WriteRow,
        WriteState,
    },
};

use super::{Mood, changes, dov, ines, minutes_ago, service, sweeper, text, trouble};

/// The ledger.
pub(super) fn ledger(mood: Mood) -> Ledger {
    let rows: Panel<LedgerPart> = match mood {
        Mood::Busy | Mood::Closed => Ok(LedgerPart { rows: rows(), previous: None, next: None }),
        Mood::Empty => Ok(LedgerPart::default()),
        Mood::Trouble => Err(trouble("The ledger")),
    };
    let rehearsed = match mood {
        Mood::Busy | Mood::Closed => Ok(Some(LastRehearsal { at: minutes_ago(90), clean: 41, all: 41, unknown: 0 })),
        Mood::Empty => Ok(None),
        Mood::Trouble => Err(trouble("The last rehearsal")),
    };
    Ledger { unfiltered: rows.as_ref().ok().map(|_| 0), rehearsed, rows }
}

/// Writes, newest first.
pub(super) fn rows() -> Vec<WriteRow> {
    let row = |id: &str, summary: &str, state, minutes, undo| WriteRow {
        id: id.to_owned(),
        proposal_id: "sent".to_owned(),
        summary: summary.to_owned(),
        capability: changes::status(),
        document: "reservations/r-0099".to_owned(),
        state,
        approved_by: vec![dov()],
        at: minutes_ago(minutes),
        undo,
    };
    vec![
        row("observed", "Set reservation r-0099 from CONFIRMED to WAITLISTED", WriteState::Observed, 4, Undo::None),
        row("unknown", "Note on batch b-0031: kiln was unloaded 17 days ago", WriteState::Unknown, 11, Undo::None),
        row(
            "undone",
            "Set reservation r-0012 from REQUESTED to CANCELLED",
            WriteState::Observed,
            1_700,
            Undo::Undone { write_id: "observed".to_owned() },
        ),
        row("stale", "Set reservation r-0210 from REQUESTED to CONFIRMED", WriteState::Stale, 2_900, Undo::None),
        row("refused", "Note on batch b-0102: glaze check requested", WriteState::Refused, 4_400, Undo::None),
        row(
            "intended",
            "Set reservation r-0042 from REQUESTED to CONFIRMED",
            WriteState::Intended,
            0,
            Undo::Proposed { proposal_id: "own".to_owned() },
        ),
    ]
}

/// One write.
pub(super) fn write(id: &str) -> Option<WriteDetail> {
    let row = rows().into_iter().find(|row| row.id == id)?;
    let lost = row.state == WriteState::Unknown;
    let done = |minutes, by| StepState::Done { at: minutes_ago(minutes), by };
    let step = |kind, state| Step { kind, state };
    Some(WriteDetail {
        origin: Ok(Origin { summary: row.summary, approved_by: Ok(row.approved_by), together: 1 }),
        document: row.document,
        state: row.state,
        effect: Effect::Update,
        undo_of: None,
        rebuilt: false,
        steps: Ok(vec![
            step(StepKind::Proposed, done(62, Some(ines()))),
            step(StepKind::Approved, done(31, Some(dov()))),
            step(StepKind::Claimed, done(30, None)),
            step(StepKind::Intended, done(30, None)),
            step(StepKind::Sent, done(30, None)),
            step(
                StepKind::Landed,
                if lost {
                    StepState::Failed { at: minutes_ago(30), why: "answer lost".to_owned() }
                } else {
                    done(30, None)
                },
            ),
            step(StepKind::Observed, if lost { StepState::Waiting } else { done(4, None) }),
        ]),
        changes: vec![text("status", "CONFIRMED", "WAITLISTED")],
        receipt: "studioBrainReceipts/0195a6f2-90aa-7c3e-9f10-2b8f6f0b7a01".to_owned(),
        base: Some(minutes_ago(1_500)),
        landed_as: (!lost).then(|| minutes_ago(30)),
        content_hash: "5be1f0c6a07bb8f84a3bd5d2d0e7f0d9c1f4b6a7e8d9c0b1a2f3e4d5c6b7a890".to_owned(),
        before_hash: Some("9d2c1b0a9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a392817060504".to_owned()),
        after_hash: (!lost).then(|| "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned()),
        answer: lost.then(|| "The connection closed before Firestore answered.".to_owned()),
        undoing: Ok(Undoing { undo: row.undo, may: (!lost).then_some(May::Yes) }),
        timeline: Ok(changes::timeline()),
        id: row.id,
        proposal_id: row.proposal_id,
    })
}

/// A page of the log.
pub(super) fn audit(mood: Mood, filter: &AuditFilter) -> AuditLog {
    let names = || vec!["proposal.create".to_owned(), "proposal.decide".to_owned(), "write.land".to_owned()];
    let seal = Seal {
        entries: 1_042,
        sealed: Some((1_040, minutes_ago(1))),
        anchored: Some((1_000, minutes_ago(9))),
        standing: Some(AnchorStanding::Consistent),
        looked: Some(minutes_ago(30)),
        trouble: None,
    };
    let log = AuditLog {
        entries: Ok(Vec::new()),
        older: None,
        newer: None,
        chain: Ok(Chain::NotChecked),
        seal: Ok(Seal { sealed: None, anchored: None, standing: None, looked: None, ..seal.clone() }),
        actions: names(),
        actors: Vec::new(),
        reasons: vec!["SELF_APPROVAL".to_owned()],
        problems: Vec::new(),
        may_export: May::No { why: "Only administrators may take copies of the audit log.".to_owned() },
    };
    match mood {
        Mood::Busy | Mood::Closed => AuditLog {
            entries: Ok(entries()),
            older: Some(1_036),
            newer: filter.before,
            chain: Ok(Chain::Holds { entries: 1_042, at: minutes_ago(2) }),
            seal: Ok(seal),
            actors: vec![ines(), dov(), sweeper(), service()],
            problems: match filter.from.as_deref() {
                Some("yesterday") => vec![(TimeField::From, "Type a day such as 2026-03-18.".to_owned())],
                Some(_) | None => Vec::new(),
            },
            may_export: May::Yes,
            ..log
        },
        Mood::Empty => log,
        Mood::Trouble => AuditLog {
            entries: Err(trouble("The log")),
            chain: Ok(Chain::Broken { sequence: 1_040, at: minutes_ago(2) }),
            seal: Err(trouble("How the log is sealed")),
            actions: Vec::new(),
            ..log
        },
    }
}

fn entries() -> Vec<AuditEntry> {
    let entry = |sequence, minutes, actor, action: &str, target, verdict, code: &str| AuditEntry {
        sequence,
        at: minutes_ago(minutes),
        actor,
        action: action.to_owned(),
        target,
        verdict,
        reason_code: code.to_owned(),
        hash: format!("{sequence:x}c0ffee5be1f0c6a07bb8f84a3bd5d2d0e7f0d9c1f4b6a7e8d9c0b1a2f3e4d5"),
    };
    let proposal = || Some(Target::Proposal("0195a6f2-3c1e-7b7a-8d34-6d1f2f0a9b11".to_owned()));
    let document = || Some(Target::Document("reservations/r-0042".to_owned()));
    vec![
        entry(1_042, 4, service(), "write.observe", Some(Target::Write("observed".to_owned())), Verdict::Allow, "OK"),
        entry(1_041, 5, ines(), "proposal.decide", proposal(), Verdict::Deny, "SELF_APPROVAL"),
        entry(1_040, 31, dov(), "proposal.decide", proposal(), Verdict::Allow, "OK"),
        entry(1_039, 62, ines(), "proposal.create", document(), Verdict::Allow, "OK"),
        entry(1_038, 160, sweeper(), "proposal.decide", proposal(), Verdict::Deny, "AGENT_CANNOT_APPROVE"),
        entry(1_037, 1_600, ines(), "session.start", None, Verdict::Allow, "OK"),
    ]
}

/// One entry.
pub(super) fn entry(sequence: u64) -> AuditDetail {
    let entry = entries().into_iter().find(|entry| entry.sequence == sequence).expect("BUG: a sequence of the fixture");
    AuditDetail {
        entry,
        studio: "monsoon-west".to_owned(),
        reason: Some("Looks right to me.".to_owned()),
        input_hash: Some("5be1f0c6a07bb8f84a3bd5d2d0e7f0d9c1f4b6a7e8d9c0b1a2f3e4d5c6b7a890".to_owned()),
        output_hash: None,
        signed_with: Some(1_042),
        link: Link::Holds,
        proof: Ok(Some(Proof {
            size: 1_042,
            root: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0".to_owned(),
            steps: 11,
            sealed: minutes_ago(1),
            anchored: None,
        })),
        changes: Ok(vec![DocumentChange {
            document: "reservations/r-0042".to_owned(),
            changes: vec![text("status", "CONFIRMED", "WAITLISTED")],
        }]),
        previous: Some(sequence - 1),
        next: Some(sequence + 1),
        details: vec![("Request".to_owned(), "01J9-7F3K-QX2M".to_owned())],
    }
}
