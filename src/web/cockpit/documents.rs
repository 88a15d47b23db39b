//! One document: what it holds, its versions, and what was proposed, written and found about it.

use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use studio_cockpit::model::documents::{
    Compared, DocumentChoice, DocumentDetail, DocumentFilter, DocumentHistory, Field, FindingLine, Holding,
    RestoreForm, Restoring, VersionRow, VersionSeen,
};
use studio_cockpit::model::facts::{FieldValue, May};
use studio_cockpit::model::forms::FormProblem;
use studio_cockpit::model::overview::Freshness;
use studio_cockpit::model::trouble::Unanswered;
use studio_cockpit::paths;
use studio_cockpit::render::Page;

use crate::domain::capability::{Inputs, Request, shipped};
use crate::domain::diff::{FieldChange, diff};
use crate::domain::history::{COALESCED, Seen, Version};
use crate::domain::ids::DocPath;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::value::{Fields, Value};
use crate::gate::{GateError, NewProposal, Proposed};
use crate::store::{self, Mirrored};
use crate::web::body::FormBody;
use crate::web::cockpit::backend::Cockpit;
use crate::web::cockpit::facts::{self, Extent};
use crate::web::cockpit::findings;
use crate::web::cockpit::forms::told_at;
use crate::web::cockpit::naming::Names;
use crate::web::cockpit::pages::{Asked, fresh_key, show, show_as};
use crate::web::cockpit::viewer::Told;
use crate::web::denial::{is_about_reason, kind_of};
use crate::web::desk::DeskState;
use crate::web::problem::Problem;

/// How many versions a page shows.
const VERSIONS: u32 = 20;

/// How many proposals, and how many writes, a document's page shows.
const ABOUT: u16 = 10;

impl Cockpit {
    pub(super) async fn document_page(
        &self,
        path: &str,
        choice: &DocumentChoice,
    ) -> Result<DocumentDetail, Unanswered> {
        let viewer = self.viewer()?;
        let missing = || Unanswered::Missing { what: format!("Document {path}") };
        let path = DocPath::parse(path).map_err(|_| missing())?;
        let names = self.names();
        let held = self.panel("The document", self.store().document(&path).await);
        let history = self.panel("The versions", self.versions_of(&path, choice, names).await);
        if let (Ok(None), Ok(history)) = (&held, &history)
            && history.versions.is_empty()
        {
            return Err(missing());
        }
        let targets = self.panel("The mirror's state", self.store().targets().await)?;
        let target = targets.iter().find(|target| target.collection == path.collection());
        let now = held.as_ref().ok().and_then(Option::as_ref);
        let compared = match (&choice.from, &choice.to) {
            (Some(from), Some(to)) => self.compared(&path, (from, to), names).await.transpose(),
            _ => None,
        };
        let restoring = match &choice.restore {
            Some(at) => self.restoring(&path, at, now, names).await.transpose(),
            None => None,
        };
        let proposals = async || {
            let ids = self.store().proposals_about(&path, ABOUT).await?;
            self.proposal_rows(viewer, &self.store().proposals_of(&ids).await?).await
        };
        let writes = async || {
            let records = self.store().writes_to(&path, ABOUT).await?;
            self.write_rows(records).await
        };
        Ok(DocumentDetail {
            path: names.path(&path),
            collection: path.collection().to_string(),
            title: now.filter(|_| names.may_read(&path)).and_then(|held| names.title(&held.document.fields)),
            freshness: target.map_or(Freshness::Unknown, |target| self.freshness(target)),
            as_of: target.and_then(|target| target.read_time).map(Timestamp::to_jiff),
            is_shortened: names == Names::Short,
            history,
            compared: compared.map(|compared| self.panel("The two versions", compared)),
            restoring: restoring.map(|chosen| self.panel("The version to restore", chosen)),
            may_restore: self.may_restore(&path).await?,
            proposals: self.panel("The proposals about it", proposals().await),
            writes: self.panel("The writes to it", writes().await),
            findings: self.panel("The findings about it", self.findings_about(&path).await),
            held: held.map(|held| held.as_ref().map(|held| holding(held, names))),
        })
    }

