//! A made-up studio that answers every question, in several moods.

mod changes;
mod log;
mod look;
mod standing;

use std::future::{Future, ready};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use studio_cockpit::{
    backend::Backend,
    model::{
        audit::{AuditDetail, AuditFilter, AuditLog},
        drafting::Drafting,
        drift::{Drift, DriftFilter, FindingDetail},
        facts::{Actor, ActorKind, FieldChange, FieldValue, ValueKind},
        forms::DraftForm,
        overview::Overview,
        proposals::{ProposalDetail, ProposalFilter, ProposalQueue},
        sign_in::{Persona, SignIn},
        state::{StateChoice, StudioState},
        trouble::{Trouble, Unanswered},
        viewer::{Counts, Environment, Theme, Viewer, WriteSwitch},
        writes::{Ledger, WriteDetail, WriteFilter},
    },
};

/// How the studio answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// There is something of everything.
    Busy,
    /// There is nothing yet.
    Empty,
    /// Every panel fails.
    Trouble,
    /// Nothing may be seen, and nothing is found.
    Closed,
}

/// The studio.
pub(crate) struct Studio {
    /// How it answers.
    pub(crate) mood: Mood,
}

impl Studio {
    fn answer<T>(&self, make: impl FnOnce(Mood) -> T) -> impl Future<Output = Result<T, Unanswered>> + Send
    where
        T: Send,
    {
        ready(match self.mood {
            Mood::Busy | Mood::Empty | Mood::Trouble => Ok(make(self.mood)),
            Mood::Closed => {
                Err(Unanswered::Forbidden { why: "Only staff and administrators may read the audit log.".to_owned() })
            }
        })
    }
}

impl Backend for Studio {
    fn sign_in(&self) -> impl Future<Output = Result<SignIn, Unanswered>> + Send {
        self.answer(|mood| match mood {
            Mood::Empty => SignIn::Nowhere,
            Mood::Busy | Mood::Trouble | Mood::Closed => SignIn::Sandbox {
                personas: vec![
                    persona("ines", "Ines Okafor", "Staff", "Proposes and decides what others proposed."),
                    persona("dov", "Dov Halpern", "Staff, kiln lead", "The colleague who decides what Ines proposed."),
                    persona("juno", "Juno Reyes", "Admin", "May also turn writes on and off."),
                ],
            },
        })
    }

    fn overview(&self) -> impl Future<Output = Result<Overview, Unanswered>> + Send {
        self.answer(look::overview)
    }

    fn state(&self, choice: &StateChoice) -> impl Future<Output = Result<StudioState, Unanswered>> + Send {
        self.answer(|mood| standing::state(mood, choice))
    }

    fn drift(&self, _: &DriftFilter) -> impl Future<Output = Result<Drift, Unanswered>> + Send {
        self.answer(look::drift)
    }

    fn finding(&self, id: &str) -> impl Future<Output = Result<FindingDetail, Unanswered>> + Send {
        ready(look::finding_alone(id).ok_or_else(|| Unanswered::Missing { what: format!("Finding {id}") }))
    }

    fn proposals(&self, filter: ProposalFilter) -> impl Future<Output = Result<ProposalQueue, Unanswered>> + Send {
        self.answer(move |mood| changes::queue(mood, filter))
    }

    fn proposal(&self, id: &str) -> impl Future<Output = Result<ProposalDetail, Unanswered>> + Send {
        ready(changes::proposal(id).ok_or_else(|| Unanswered::Missing { what: format!("Proposal {id}") }))
    }

    fn drafting(&self, form: &DraftForm) -> impl Future<Output = Result<Drafting, Unanswered>> + Send {
        self.answer(|mood| changes::drafting(mood, form))
    }

    fn writes(&self, _: WriteFilter) -> impl Future<Output = Result<Ledger, Unanswered>> + Send {
        self.answer(log::ledger)
    }

    fn write(&self, id: &str) -> impl Future<Output = Result<WriteDetail, Unanswered>> + Send {
        ready(log::write(id).ok_or_else(|| Unanswered::Missing { what: format!("Write {id}") }))
    }

    fn audit(&self, _: &AuditFilter) -> impl Future<Output = Result<AuditLog, Unanswered>> + Send {
        self.answer(log::audit)
    }

    fn audit_entry(&self, sequence: u64) -> impl Future<Output = Result<AuditDetail, Unanswered>> + Send {
        self.answer(move |_| log::entry(sequence))
    }
}

/// The reader: Ines, staff, in the sandbox.
pub(crate) fn viewer() -> Viewer {
    Viewer {
        person: Some(ines()),
        studio: "Monsoon West".to_owned(),
        zone: TimeZone::get("America/Phoenix").unwrap_or(TimeZone::UTC),
        environment: Environment::Sandbox,
        theme: Theme::System,
        writes: WriteSwitch::On,
        counts: Some(Counts { proposals: 3, findings: 9, writes: 1 }),
        flashes: Vec::new(),
        now: now(),
        version: "0.1.0".to_owned(),
        here: "/drift?kind=unknown-word&state=all".to_owned(),
        live: None,
    }
}

/// 2026-03-18, 10:00 in the studio.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_773_853_200).expect("BUG: a fixed instant")
}

/// So many minutes before now.
pub(crate) fn minutes_ago(minutes: i64) -> Timestamp {
    now() - minutes.minutes()
}

/// So many seconds before now.
pub(crate) fn seconds_ago(seconds: i64) -> Timestamp {
    now() - seconds.seconds()
}

/// Staff.
pub(crate) fn ines() -> Actor {
    Actor { id: "uid_staff_ines".to_owned(), name: "Ines Okafor".to_owned(), kind: ActorKind::Staff }
}

/// Staff, kiln lead.
pub(crate) fn dov() -> Actor {
    Actor { id: "uid_staff_dov".to_owned(), name: "Dov Halpern".to_owned(), kind: ActorKind::Staff }
}

/// An agent.
pub(crate) fn sweeper() -> Actor {
    Actor { id: "agent-ops-sweeper".to_owned(), name: "agent-ops-sweeper".to_owned(), kind: ActorKind::Agent }
}

/// The service.
pub(crate) fn service() -> Actor {
    Actor { id: "service".to_owned(), name: "Studio Brain".to_owned(), kind: ActorKind::Service }
}

/// A text field that changes.
pub(crate) fn text(path: &str, before: &str, after: &str) -> FieldChange {
    FieldChange { path: path.to_owned(), before: value(ValueKind::Text, before), after: value(ValueKind::Text, after) }
}

/// A value.
pub(crate) fn value(kind: ValueKind, text: &str) -> FieldValue {
    FieldValue::Present { kind, text: text.to_owned() }
}

/// A panel that fails.
pub(crate) fn trouble(what: &str) -> Trouble {
    Trouble { what: format!("{what} could not be read."), error_id: "01J9-7F3K-QX2M".to_owned() }
}

fn persona(id: &str, name: &str, role: &str, about: &str) -> Persona {
    Persona { id: id.to_owned(), name: name.to_owned(), role: role.to_owned(), about: about.to_owned() }
}
