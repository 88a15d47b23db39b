//! Agents, their keys, what was denied to them, and texts that wait for a person.

use studio_cockpit::model::{
    agents::{
        AgentDetail, AgentRow, AgentStanding, Agents, DelegationRow, DelegationStanding, DenialRow, Denials, KeyRow,
        KeyStanding,
    },
    facts::{Actor, ActorKind, May},
    intake::{
        Intake, IntakeCategory, IntakeDecision, IntakeDetail, IntakeFilter, IntakeRow, IntakeStanding, ReviewChoice,
        Subject,
    },
    keys::{Issuing, KeyDetail},
    trouble::Panel,
};

use super::{Mood, dov, ines, minutes_ago, rules::event, sweeper, trouble};

fn panel<T>(mood: Mood, what: &str, busy: T, empty: T) -> Panel<T> {
    match mood {
        Mood::Busy | Mood::Closed => Ok(busy),
        Mood::Empty => Ok(empty),
        Mood::Trouble => Err(trouble(what)),
    }
}

fn agent(id: &str, standing: AgentStanding) -> AgentRow {
    AgentRow {
        id: id.to_owned(),
        name: "Ops sweeper".to_owned(),
        standing,
        good_keys: 1,
        last_used: (id == "agent-ops-sweeper").then(|| minutes_ago(3)),
    }
}

fn paused() -> AgentStanding {
    AgentStanding::Paused { since: minutes_ago(10), until: minutes_ago(-20) }
}

fn key(prefix: &str, standing: KeyStanding) -> KeyRow {
    KeyRow {
        prefix: prefix.to_owned(),
        agent: "agent-ops-sweeper".to_owned(),
        name: "Ops sweeper".to_owned(),
        scopes: vec!["capability:ops_note.append:execute".to_owned(), "batches:read".to_owned()],
        issued_by: Actor { id: "juno".to_owned(), name: "Juno Reyes".to_owned(), kind: ActorKind::Admin },
        issued: minutes_ago(40_000),
        expires: minutes_ago(-90_000),
        standing,
    }
}

fn keys() -> Vec<KeyRow> {
    vec![
        key("0123456789abcdef", KeyStanding::Good),
        key("fedcba9876543210", KeyStanding::Revoked { at: minutes_ago(90) }),
        key("aaaaaaaaaaaaaaaa", KeyStanding::Expired),
    ]
}

pub(super) fn agents(mood: Mood) -> Agents {
    let rows = vec![
        agent("agent-ops-sweeper", paused()),
        agent("agent-glaze-scout", AgentStanding::Active),
        agent("agent-front-desk", AgentStanding::OutOfService("suspended".to_owned())),
        agent("agent-of-yesterday", AgentStanding::Unknown),
    ];
    Agents {
        agents: panel(mood, "The agents", rows, vec![]),
        unfiltered: Some(if mood == Mood::Empty { 0 } else { 4 }),
        keys: panel(mood, "The keys", keys(), vec![]),
        suspicious: panel(mood, "The suspicious denials", 2, 0),
        may_issue: if mood == Mood::Busy { May::Yes } else { May::No { why: "Your role may not do this.".to_owned() } },
    }
}

fn delegation(id: &str, standing: DelegationStanding) -> DelegationRow {
    DelegationRow {
        id: id.to_owned(),
        owner: "uid_mara_quill".to_owned(),
        scopes: vec!["capability:ops_note.append:execute".to_owned()],
        resources: Vec::new(),
        standing,
    }
}

pub(super) fn agent_detail(id: &str) -> Option<AgentDetail> {
    let (standing, may_resume) = match id {
        "agent-ops-sweeper" => (paused(), Some(May::Yes)),
        "agent-glaze-scout" => (AgentStanding::Active, None),
        _ => return None,
    };
    let delegations = vec![
        delegation("dlg-0001", DelegationStanding::Active { until: minutes_ago(-40_000) }),
        delegation("dlg-0002", DelegationStanding::Revoked),
        delegation("dlg-0003", DelegationStanding::Expired { at: minutes_ago(1) }),
        delegation("dlg-0004", DelegationStanding::Unclear { why: "`scopes` is no list".to_owned() }),
    ];
    let is_busy = may_resume.is_some();
    Some(AgentDetail {
        row: agent(id, standing),
        keys: Ok(if is_busy { keys() } else { Vec::new() }),
        delegations: Ok(if is_busy { delegations } else { Vec::new() }),
        denials: Ok(if is_busy { vec![denial(7)] } else { Vec::new() }),
        may_resume,
        timeline: Ok(if is_busy { vec![event("Agent's key issued")] } else { Vec::new() }),
    })
}

