//! The rules: switch, lease, exemptions, counters, capabilities.

use studio_cockpit::model::{
    capabilities::{Capabilities, CapabilityDetail, CapabilityFilter, CapabilityRow, FieldLine},
    exemptions::{Exempting, ExemptionDetail, ExemptionFilter, ExemptionRow, ExemptionStanding, Exemptions},
    facts::{Capability, May, Risk, TimelineEvent},
    may_i::{ActChoice, Judged, MayAnswer, MayI, MayQuestion, Obstacle},
    policy::{BoxName, Lease, LeaseStanding, Policy, Position, Switch, SwitchScope, SwitchStep, Switches, Taking},
    quotas::{Counter, CounterDetail, Limited, Quotas},
    trouble::Panel,
};

use super::{Mood, dov, ines, minutes_ago, sweeper, trouble};

fn panel<T>(mood: Mood, what: &str, busy: T, empty: T) -> Panel<T> {
    match mood {
        Mood::Busy | Mood::Closed => Ok(busy),
        Mood::Empty => Ok(empty),
        Mood::Trouble => Err(trouble(what)),
    }
}

pub(super) fn capability() -> Capability {
    Capability { id: "reservation.status.set".to_owned(), title: "Set a reservation's status".to_owned() }
}

fn step(what: &str, minutes: i64) -> SwitchStep {
    SwitchStep {
        scope: SwitchScope::Studio,
        what: what.to_owned(),
        by: ines(),
        reason: "The price list on the board is wrong, so members would be told wrong sums.".to_owned(),
        at: minutes_ago(minutes),
    }
}

/// Running when empty, stopped when busy, unreadable in trouble; somebody has asked to resume the box.
pub(super) fn switches(mood: Mood) -> Switches {
    let own = match mood {
        Mood::Empty => Position::Running { since: minutes_ago(90_000) },
        Mood::Busy | Mood::Closed => {
            let step = step("Stopped", 42);
            Position::Stopped { by: step.by, at: step.at, reason: step.reason }
        }
        Mood::Trouble => Position::Unreadable { why: "its history is empty".to_owned() },
    };
    let of_box = match mood {
        Mood::Busy | Mood::Closed => Position::ResumeRequested {
            by: dov(),
            at: minutes_ago(5),
            reason: "The kiln controller was exchanged and tested.".to_owned(),
            until: minutes_ago(-1_435),
        },
        Mood::Empty | Mood::Trouble => Position::Running { since: minutes_ago(90_000) },
    };
    let no = || May::No { why: "Nothing is stopped.".to_owned() };
    let switch = |scope, position, may_ask, may_confirm| Switch {
        scope,
        position,
        mark: "stopped 1".to_owned(),
        may_ask,
        may_confirm,
    };
    let stopped = (mood != Mood::Empty).then(|| "All writes are stopped.".to_owned());
    Switches {
        stopped,
        each: vec![
            switch(SwitchScope::Studio, own, May::Yes, no()),
            switch(SwitchScope::Box, of_box, May::Yes, May::Yes),
        ],
        history: panel(
            mood,
            "The history of the switch",
            vec![step("Stopped", 42), step("Began to run", 90_000)],
            vec![],
        ),
        may_stop: May::Yes,
    }
}

/// The second box when busy, ours when empty.
pub(super) fn lease(mood: Mood) -> Lease {
    let named = |directory: &str| BoxName {
        directory: directory.to_owned(),
        machine: "5be1f0c6".to_owned(),
        version: "0.1.0".to_owned(),
        started: Some(minutes_ago(300)),
    };
    Lease {
        standing: if mood == Mood::Empty { LeaseStanding::Ours } else { LeaseStanding::Second },
        here: named("/var/lib/studio-brain"),
        holder: Some(named("/srv/spare/studio-brain")),
        claimed: Some(minutes_ago(290)),
        taken: None,
        looked: Some(minutes_ago(1)),
        taking: (mood == Mood::Busy).then(|| Taking {
            by: dov(),
            reason: "The spare box goes back into its drawer.".to_owned(),
            at: minutes_ago(2),
        }),
        may_take: if mood == Mood::Busy { May::Yes } else { May::No { why: "Your role may not do this.".to_owned() } },
    }
}

