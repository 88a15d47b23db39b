//! What stands in a proposal's way, whom it touches, and how it would be taken back.

use studio_cockpit::model::proposals::{DocumentChange, PolicyCheck};

use crate::domain::actor::Actor;
use crate::domain::decision::{Act, Base};
use crate::domain::proposal::Proposal;
use crate::domain::reason::Reason;
use crate::domain::value::Value;
use crate::domain::write::Write;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::queue::Beside;

/// What is looked at before a proposal is sent, and the reasons that each of it can give.
const CHECKS: [(&str, &[Reason]); 8] = [
    ("Approvals", &[Reason::ApprovalRequired, Reason::AdminApprovalRequired, Reason::DelayRunning]),
    ("Writes are on", &[Reason::WritesOff, Reason::KillSwitchOn, Reason::KillSwitchUnknown]),
    ("This box writes", &[Reason::SecondBox, Reason::LeaseUnknown]),
    ("The mirror is fresh", &[Reason::MirrorNotReady]),
    ("Its words were reviewed", &[Reason::BlockedByIntake]),
    ("Limits leave room", &[Reason::RateLimited]),
    (
        "The agent may",
        &[
            Reason::AgentSuspended,
            Reason::CredentialRefused,
            Reason::DelegationMissing,
            Reason::DelegationInvalid,
            Reason::DelegationRevoked,
            Reason::DelegationExpired,
            Reason::DelegationActorMismatch,
            Reason::DelegationOwnerMismatch,
            Reason::DelegationScopeMissing,
            Reason::DelegationResourceMissing,
            Reason::DelegationStale,
        ],
    ),
    ("It is still open", &[Reason::NotWaiting, Reason::Expired]),
];

/// What all other reasons belong to.
const RULES: &str = "Rules of the studio";

impl Cockpit {
    /// Everything that is looked at before it is sent, as the push job would see it, and the policies that decide.
    pub(super) fn checks(&self, proposal: &Proposal, beside: Beside<'_>) -> (Vec<PolicyCheck>, Vec<String>) {
        if !proposal.state.is_open() {
            return (Vec::new(), Vec::new());
        }
        let push = Actor::system(self.store().studio(), "push");
        let about = (proposal, beside.verdicts);
        let with = (beside.around, beside.circumstances);
        let decision = self.gate().judge(&push, Act::Apply, about, (Base::Current, None), with);
        let mut against: Vec<Reason> = decision.missing.iter().map(|missing| missing.reason).collect();
        if against.is_empty()
            && let Err(reason) = decision.asked()
        {
            against.push(reason);
        }
        let sentences = |wanted: &dyn Fn(Reason) -> bool| -> Vec<String> {
            against.iter().filter(|reason| wanted(**reason)).map(|reason| reason.sentence().to_owned()).collect()
        };
        let is_agents = proposal.behalf.is_some();
        let mut checks: Vec<PolicyCheck> = CHECKS
            .into_iter()
            .filter(|(name, _)| is_agents || *name != "The agent may")
            .map(|(name, reasons)| PolicyCheck { name, against: sentences(&|reason| reasons.contains(&reason)) })
            .collect();
        let is_other = |reason: Reason| !checks_know(reason, is_agents);
        checks.push(PolicyCheck { name: RULES, against: sentences(&is_other) });
        (checks, decision.policies)
    }

    /// Whom and what it touches.
    pub(super) async fn blast(&self, proposal: &Proposal, documents: &[DocumentChange]) -> Vec<String> {
        let mut collections: Vec<String> = Vec::new();
        let mut owners: Vec<String> = Vec::new();
        for change in &proposal.changes {
            let path = change.write.path();
            let name = path.collection().to_string();
            if !collections.contains(&name) {
                collections.push(name);
            }
            // Whose document it is matters, but a document that can't be read is told of by its dry run.
            let held = self.store().document(&change.subject).await.ok().flatten();
            let owner = held.and_then(|held| Some(held.document.fields.get("ownerUid")?.as_text()?.to_owned()));
            if let Some(owner) = owner.filter(|owner| !owners.contains(owner)) {
                owners.push(owner);
            }
        }
        let fields: Result<Vec<usize>, _> =
            documents.iter().map(|document| document.changes.as_ref().map(Vec::len)).collect();
        let one = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let documents = one(documents.len(), "document", "documents");
        let what = match fields {
            Ok(fields) => format!("{documents} and {}", one(fields.iter().sum(), "field", "fields")),
            Err(_) => documents,
        };
        let mut lines = vec![format!("{what} in {}.", collections.join(", "))];
        let names = self.names();
        match owners.as_slice() {
            [] => lines.push("No member owns what it changes.".to_owned()),
            [only] => {
                let owner = Value::text(only);
                lines.push(format!("It belongs to one member: {}.", names.shown("ownerUid", &owner)));
            }
            several => lines.push(format!("It belongs to {} members.", several.len())),
        }
        if let Ok(capability) = self.gate().capability(&proposal.capability) {
            lines.push(
                match capability.risk {
                    crate::domain::capability::Risk::Low => "Low risk: nothing that matters to a member.",
                    crate::domain::capability::Risk::Medium => "Medium risk: a member could be put out.",
                    crate::domain::capability::Risk::High => {
                        "High risk: many fields change at once, or members are told something that can't be unsaid."
                    }
                    crate::domain::capability::Risk::Critical => "Critical risk: money, access or safety.",
                }
                .to_owned(),
            );
        }
        let path = proposal.changes.first().write.path();
        if let Ok(others) = self.store().proposals_about(path, 20).await
            && let Ok(others) = self.store().proposals_of(&others).await
        {
            let open = others.iter().filter(|other| other.id != proposal.id && other.state.is_open()).count();
            if open > 0 {
                let many = one(open, "other open proposal is", "other open proposals are");
                lines.push(format!("{many} about the same document: only the first to be sent can land."));
            }
        }
        lines
    }

    /// How it would be taken back.
    pub(super) fn rollback(&self, proposal: &Proposal) -> Vec<String> {
        let of_kind = self.gate().capability(&proposal.capability).ok();
        let of_kind = of_kind.and_then(|capability| Some(capability.write()?.rollback.clone()));
        let of_write = match &proposal.changes.first().write {
            Write::Create { .. } => "An undo removes the document, if nobody has changed it since.",
            Write::Update { .. } => {
                "The fields before the write are stored first; an undo puts them back where nobody has changed them since."
            }
            Write::Delete { .. } => "The whole document is stored first; an undo makes it again, if nobody else has.",
        };
        let asked =
            "An undo is a proposal of its own: it is offered on the page of the write, and a colleague approves it.";
        std::iter::once(of_write.to_owned()).chain(of_kind).chain([asked.to_owned()]).collect()
    }
}

fn checks_know(reason: Reason, is_agents: bool) -> bool {
    CHECKS.iter().any(|(name, reasons)| (is_agents || *name != "The agent may") && reasons.contains(&reason))
}