    async fn versions_of(
        &self,
        path: &DocPath,
        choice: &DocumentChoice,
        names: Names,
    ) -> store::Result<DocumentHistory> {
        let before = choice.before.as_deref().and_then(|before| before.parse().ok());
        let found = self.store().versions(path, before, VERSIONS + 1).await?;
        let shown = found.len().min(VERSIONS as usize);
        let row = |(at, version): (usize, &Version)| {
            let changes = found.get(at + 1).and_then(|older| version.changes_since(older));
            VersionRow {
                name: version.observed.to_string(),
                observed: version.observed.to_jiff(),
                seen: match &version.seen {
                    Seen::Document(document) => VersionSeen::Document { updated_at: document.update_time.to_jiff() },
                    Seen::Unreadable(unreadable) => VersionSeen::Unreadable { why: unreadable.why.clone() },
                    Seen::Deleted => VersionSeen::Deleted,
                },
                is_newest: version.newest,
                changes: changes.map(|changes| shown_to(names, &changes)),
            }
        };
        Ok(DocumentHistory {
            note: COALESCED.to_owned(),
            versions: found.iter().take(shown).enumerate().map(row).collect(),
            older: (found.len() > shown).then(|| found[shown - 1].observed.to_string()),
        })
    }

    /// The version that was taken in at the moment that an address names.
    async fn version_called(&self, path: &DocPath, name: &str) -> store::Result<Option<Version>> {
        let Ok(observed) = name.parse::<Timestamp>() else { return Ok(None) };
        let just_after = Timestamp::from_micros(observed.micros().saturating_add(1));
        let found = self.store().versions(path, Some(just_after), 1).await?;
        Ok(found.into_iter().next().filter(|version| version.observed == observed))
    }

    async fn compared(
        &self,
        path: &DocPath,
        (from, to): (&str, &str),
        names: Names,
    ) -> store::Result<Option<Compared>> {
        let versions = (self.version_called(path, from).await?, self.version_called(path, to).await?);
        let (Some(left), Some(right)) = versions else { return Ok(None) };
        // Whichever was chosen as which: the earlier one stands on the left.
        let (earlier, later) = if left.observed <= right.observed { (left, right) } else { (right, left) };
        let changes = later.changes_since(&earlier).map(|changes| shown_to(names, &changes));
        Ok(Some(Compared { from: earlier.observed.to_jiff(), to: later.observed.to_jiff(), changes }))
    }

    async fn restoring(
        &self,
        path: &DocPath,
        name: &str,
        now: Option<&Mirrored>,
        names: Names,
    ) -> store::Result<Option<Restoring>> {
        let Some(version) = self.version_called(path, name).await? else { return Ok(None) };
        let Some(then) = version.document() else { return Ok(None) };
        let fields = now.map(|held| held.document.fields.clone()).unwrap_or_default();
        Ok(Some(Restoring {
            at: version.began().to_string(),
            observed: version.observed.to_jiff(),
            changes: shown_to(names, &diff(&fields, &then.fields)),
        }))
    }

    /// May the viewer propose to bring a version of it back?
    async fn may_restore(&self, path: &DocPath) -> Result<May, Unanswered> {
        let viewer = self.viewer()?;
        let Some(capability) = self.gate().registry().find(shipped::DOCUMENT_RESTORE) else {
            return Ok(facts::may(Err(Reason::CapabilityUnknown)));
        };
        if !capability.is_about(path) {
            let why = format!("Documents of `{}` are not brought back from here.", path.collection());
            return Ok(May::No { why });
        }
        let around = self.panel("The rules", self.gate().around(self.now()).await)?;
        Ok(facts::may(self.gate().may_propose(viewer, capability, &around).asked()))
    }

    async fn findings_about(&self, path: &DocPath) -> store::Result<Vec<FindingLine>> {
        let known = self.store().findings_about(path).await?;
        let line = |known: &crate::domain::finding::KnownFinding| FindingLine {
            id: known.id.to_string(),
            kind: findings::kind(known.finding.kind),
            summary: known.finding.summary.clone(),
            since: known.since.to_jiff(),
        };
        Ok(known.iter().map(line).collect())
    }
}

fn shown_to(names: Names, changes: &[FieldChange]) -> Vec<studio_cockpit::model::facts::FieldChange> {
    let changes: Vec<FieldChange> = changes.iter().map(|change| names.change(change)).collect();
    facts::changes(&changes, Extent::Short)
}

fn holding(held: &Mirrored, names: Names) -> Holding {
    let document = &held.document;
    Holding {
        fields: fields(&document.fields, names),
        created_at: document.create_time.to_jiff(),
        updated_at: document.update_time.to_jiff(),
        read_at: held.read_time.to_jiff(),
        hash: held.hash.to_string(),
    }
}

/// Every field; those in maps one by one.
fn fields(fields: &Fields, names: Names) -> Vec<Field> {
    // Maps are compared field by field only where both sides have them, so each is held against an empty one.
    let changes = diff(&emptied(fields), fields);
    shown_to(names, &changes)
        .into_iter()
        .filter(|change| change.after != FieldValue::Missing)
        .map(|change| Field { path: change.path, value: change.after })
        .collect()
}