pub(super) fn policy(mood: Mood) -> Policy {
    Policy {
        switches: switches(mood),
        lease: match mood {
            Mood::Trouble => Err(trouble("The lease")),
            Mood::Busy | Mood::Empty | Mood::Closed => Ok(lease(mood)),
        },
        exemptions: panel(mood, "The exemptions", vec![exemption("e1", ExemptionStanding::Live)], vec![]),
        near: panel(mood, "The counters", vec![counter(2)], vec![]),
        capabilities: capability_rows(),
    }
}

fn exemption(id: &str, standing: ExemptionStanding) -> ExemptionRow {
    ExemptionRow {
        id: id.to_owned(),
        capability: capability(),
        owner: "uid_mara_quill".to_owned(),
        document: (id == "e2").then(|| "reservations/r-0042".to_owned()),
        beneficiary: "uid_staff_ines".to_owned(),
        granted_by: dov(),
        reason: "The spring fair comes in by hand, and somebody looks at each of them anyway.".to_owned(),
        granted: minutes_ago(200),
        expires: minutes_ago(-40),
        standing,
        uses: 3,
    }
}

pub(super) fn exemptions(mood: Mood, _: &ExemptionFilter) -> Exemptions {
    let rows = vec![exemption("e1", ExemptionStanding::Live), exemption("e2", ExemptionStanding::Revoked)];
    Exemptions {
        older: (mood == Mood::Busy).then(|| "e2".to_owned()),
        rows: panel(mood, "The exemptions", rows, vec![]),
        counts: (mood != Mood::Trouble).then_some((1, 1)),
        capabilities: vec![capability()],
    }
}

pub(super) fn exempting() -> Exempting {
    let critical = Capability { id: "report.triage.set".to_owned(), title: "Triage a report".to_owned() };
    Exempting { capabilities: vec![capability()], critical: vec![critical] }
}

pub(super) fn exemption_detail(id: &str) -> Option<ExemptionDetail> {
    let (standing, may_revoke) = match id {
        "e1" => (ExemptionStanding::Live, Some(May::Yes)),
        "e2" => (ExemptionStanding::Revoked, None),
        _ => return None,
    };
    Some(ExemptionDetail { row: exemption(id, standing), may_revoke, timeline: Ok(vec![event("Exemption granted")]) })
}

pub(super) fn event(what: &str) -> TimelineEvent {
    TimelineEvent {
        at: minutes_ago(200),
        actor: dov(),
        what: what.to_owned(),
        reason: Some("The spring fair comes in by hand.".to_owned()),
        audit_sequence: Some(1_041),
    }
}

pub(super) fn counter(remaining: u32) -> Counter {
    Counter {
        bucket: "actor ops_note.append 3600s agent:agent-ops-sweeper".to_owned(),
        scope: "actor".to_owned(),
        subject: "agent:agent-ops-sweeper".to_owned(),
        counts: "Leave a note about a batch".to_owned(),
        window: 3_600,
        limit: Some(20),
        remaining: Some(remaining),
        full: minutes_ago(-52),
    }
}

pub(super) fn quotas(mood: Mood) -> Quotas {
    let retired = Counter { limit: None, remaining: None, bucket: "owner old.one 60s mara".to_owned(), ..counter(0) };
    let limited = Limited { actor: sweeper(), capability: "ops_note.append".to_owned(), denied: 1_204 };
    let fault = ("studio * 3600s west".to_owned(), "was changed");
    let rows = panel(mood, "The counters", vec![counter(2), counter(17), retired], vec![]);
    Quotas {
        unfiltered: rows.as_ref().ok().map(|rows| rows.len() as u64),
        counters: rows,
        limited: panel(mood, "Who was told to wait", vec![limited], vec![]),
        faults: panel(mood, "Whether counters fit the log", vec![fault], vec![]),
        shared: vec!["400 in each hour for each studio".to_owned()],
    }
}

pub(super) fn counter_detail(bucket: &str) -> Option<CounterDetail> {
    let found = counter(2);
    (found.bucket == bucket).then(|| CounterDetail {
        counter: found,
        may_reset: May::Yes,
        timeline: Ok(vec![event("Limit reset")]),
    })
}

