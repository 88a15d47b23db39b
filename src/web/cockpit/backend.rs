//! One viewer's questions, answered from the store.

use std::error::Error;

use studio_cockpit::backend::Backend;
use studio_cockpit::model::agents::{AgentDetail, AgentFilter, Agents, DenialFilter, Denials};
use studio_cockpit::model::audit::{AuditDetail, AuditFilter, AuditLog};
use studio_cockpit::model::bulk::{Bulk, BulkForm};
use studio_cockpit::model::capabilities::{Capabilities, CapabilityDetail, CapabilityFilter};
use studio_cockpit::model::connectors::Connectors;
use studio_cockpit::model::documents::{DocumentChoice, DocumentDetail, DocumentFilter, Documents};
use studio_cockpit::model::drafting::Drafting;
use studio_cockpit::model::drift::{Drift, DriftFilter, FindingDetail};
use studio_cockpit::model::exemptions::{Exempting, ExemptionDetail, ExemptionFilter, Exemptions};
use studio_cockpit::model::forms::DraftForm;
use studio_cockpit::model::intake::{Intake, IntakeDetail, IntakeFilter};
use studio_cockpit::model::jobs::Jobs;
use studio_cockpit::model::keys::{Issuing, KeyDetail};
use studio_cockpit::model::may_i::{MayI, MayQuestion};
use studio_cockpit::model::overview::Overview;
use studio_cockpit::model::policy::{Lease, Policy, Switches};
use studio_cockpit::model::proposals::ProposalDetail;
use studio_cockpit::model::queue::{ProposalFilter, ProposalQueue};
use studio_cockpit::model::quotas::{CounterDetail, QuotaFilter, Quotas};
use studio_cockpit::model::reads::{ReadCosts, ReadsChoice};
use studio_cockpit::model::recommendations::Recommendations;
use studio_cockpit::model::scorecard::Scorecard;
use studio_cockpit::model::sessions::{SessionFilter, Sessions, Staff};
use studio_cockpit::model::sign_in::{self, SignIn, Way};
use studio_cockpit::model::state::{StateChoice, StudioState};
use studio_cockpit::model::studios::Studios;
use studio_cockpit::model::trouble::{Panel, Trouble, Unanswered};
use studio_cockpit::model::writes::{Ledger, WriteDetail, WriteFilter};
use tracing::error;

use crate::domain::actor::Actor;
use crate::domain::ids::DocPath;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};
use crate::gate::Gate;
use crate::identity::personas::Persona;
use crate::identity::sessions::{SessionRef, Sessions as SessionDoor};
use crate::identity::sources::Offer;
use crate::store::{self, Store};
use crate::web::desk::{Desk, DeskSettings};

/// One request's view of the studio: who looks, and when.
#[derive(Debug)]
pub(super) struct Cockpit {
    desk: Desk,
    viewer: Option<Actor>,
    offers: Vec<Offer>,
    door: Option<(SessionDoor, SessionRef)>,
    now: Timestamp,
    request_id: String,
}

impl Cockpit {
    /// For somebody who is signed in.
    pub(super) fn for_viewer(desk: Desk, viewer: Actor, request_id: String) -> Self {
        let now = desk.now();
        Self { desk, viewer: Some(viewer), offers: Vec::new(), door: None, now, request_id }
    }

    /// For the pages at the door, with the ways to sign in.
    pub(super) fn at_the_door(desk: Desk, offers: Vec<Offer>, request_id: String) -> Self {
        let now = desk.now();
        Self { desk, viewer: None, offers, door: None, now, request_id }
    }

    /// The same, which also knows who is signed in where.
    pub(super) fn with_sessions(self, sessions: SessionDoor, this: SessionRef) -> Self {
        Self { door: Some((sessions, this)), ..self }
    }

    /// Who is signed in where, and which of the sessions asks.
    pub(super) const fn door(&self) -> Option<&(SessionDoor, SessionRef)> {
        self.door.as_ref()
    }

    pub(super) fn store(&self) -> &Store {
        self.desk.store()
    }

    pub(super) const fn desk(&self) -> &Desk {
        &self.desk
    }