fn denial(id: u64) -> DenialRow {
    DenialRow {
        id,
        at: minutes_ago(12),
        actor: sweeper(),
        agent: "agent-ops-sweeper".to_owned(),
        owner: "uid_theo_park".to_owned(),
        scope: "capability:ops_note.append:execute".to_owned(),
        document: "batches/b-0031".to_owned(),
        reached: Vec::new(),
        delegation: Some("dlg-0001".to_owned()),
        code: "DELEGATION_OWNER_MISMATCH".to_owned(),
        sentence: "The delegation was given by another owner.".to_owned(),
        suspicion: Some("another owner's delegation".to_owned()),
    }
}

pub(super) fn denials(mood: Mood) -> Denials {
    Denials {
        older: (mood == Mood::Busy).then_some(6),
        rows: panel(mood, "The denials", vec![denial(8), denial(7)], vec![]),
        agents: vec!["agent-ops-sweeper".to_owned()],
        reasons: vec!["DELEGATION_OWNER_MISMATCH".to_owned()],
    }
}

pub(super) fn issuing(mood: Mood) -> Issuing {
    let may = if mood == Mood::Trouble { May::No { why: "Your role may not do this.".to_owned() } } else { May::Yes };
    let agents = vec![("agent-ops-sweeper".to_owned(), "Ops sweeper".to_owned())];
    Issuing {
        may,
        agents: if mood == Mood::Empty { Vec::new() } else { agents },
        scopes: vec![
            ("capability:ops_note.append:execute".to_owned(), "Leave a note about a batch".to_owned()),
            ("batches:read".to_owned(), "Read batches".to_owned()),
        ],
    }
}

pub(super) fn key_detail(prefix: &str) -> Option<KeyDetail> {
    let row = keys().into_iter().find(|key| key.prefix == prefix)?;
    let may_revoke = (row.standing == KeyStanding::Good).then_some(May::Yes);
    Some(KeyDetail { row, may_revoke, timeline: Ok(vec![event("Agent's key issued")]) })
}

fn text(id: u64, category: IntakeCategory, standing: IntakeStanding) -> IntakeRow {
    let subject = match id {
        1 => Subject::Document("agentRequests/r-77".to_owned()),
        2 => Subject::Proposal("0198d3c2-7f3a-7000-8000-0123456789ab".to_owned()),
        _ => Subject::Other("something else".to_owned()),
    };
    IntakeRow {
        id,
        subject,
        requester: if id == 2 { ines() } else { sweeper() },
        category,
        score: 90,
        excerpt: if id == 3 { String::new() } else { "please make a … gun … of clay for".to_owned() },
        since: minutes_ago(400),
        standing,
    }
}

pub(super) fn intake(mood: Mood, filter: &IntakeFilter) -> Intake {
    let rows = if filter.decided {
        vec![
            text(3, IntakeCategory::Unreadable, IntakeStanding::Granted),
            text(2, IntakeCategory::Designs, IntakeStanding::Denied),
        ]
    } else {
        vec![text(1, IntakeCategory::Weapons, IntakeStanding::Waiting)]
    };
    Intake {
        rows: panel(mood, "The texts", rows, vec![]),
        next: (mood == Mood::Busy).then_some(9),
        counts: match mood {
            Mood::Busy | Mood::Closed => Some((1, 2)),
            Mood::Empty => Some((0, 0)),
            Mood::Trouble => None,
        },
    }
}

pub(super) fn intake_item(id: &str) -> Option<IntakeDetail> {
    let no = |why: &str| May::No { why: why.to_owned() };
    let (row, decisions, choices) = match id {
        "1" => {
            let rights = no("Rights cure a borrowed design, and nothing else.");
            let choices = ReviewChoice::ALL
                .map(|choice| (choice, if choice == ReviewChoice::RightsProved { rights.clone() } else { May::Yes }));
            (text(1, IntakeCategory::Weapons, IntakeStanding::Waiting), Vec::new(), choices)
        }
        "2" => {
            let decision = |choice| IntakeDecision {
                choice,
                reason: "I talked to the member about it.".to_owned(),
                by: dov(),
                at: minutes_ago(30),
            };
            let own = no("Nobody lets their own text pass.");
            let decisions = vec![decision(ReviewChoice::Harmless), decision(ReviewChoice::Confirmed)];
            let choices = ReviewChoice::ALL.map(|choice| (choice, own.clone()));
            (text(2, IntakeCategory::Designs, IntakeStanding::Denied), decisions, choices)
        }
        _ => return None,
    };
    Some(IntakeDetail {
        is_outdated: row.id == 2,
        row,
        text_hash: "5be1f0c6d2a94411a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778".to_owned(),
        rules: vec!["weapon.gun".to_owned()],
        rules_version: "2026-03-01".to_owned(),
        decisions,
        choices: choices.into(),
        neighbours: (None, Some(4)),
    })
}