/// The same maps without what they hold.
fn emptied(fields: &Fields) -> Fields {
    let maps = fields.iter().filter_map(|(name, value)| match value {
        Value::Map(inner) if !inner.is_empty() => Some((name.clone(), Value::Map(emptied(inner)))),
        Value::Map(_)
        | Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Double(_)
        | Value::Timestamp(_)
        | Value::Text(_)
        | Value::Bytes(_)
        | Value::Reference(_)
        | Value::GeoPoint { .. }
        | Value::Array(_) => None,
    });
    maps.collect()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::web) struct RestoreFields {
    at: String,
    reason: String,
    idempotency_key: String,
}

/// `GET /documents`
pub(in crate::web) async fn list(State(state): State<DeskState>, asked: Asked) -> Response {
    let filter = DocumentFilter::from_pairs(asked.pairs());
    show(&state, &asked, Page::Documents(filter)).await
}

/// `GET /documents/{path}`
pub(in crate::web) async fn page(State(state): State<DeskState>, Path(path): Path<String>, asked: Asked) -> Response {
    let choice = DocumentChoice::from_pairs(asked.pairs());
    let form = RestoreForm { idempotency_key: fresh_key(), ..RestoreForm::default() };
    show(&state, &asked, Page::Document { path, choice, form }).await
}

/// `POST /documents/{path}`: proposes to bring a version back.
pub(in crate::web) async fn restore(
    State(state): State<DeskState>,
    Path(path): Path<String>,
    mut asked: Asked,
    FormBody(fields): FormBody<RestoreFields>,
) -> Result<Response, Problem> {
    let (problem, status) = match propose(&state, &asked, &path, &fields).await {
        Ok(proposed) => {
            let told = if proposed.replayed { Told::ProposedBefore } else { Told::Proposed };
            return told_at(&state, &asked, told, paths::proposal(&proposed.id.to_string())).await;
        }
        Err(GateError::Denied(reason)) => {
            let sentence = reason.sentence().to_owned();
            let problem =
                if is_about_reason(reason) { FormProblem::Reason(sentence) } else { FormProblem::Whole(sentence) };
            (problem, kind_of(reason).status())
        }
        Err(GateError::Limited(_)) => {
            let sentence = Reason::RateLimited.sentence().to_owned();
            (FormProblem::Whole(sentence), kind_of(Reason::RateLimited).status())
        }
        Err(GateError::Input(input)) => {
            (FormProblem::Whole(format!("{input}.")), kind_of(Reason::InputInvalid).status())
        }
        Err(error @ (GateError::Overwritten(_) | GateError::Missing { .. } | GateError::Store(_))) => {
            return Err(error.into());
        }
    };
    let observed = observed_at(&state, &path, &fields.at).await?;
    let choice = DocumentChoice { restore: observed, ..DocumentChoice::default() };
    asked.here = paths::document_at(&paths::document(&path), &choice);
    let form = RestoreForm { reason: fields.reason, idempotency_key: fields.idempotency_key, problem: Some(problem) };
    Ok(show_as(&state, &asked, Page::Document { path, choice, form }, status).await)
}

async fn propose(state: &DeskState, asked: &Asked, path: &str, fields: &RestoreFields) -> Result<Proposed, GateError> {
    let gate = state.desk.gate();
    let known = gate.registry().find(shipped::DOCUMENT_RESTORE);
    let capability = known.ok_or(GateError::Denied(Reason::CapabilityUnknown))?;
    let inputs: Inputs = [("at".to_owned(), Value::text(&fields.at))].into();
    let new = NewProposal {
        requests: Request::parse(capability, path, &inputs)?.into(),
        reason: fields.reason.clone(),
        finding: None,
        request_key: Some(fields.idempotency_key.trim()).filter(|key| !key.is_empty()).map(str::to_owned),
        agent: None,
    };
    gate.propose(&asked.actor, new, state.desk.now()).await
}

/// The name of the version that stood at this moment, so that its form comes back.
async fn observed_at(state: &DeskState, path: &str, at: &str) -> Result<Option<String>, Problem> {
    let (Ok(path), Ok(at)) = (DocPath::parse(path), at.parse::<Timestamp>()) else { return Ok(None) };
    let versions = state.desk.store().versions(&path, None, VERSIONS).await?;
    Ok(versions.iter().find(|version| version.began() == at).map(|version| version.observed.to_string()))
}