    pub(super) fn gate(&self) -> &Gate {
        self.desk.gate()
    }

    pub(super) fn settings(&self) -> &DeskSettings {
        self.desk.settings()
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Who looks; every page but the sign-in page needs somebody.
    pub(super) fn viewer(&self) -> Result<&Actor, Unanswered> {
        self.viewer.as_ref().ok_or_else(|| Unanswered::Forbidden { why: Reason::NotSignedIn.sentence().to_owned() })
    }

    /// One part of a page: what it needs, or what to say instead.
    pub(super) fn panel<T>(&self, what: &str, answer: store::Result<T>) -> Panel<T> {
        answer.map_err(|cause| self.trouble(what, cause))
    }

    /// Logs why something could not be answered, once; the page gets the id that finds it.
    pub(super) fn trouble(&self, what: &str, cause: impl Error + Send + Sync + 'static) -> Trouble {
        let cause = anyhow::Error::new(cause);
        error!(error.id = self.request_id, "{what} could not be read: {cause:#}");
        Trouble { what: format!("{what} could not be read"), error_id: self.request_id.clone() }
    }

    /// What a person calls a document, if the mirror knows it.
    pub(super) async fn title(&self, path: &DocPath) -> Option<String> {
        // A missing title hides nothing: the path is shown all the same.
        let held = self.store().document(path).await.ok()??;
        title_of(&held.document.fields)
    }
}

/// What a person calls a document: its own title, or whose it is.
pub(super) fn title_of(fields: &Fields) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_text).filter(|text| !text.is_empty());
    let own = ["title", "displayName", "name"].into_iter().find_map(text).map(str::to_owned);
    own.or_else(|| {
        let (owner, firing) = (text("ownerUid")?, text("firingType")?);
        Some(format!("{firing} firing for {owner}"))
    })
}

impl Backend for Cockpit {
    async fn sign_in(&self) -> Result<SignIn, Unanswered> {
        Ok(SignIn { ways: self.offers.iter().map(way).collect() })
    }

    async fn overview(&self, choice: &StateChoice) -> Result<Overview, Unanswered> {
        self.overview_page(choice).await
    }

    async fn state(&self, choice: &StateChoice) -> Result<StudioState, Unanswered> {
        Ok(self.state_page(choice).await)
    }

    async fn drift(&self, filter: &DriftFilter) -> Result<Drift, Unanswered> {
        Ok(self.drift_page(filter).await)
    }

    async fn finding(&self, id: &str) -> Result<FindingDetail, Unanswered> {
        self.finding_page(id).await
    }

    async fn documents(&self, filter: &DocumentFilter) -> Result<Documents, Unanswered> {
        Ok(self.documents_page(filter).await)
    }

    async fn document(&self, path: &str, choice: &DocumentChoice) -> Result<DocumentDetail, Unanswered> {
        self.document_page(path, choice).await
    }

    async fn proposals(&self, filter: &ProposalFilter) -> Result<ProposalQueue, Unanswered> {
        self.queue_page(filter).await
    }

    async fn proposal(&self, id: &str, queue: Option<&ProposalFilter>) -> Result<ProposalDetail, Unanswered> {
        self.proposal_page(id, queue).await
    }

    async fn bulk(&self, form: &BulkForm) -> Result<Bulk, Unanswered> {
        self.bulk_page(form).await
    }

    async fn drafting(&self, form: &DraftForm) -> Result<Drafting, Unanswered> {
        self.drafting_page(form).await
    }

    async fn writes(&self, filter: &WriteFilter) -> Result<Ledger, Unanswered> {
        Ok(self.ledger_page(filter).await)
    }

    async fn write(&self, id: &str) -> Result<WriteDetail, Unanswered> {
        self.write_page(id).await
    }

    async fn audit(&self, filter: &AuditFilter) -> Result<AuditLog, Unanswered> {
        self.audit_page(filter).await
    }

    async fn audit_entry(&self, sequence: u64) -> Result<AuditDetail, Unanswered> {
        self.audit_entry_page(sequence).await
    }

    async fn policy(&self) -> Result<Policy, Unanswered> {
        Ok(self.policy_page().await)
    }

