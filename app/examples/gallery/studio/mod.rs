//! A made-up studio that answers every question, in several moods.

mod changes;
mod kept;
mod log;
mod look;
mod machine;
mod programs;
mod rules;
pub(crate) mod signing;
mod standing;

use std::future::{Future, ready};

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use studio_cockpit::{
    backend::Backend,
    model::{
        agents::{AgentDetail, AgentFilter, Agents, DenialFilter, Denials},
        audit::{AuditDetail, AuditFilter, AuditLog},
        bulk::{Bulk, BulkForm},
        capabilities::{Capabilities, CapabilityDetail, CapabilityFilter},
        connectors::Connectors,
        documents::{DocumentChoice, DocumentDetail, DocumentFilter, Documents},
        drafting::Drafting,
        drift::{Drift, DriftFilter, FindingDetail},
        exemptions::{Exempting, ExemptionDetail, ExemptionFilter, Exemptions},
        facts::{Actor, ActorKind, FieldChange, FieldValue, ValueKind},
        forms::DraftForm,
        intake::{Intake, IntakeDetail, IntakeFilter},
        jobs::Jobs,
        keys::{Issuing, KeyDetail},
        may_i::{MayI, MayQuestion},
        overview::Overview,
        policy::{Lease, Policy, Switches},
        proposals::ProposalDetail,
        queue::{ProposalFilter, ProposalQueue},
        quotas::{CounterDetail, QuotaFilter, Quotas},
        reads::{ReadCosts, ReadsChoice},
        recommendations::Recommendations,
        scorecard::Scorecard,
        sessions::{SessionFilter, Sessions, Staff},
        sign_in::SignIn,
        state::{StateChoice, StudioState},
        studios::Studios,
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
        self.answer(signing::ways)
    }

    fn sessions(&self, filter: &SessionFilter) -> impl Future<Output = Result<Sessions, Unanswered>> + Send {
        self.answer(|mood| signing::sessions(mood, filter))
    }

    fn staff(&self) -> impl Future<Output = Result<Staff, Unanswered>> + Send {
        self.answer(signing::staff)
    }

    fn overview(&self, _: &StateChoice) -> impl Future<Output = Result<Overview, Unanswered>> + Send {
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

    fn documents(&self, filter: &DocumentFilter) -> impl Future<Output = Result<Documents, Unanswered>> + Send {
        self.answer(|mood| kept::documents(mood, filter))
    }

    fn document(
        &self,
        path: &str,
        choice: &DocumentChoice,
    ) -> impl Future<Output = Result<DocumentDetail, Unanswered>> + Send {
        self.answer(|mood| kept::document(mood, path, choice))
    }

    fn proposals(&self, filter: &ProposalFilter) -> impl Future<Output = Result<ProposalQueue, Unanswered>> + Send {
        self.answer(|mood| changes::queue(mood, filter))
    }

    fn proposal(
        &self,
        id: &str,
        queue: Option<&ProposalFilter>,
    ) -> impl Future<Output = Result<ProposalDetail, Unanswered>> + Send {
        ready(changes::proposal(id, queue).ok_or_else(|| Unanswered::Missing { what: format!("Proposal {id}") }))
    }

    fn bulk(&self, form: &BulkForm) -> impl Future<Output = Result<Bulk, Unanswered>> + Send {
        self.answer(|_| changes::bulk(form))
    }

    fn drafting(&self, form: &DraftForm) -> impl Future<Output = Result<Drafting, Unanswered>> + Send {
        self.answer(|mood| changes::drafting(mood, form))
    }

    fn writes(&self, _: &WriteFilter) -> impl Future<Output = Result<Ledger, Unanswered>> + Send {
        self.answer(log::ledger)
    }

    fn write(&self, id: &str) -> impl Future<Output = Result<WriteDetail, Unanswered>> + Send {
        ready(log::write(id).ok_or_else(|| Unanswered::Missing { what: format!("Write {id}") }))
    }

    fn audit(&self, filter: &AuditFilter) -> impl Future<Output = Result<AuditLog, Unanswered>> + Send {
        self.answer(|mood| log::audit(mood, filter))
    }

    fn audit_entry(&self, sequence: u64) -> impl Future<Output = Result<AuditDetail, Unanswered>> + Send {
        self.answer(move |_| log::entry(sequence))
    }

    fn policy(&self) -> impl Future<Output = Result<Policy, Unanswered>> + Send {
        self.answer(rules::policy)
    }

    fn switches(&self) -> impl Future<Output = Result<Switches, Unanswered>> + Send {
        self.answer(rules::switches)
    }

    fn lease(&self) -> impl Future<Output = Result<Lease, Unanswered>> + Send {
        self.answer(rules::lease)
    }

    fn exemptions(&self, filter: &ExemptionFilter) -> impl Future<Output = Result<Exemptions, Unanswered>> + Send {
        self.answer(|mood| rules::exemptions(mood, filter))
    }

    fn exempting(&self) -> impl Future<Output = Result<Exempting, Unanswered>> + Send {
        self.answer(|_| rules::exempting())
    }

    fn exemption(&self, id: &str) -> impl Future<Output = Result<ExemptionDetail, Unanswered>> + Send {
        ready(rules::exemption_detail(id).ok_or_else(|| Unanswered::Missing { what: format!("Exemption {id}") }))
    }

    fn quotas(&self, _: &QuotaFilter) -> impl Future<Output = Result<Quotas, Unanswered>> + Send {
        self.answer(rules::quotas)
    }

    fn counter(&self, bucket: &str) -> impl Future<Output = Result<CounterDetail, Unanswered>> + Send {
        ready(rules::counter_detail(bucket).ok_or_else(|| Unanswered::Missing { what: "This counter".to_owned() }))
    }

    fn capabilities(&self, filter: &CapabilityFilter) -> impl Future<Output = Result<Capabilities, Unanswered>> + Send {
        self.answer(|mood| rules::capabilities(mood, filter))
    }

    fn capability(&self, id: &str) -> impl Future<Output = Result<CapabilityDetail, Unanswered>> + Send {
        ready(rules::capability_detail(id).ok_or_else(|| Unanswered::Missing { what: format!("Capability {id}") }))
    }

    fn may_i(&self, question: &MayQuestion) -> impl Future<Output = Result<MayI, Unanswered>> + Send {
        self.answer(|mood| rules::may_i(mood, question))
    }

    fn agents(&self, filter: &AgentFilter) -> impl Future<Output = Result<Agents, Unanswered>> + Send {
        self.answer(|mood| {
            let mut agents = programs::agents(mood);
            if let (Some(_), Ok(rows)) = (&filter.name, &mut agents.agents) {
                rows.clear();
            }
            agents
        })
    }

    fn agent(&self, id: &str) -> impl Future<Output = Result<AgentDetail, Unanswered>> + Send {
        ready(programs::agent_detail(id).ok_or_else(|| Unanswered::Missing { what: format!("Agent {id}") }))
    }

    fn denials(&self, _: &DenialFilter) -> impl Future<Output = Result<Denials, Unanswered>> + Send {
        self.answer(programs::denials)
    }

    fn issuing(&self) -> impl Future<Output = Result<Issuing, Unanswered>> + Send {
        self.answer(programs::issuing)
    }

    fn agent_key(&self, prefix: &str) -> impl Future<Output = Result<KeyDetail, Unanswered>> + Send {
        ready(programs::key_detail(prefix).ok_or_else(|| Unanswered::Missing { what: format!("Key {prefix}") }))
    }

    fn intake(&self, filter: &IntakeFilter) -> impl Future<Output = Result<Intake, Unanswered>> + Send {
        self.answer(|mood| programs::intake(mood, filter))
    }

    fn intake_item(&self, id: &str) -> impl Future<Output = Result<IntakeDetail, Unanswered>> + Send {
        ready(programs::intake_item(id).ok_or_else(|| Unanswered::Missing { what: format!("Text {id}") }))
    }

    fn connectors(&self) -> impl Future<Output = Result<Connectors, Unanswered>> + Send {
        self.answer(machine::connectors)
    }

    fn jobs(&self) -> impl Future<Output = Result<Jobs, Unanswered>> + Send {
        self.answer(machine::jobs)
    }

    fn reads(&self, choice: &ReadsChoice) -> impl Future<Output = Result<ReadCosts, Unanswered>> + Send {
        self.answer(|mood| machine::reads(mood, choice))
    }

    fn scorecard(&self) -> impl Future<Output = Result<Scorecard, Unanswered>> + Send {
        self.answer(machine::scorecard)
    }

    fn recommendations(&self) -> impl Future<Output = Result<Recommendations, Unanswered>> + Send {
        self.answer(machine::recommendations)
    }

    fn studios(&self) -> impl Future<Output = Result<Studios, Unanswered>> + Send {
        self.answer(machine::studios)
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
        counts: Some(Counts { proposals: 3, findings: 9, writes: 1, intake: 2 }),
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
