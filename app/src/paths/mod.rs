//! Every address a page links or posts to, in one place.

use form_urlencoded::{Serializer, byte_serialize};

use crate::model::{
    audit::AuditFilter,
    documents::{DocumentChoice, DocumentFilter},
    drift::{DriftFilter, StateFilter},
    jobs::Errand,
    queue::{ProposalFilter, Turn},
    reads::{ReadsChoice, Span},
    state::{Since, StateChoice},
    writes::{WriteFilter, WriteState},
};

/// Addresses of the rules: policy, agents, intake.
mod rules;

pub use rules::{
    AGENT_KEYS, AGENTS, CAPABILITIES, COUNTER, DENIALS, EXEMPTIONS, INTAKE, LEASE, MAY_I, NEW_EXEMPTION, NEW_KEY,
    POLICY, QUOTAS, RESUME, RESUME_CONFIRM, STOP, agent, agent_key, agent_key_end, agent_resume, agents, capabilities,
    capability, counter, denials, exemption, exemption_end, exemptions, intake, intake_decision, intake_item, may_i,
    new_key_for, quotas, resume,
};

/// The start page.
pub const OVERVIEW: &str = "/";
/// How many of what there is.
pub const STATE: &str = "/state";
/// The mirror's documents.
pub const DOCUMENTS: &str = "/documents";
/// Differences between the mirror and the cloud.
pub const DRIFT: &str = "/drift";
/// `POST`: compare again now.
pub const DRIFT_CHECK: &str = "/drift/check";
/// The queue; `POST` proposes.
pub const PROPOSALS: &str = "/proposals";
/// The form of a new proposal.
pub const NEW_PROPOSAL: &str = "/proposals/new";
/// Several proposals at once: `GET` to look at them, `POST` to decide them.
pub const BULK: &str = "/proposals/bulk";
/// The ledger.
pub const WRITES: &str = "/writes";
/// The audit log.
pub const AUDIT: &str = "/audit";
/// `POST`: a copy of what a filter of the audit log shows.
pub const AUDIT_EXPORT: &str = "/audit/export";
/// What the box is connected to.
pub const CONNECTORS: &str = "/connectors";
/// What the box does by itself.
pub const JOBS: &str = "/jobs";
/// What Firestore bills.
pub const READS: &str = "/reads";
/// What the box measures of itself.
pub const SCORECARD: &str = "/scorecard";
/// What might be done.
pub const RECOMMENDATIONS: &str = "/recommendations";
/// What the words mean and how a change happens.
pub const HELP: &str = "/help";
/// Which studio this is.
pub const STUDIOS: &str = "/studios";
/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// `POST`: sign in as a persona of the sandbox.
pub const PERSONA: &str = "/session/persona";
/// `POST`: go and sign in at the identity provider.
pub const PROVIDER: &str = "/session/provider";
/// `POST`: sign in with an ID token.
pub const SESSION: &str = "/session";
/// A form that was sent too late, and waits.
pub const KEPT: &str = "/kept";
/// `POST`: forget it.
pub const KEPT_DISCARD: &str = "/kept/discard";
/// Who is signed in where.
pub const SESSIONS: &str = "/sessions";
/// `POST`: end one session.
pub const SESSIONS_END: &str = "/sessions/end";
/// `POST`: end one's other sessions.
pub const SESSIONS_END_OTHERS: &str = "/sessions/end-others";
/// Who may sign in, for administrators; `POST` says so.
pub const STAFF: &str = "/sessions/staff";
/// `POST`: sign out.
pub const SIGN_OUT: &str = "/session/end";
/// `POST`: set the theme.
pub const PREFERENCES: &str = "/preferences";

/// What changes, as it does: an event stream.
pub const LIVE: &str = "/live";

/// Every component in every state, in the sandbox only.
pub const DESIGN: &str = "/design";

/// The sign-in page, and back to where one is.
pub fn sign_in_then(here: &str) -> String {
    let query = Serializer::new(String::new()).append_pair("next", here).finish();
    format!("{SIGN_IN}?{query}")
}

/// One proposal.
pub fn proposal(id: &str) -> String {
    format!("{PROPOSALS}/{}", segment(id))
}

/// `POST`: decide a proposal.
pub fn decision(id: &str) -> String {
    format!("{PROPOSALS}/{}/decision", segment(id))
}

