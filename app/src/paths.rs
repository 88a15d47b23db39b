//! Every address a page links or posts to, in one place.

use form_urlencoded::{Serializer, byte_serialize};

use crate::model::{
    audit::AuditFilter,
    drift::{DriftFilter, StateFilter},
    proposals::ProposalFilter,
    state::{Since, StateChoice},
    writes::WriteState,
};

/// The start page.
pub const OVERVIEW: &str = "/";
/// How many of what there is.
pub const STATE: &str = "/state";
/// Differences between the mirror and the cloud.
pub const DRIFT: &str = "/drift";
/// `POST`: compare again now.
pub const DRIFT_CHECK: &str = "/drift/check";
/// The mirror's documents; `q` searches.
pub const DOCUMENTS: &str = "/documents";
/// The queue; `POST` proposes.
pub const PROPOSALS: &str = "/proposals";
/// The form of a new proposal.
pub const NEW_PROPOSAL: &str = "/proposals/new";
/// The ledger.
pub const WRITES: &str = "/writes";
/// The audit log.
pub const AUDIT: &str = "/audit";
/// The sign-in page.
pub const SIGN_IN: &str = "/sign-in";
/// `POST`: sign in as a persona of the sandbox.
pub const PERSONA: &str = "/session/persona";
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
    with_query(DRIFT, &pairs)
}

/// The queue with a tab.
pub(crate) fn proposals(tab: ProposalFilter) -> String {
    if tab == ProposalFilter::default() { PROPOSALS.to_owned() } else { with_query(PROPOSALS, &[("show", tab.word())]) }
}

/// The ledger with a filter.
pub(crate) fn writes(state: Option<WriteState>) -> String {
    state.map_or_else(|| WRITES.to_owned(), |state| with_query(WRITES, &[("state", state.word())]))
}

/// The audit log with a filter.
pub(crate) fn audit(filter: &AuditFilter) -> String {
    let before = filter.before.map(|sequence| sequence.to_string());
    let pairs: Vec<(&str, &str)> = [
        ("actor", filter.actor.as_deref()),
        ("action", filter.action.as_deref()),
        ("target", filter.target.as_deref()),
        ("verdict", filter.verdict.map(|verdict| verdict.word())),
        ("before", before.as_deref()),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value)))
    .collect();
    with_query(AUDIT, &pairs)
}

/// The audit log, narrowed to one target.
pub(crate) fn audit_of(target: &str) -> String {
    with_query(AUDIT, &[("target", target)])
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", Serializer::new(String::new()).extend_pairs(pairs).finish())
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
            before: Some(17),
        };
        let read = pairs(&super::audit(&audit));
        assert_eq!(AuditFilter::from_pairs(read.iter().map(|(name, value)| (name.as_str(), value.as_str()))), audit);
        let drift = DriftFilter {
            kind: Some(FindingKind::UnknownWord),
            collection: Some("batches".to_owned()),
            state: StateFilter::All,
        };
        let read = pairs(&super::drift(&drift));
        assert_eq!(DriftFilter::from_pairs(read.iter().map(|(name, value)| (name.as_str(), value.as_str()))), drift);
    }

    #[test]
    fn an_id_cannot_leave_its_segment() {
        assert_eq!(proposal("../writes?x=1 2"), "/proposals/..%2Fwrites%3Fx%3D1%202");
    }

    #[test]
    fn words_nobody_knows_narrow_nothing() {
        let filter = DriftFilter::from_pairs([("kind", "nonsense"), ("state", "nonsense"), ("page", "2")]);
        assert!(!filter.narrows());
    }
}