    async fn switches(&self) -> Result<Switches, Unanswered> {
        Ok(self.switches_page().await)
    }

    async fn lease(&self) -> Result<Lease, Unanswered> {
        Ok(self.lease_panel().await?)
    }

    async fn exemptions(&self, filter: &ExemptionFilter) -> Result<Exemptions, Unanswered> {
        Ok(self.exemptions_page(filter).await)
    }

    async fn exempting(&self) -> Result<Exempting, Unanswered> {
        Ok(self.exempting_page())
    }

    async fn exemption(&self, id: &str) -> Result<ExemptionDetail, Unanswered> {
        self.exemption_page(id).await
    }

    async fn quotas(&self, filter: &QuotaFilter) -> Result<Quotas, Unanswered> {
        Ok(self.quotas_page(filter).await)
    }

    async fn counter(&self, bucket: &str) -> Result<CounterDetail, Unanswered> {
        self.counter_page(bucket).await
    }

    async fn capabilities(&self, filter: &CapabilityFilter) -> Result<Capabilities, Unanswered> {
        Ok(self.capabilities_page(filter))
    }

    async fn capability(&self, id: &str) -> Result<CapabilityDetail, Unanswered> {
        self.capability_page(id).await
    }

    async fn may_i(&self, question: &MayQuestion) -> Result<MayI, Unanswered> {
        self.may_page(question).await
    }

    async fn agents(&self, filter: &AgentFilter) -> Result<Agents, Unanswered> {
        Ok(self.agents_page(filter).await)
    }

    async fn agent(&self, id: &str) -> Result<AgentDetail, Unanswered> {
        self.agent_page(id).await
    }

    async fn denials(&self, filter: &DenialFilter) -> Result<Denials, Unanswered> {
        Ok(self.denials_page(filter).await)
    }

    async fn issuing(&self) -> Result<Issuing, Unanswered> {
        self.issuing_page().await
    }

    async fn agent_key(&self, prefix: &str) -> Result<KeyDetail, Unanswered> {
        self.key_page(prefix).await
    }

    async fn intake(&self, filter: &IntakeFilter) -> Result<Intake, Unanswered> {
        Ok(self.intake_page(filter).await)
    }

    async fn intake_item(&self, id: &str) -> Result<IntakeDetail, Unanswered> {
        self.intake_item_page(id).await
    }

    async fn connectors(&self) -> Result<Connectors, Unanswered> {
        Ok(self.connectors_page().await)
    }

    async fn jobs(&self) -> Result<Jobs, Unanswered> {
        self.jobs_page().await
    }

    async fn reads(&self, choice: &ReadsChoice) -> Result<ReadCosts, Unanswered> {
        Ok(self.reads_page(choice).await)
    }

    async fn scorecard(&self) -> Result<Scorecard, Unanswered> {
        Ok(self.scorecard_page().await)
    }

    async fn recommendations(&self) -> Result<Recommendations, Unanswered> {
        Ok(self.recommendations_page().await)
    }

    async fn studios(&self) -> Result<Studios, Unanswered> {
        Ok(self.studios_page().await)
    }

    async fn sessions(&self, filter: &SessionFilter) -> Result<Sessions, Unanswered> {
        self.sessions_page(filter).await
    }

    async fn staff(&self) -> Result<Staff, Unanswered> {
        self.staff_page().await
    }
}

fn way(offer: &Offer) -> Way {
    let persona = |persona: &Persona| sign_in::Persona {
        id: persona.id.clone(),
        name: persona.name.clone(),
        role: persona.role.clone(),
        about: persona.about.clone(),
    };
    match offer {
        Offer::Provider { name, .. } => Way::Provider { name: name.clone() },
        Offer::Firebase(script) => Way::Firebase(sign_in::FirebaseScript {
            folder: script.folder.clone(),
            api_key: script.api_key.clone(),
            auth_domain: script.auth_domain.clone(),
            project: script.project.clone(),
        }),
        Offer::Personas(personas) => Way::Sandbox { personas: personas.iter().map(persona).collect() },
    }
}