/// `POST`: withdraw a proposal.
pub fn withdrawal(id: &str) -> String {
    format!("{PROPOSALS}/{}/withdraw", segment(id))
}

/// One write.
pub fn write(id: &str) -> String {
    format!("{WRITES}/{}", segment(id))
}

/// `POST`: propose a write's undo.
pub fn undo(id: &str) -> String {
    format!("{WRITES}/{}/undo", segment(id))
}

/// One entry of the audit log.
pub fn audit_entry(sequence: u64) -> String {
    format!("{AUDIT}/{sequence}")
}

/// What proves that an entry is in the log, as a file.
pub fn audit_proof(sequence: u64) -> String {
    format!("{AUDIT}/{sequence}/proof")
}

/// `POST`: ask for something now.
pub fn errand(errand: Errand) -> String {
    format!("{JOBS}/{}", errand.word())
}

/// The page of reads with what was chosen on it.
pub(crate) fn reads(choice: &ReadsChoice) -> String {
    let mut pairs = Vec::new();
    if choice.span != Span::default() {
        pairs.push(("days", choice.span.word()));
    }
    if let Some(day) = &choice.day {
        pairs.push(("day", day.as_str()));
    }
    with_query(READS, &pairs)
}

/// One finding on the drift page.
pub fn finding(id: &str) -> String {
    format!("{DRIFT}/{}", segment(id))
}

/// The form of a proposal made from a finding.
pub(crate) fn fix(finding_id: &str) -> String {
    with_query(NEW_PROPOSAL, &[("finding", finding_id)])
}

/// Ignoring one finding, or all that are alike.
pub fn ignore(id: &str) -> String {
    format!("{DRIFT}/{}/ignore", segment(id))
}

/// Ending a rule by which findings are ignored.
pub fn unignore(finding: &str) -> String {
    format!("{DRIFT}/{}/unignore", segment(finding))
}

/// The state page with what was chosen on it.
pub(crate) fn state(choice: &StateChoice) -> String {
    let mut pairs = Vec::new();
    if choice.since != Since::default() {
        pairs.push(("since", choice.since.word()));
    }
    if let Some(number) = &choice.number {
        pairs.push(("number", number.as_str()));
    }
    if let Some(after) = &choice.after {
        pairs.push(("after", after.as_str()));
    }
    with_query(STATE, &pairs)
}

/// The start page, with since when changes are shown.
pub(crate) fn today(since: Since) -> String {
    if since == Since::default() { OVERVIEW.to_owned() } else { with_query(OVERVIEW, &[("since", since.word())]) }
}

/// The state page with the documents behind a number.
pub(crate) fn behind(number: &str, since: Since) -> String {
    state(&StateChoice { since, number: Some(number.to_owned()), ..StateChoice::default() })
}

/// The drift page with a filter.
pub(crate) fn drift(filter: &DriftFilter) -> String {
    let mut pairs = Vec::new();
    if let Some(kind) = filter.kind {
        pairs.push(("kind", kind.word()));
    }
    if let Some(collection) = &filter.collection {
        pairs.push(("collection", collection.as_str()));
    }
    if filter.state != StateFilter::default() {
        pairs.push(("state", filter.state.word()));
    }
    let page = (filter.page > 0).then(|| (filter.page + 1).to_string());
    pairs.extend(page.as_deref().map(|page| ("page", page)));
    with_query(DRIFT, &pairs)
}

/// The queue with what was chosen of it.
pub fn proposals(filter: &ProposalFilter) -> String {
    with_query(PROPOSALS, &filter.to_pairs(false))
}

/// One proposal, as it is reached from the queue: its neighbours there are a step away.
pub fn proposal_in(id: &str, queue: &ProposalFilter) -> String {
    with_query(&proposal(id), &queue.from_start().to_pairs(true))
}

/// `POST`: decide a proposal, and stay in the queue.
pub(crate) fn decision_in(id: &str, queue: &ProposalFilter) -> String {
    with_query(&decision(id), &queue.from_start().to_pairs(true))
}

/// Several proposals, to be looked at and decided together.
pub fn bulk_of(ids: &[String], is_done: bool) -> String {
    let mut pairs: Vec<(&str, &str)> = ids.iter().map(|id| ("item", id.as_str())).collect();
    if is_done {
        pairs.push(("done", "1"));
    }
    with_query(BULK, &pairs)
}