fn capability_row(id: &str, title: &str, risk: Risk, writes: bool) -> CapabilityRow {
    let roles = |all: &[&str]| all.iter().map(|&role| role.to_owned()).collect::<Vec<_>>();
    CapabilityRow {
        capability: Capability { id: id.to_owned(), title: title.to_owned() },
        writes,
        risk,
        targets: vec!["reservations/{id}".to_owned()],
        approvals: if writes { (2, 1) } else { (0, 0) },
        propose: roles(&["staff", "admin", "operator", "agent"]),
        approve: if writes { roles(&["staff", "admin"]) } else { Vec::new() },
        quotas: vec!["30 in each hour for each actor".to_owned()],
    }
}

fn capability_rows() -> Vec<CapabilityRow> {
    vec![
        capability_row("reservation.status.set", "Set a reservation's status", Risk::Critical, true),
        capability_row("hubitat.devices.read", "Read the building's devices", Risk::Low, false),
    ]
}

pub(super) fn capabilities(mood: Mood, filter: &CapabilityFilter) -> Capabilities {
    let rows = if mood == Mood::Empty { Vec::new() } else { capability_rows() };
    let rows = rows.into_iter().filter(|row| filter.risk.is_none_or(|risk| risk == row.risk)).collect();
    Capabilities { rows, unfiltered: 2, shared: vec!["400 in each hour for each studio".to_owned()] }
}

pub(super) fn capability_detail(id: &str) -> Option<CapabilityDetail> {
    let row = capability_rows().into_iter().find(|row| row.capability.id == id)?;
    let line = |field: &str, source: &str, values: &[&str]| FieldLine {
        field: field.to_owned(),
        source: source.to_owned(),
        values: values.iter().map(|&value| value.to_owned()).collect(),
        transitions: vec!["REQUESTED → CONFIRMED, WAITLISTED".to_owned()],
    };
    let fields = vec![
        line("status", "The proposer chooses it (text)", &["REQUESTED", "CONFIRMED", "WAITLISTED"]),
        line("updatedAt", "The moment of the proposal", &[]),
    ];
    Some(CapabilityDetail {
        may_use: if row.writes { May::Yes } else { May::No { why: "The connector was not read yet.".to_owned() } },
        apply: vec!["the push job".to_owned()],
        fields: if row.writes { fields } else { Vec::new() },
        requires: vec![("isClosed".to_owned(), "is false, or missing".to_owned())],
        freshness: 900,
        lifetime: row.writes.then_some(3_600),
        delay: 60,
        rollback: Some("The undo puts the status back, if nobody has changed it since.".to_owned()),
        owner: "studio-manager".to_owned(),
        escalation: vec!["governance-primary".to_owned(), "ops-primary".to_owned()],
        spec: ("docs/specs/reservation.status.set.md".to_owned(), Some("# Set a reservation's status\n".to_owned())),
        fingerprint: "5be1f0c6d2a94411".to_owned(),
        row,
    })
}

pub(super) fn may_i(mood: Mood, question: &MayQuestion) -> MayI {
    let judged = Judged {
        allowed: question.act == "propose",
        asked: "Approve: Set a reservation's status.".to_owned(),
        obstacles: vec![Obstacle {
            code: "SELF_APPROVAL".to_owned(),
            sentence: "You proposed this; a colleague has to approve it.".to_owned(),
            policies: vec!["forbid.self_approval".to_owned()],
            passes: false,
        }],
        policies: vec!["permit.propose".to_owned()],
    };
    let answer = if question.act == "dance" {
        let why = "Choose one of: read, propose, approve.".to_owned();
        MayAnswer::Unclear { field: "act", why }
    } else {
        MayAnswer::Judged(judged)
    };
    let act = |word: &str, meaning: &str| ActChoice { word: word.to_owned(), meaning: meaning.to_owned() };
    MayI {
        capabilities: vec![capability()],
        acts: vec![act("propose", "Propose a change"), act("approve", "Approve a proposal")],
        answer: question.is_asked().then(|| match mood {
            Mood::Trouble => Err(trouble("The answer")),
            Mood::Busy | Mood::Empty | Mood::Closed => Ok(answer),
        }),
    }
}