/// The documents of a collection.
pub fn documents(filter: &DocumentFilter) -> String {
    with_query(DOCUMENTS, &filter.to_pairs())
}

/// One document, by its path; `POST` proposes to restore a version of it.
pub fn document(path: &str) -> String {
    let segments: Vec<String> = path.split('/').map(segment).collect();
    format!("{DOCUMENTS}/{}", segments.join("/"))
}

/// A document's page with what was chosen on it.
pub fn document_at(address: &str, choice: &DocumentChoice) -> String {
    with_query(address, &choice.to_pairs())
}

/// The ledger with a filter.
pub(crate) fn writes(filter: &WriteFilter) -> String {
    let (after, before) = match &filter.turn {
        None => (None, None),
        Some(Turn::After(id)) => (Some(id.as_str()), None),
        Some(Turn::Before(id)) => (None, Some(id.as_str())),
    };
    with_given(WRITES, [("state", filter.state.map(WriteState::word)), ("after", after), ("before", before)])
}

/// The audit log with a filter.
pub(crate) fn audit(filter: &AuditFilter) -> String {
    let [before, after] = [filter.before, filter.after].map(|place| place.map(|sequence| sequence.to_string()));
    let pages = [("before", before.as_deref()), ("after", after.as_deref())];
    let pages = pages.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    let pairs: Vec<(&str, &str)> = filter.narrowings().chain(pages).collect();
    with_query(AUDIT, &pairs)
}

/// The audit log, narrowed to one target.
pub(crate) fn audit_of(target: &str) -> String {
    with_query(AUDIT, &[("target", target)])
}

fn with_given<'a, const COUNT: usize>(path: &str, pairs: [(&'a str, Option<&'a str>); COUNT]) -> String {
    let given: Vec<(&str, &str)> = pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    with_query(path, &given)
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// A text as a value in an address.
pub(crate) fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn segment(id: &str) -> String {
    byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{audit::Verdict, drift::FindingKind};

    fn pairs(path: &str) -> Vec<(String, String)> {
        let query = path.split_once('?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }

    #[test]
    fn a_filter_survives_its_own_address() {
        let audit = AuditFilter {
            actor: Some("uid & more".to_owned()),
            action: Some("proposal.decide".to_owned()),
            target: Some("reservations/r 42?".to_owned()),
            verdict: Some(Verdict::Deny),
            reason: Some("SELF_APPROVAL".to_owned()),
            from: Some("2026-03-18T10:00".to_owned()),
            to: Some("2026-03-18".to_owned()),
            before: Some(17),
            after: Some(3),
        };
        let read = pairs(&super::audit(&audit));
        assert_eq!(AuditFilter::from_pairs(read.iter().map(|(name, value)| (name.as_str(), value.as_str()))), audit);
        let without = AuditFilter { reason: None, before: None, after: None, ..audit.clone() };
        assert_eq!(audit.without("reason"), without);
        let choice = ReadsChoice { span: Span::Week, day: Some("2026-03-18".to_owned()) };
        let read = pairs(&super::reads(&choice));
        assert_eq!(ReadsChoice::from_pairs(read.iter().map(|(name, value)| (name.as_str(), value.as_str()))), choice);
        let drift = DriftFilter {
            kind: Some(FindingKind::UnknownWord),
            collection: Some("batches".to_owned()),
            state: StateFilter::All,
            page: 2,
        };
        let read = pairs(&super::drift(&drift));
        assert_eq!(DriftFilter::from_pairs(read.iter().map(|(name, value)| (name.as_str(), value.as_str()))), drift);
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        assert_eq!(proposal("../writes?x=1 2"), "/proposals/..%2Fwrites%3Fx%3D1%202");
    }

    #[test]
    fn a_document_is_reached_by_its_path() {
        assert_eq!(document("batches/b 1"), "/documents/batches/b%201");
    }

    #[test]
    fn words_nobody_knows_narrow_nothing() {
        let filter = DriftFilter::from_pairs([("kind", "nonsense"), ("state", "nonsense"), ("page", "2")]);
        assert!(!filter.narrows());
    }
}
