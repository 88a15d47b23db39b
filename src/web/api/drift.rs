//! Findings, and looks at the cloud.

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::canonical;
use crate::domain::diff::FieldChange;
use crate::domain::finding;
use crate::domain::ids::{CollectionId, DocPath, WriteId};
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::store;
use crate::web::api::Query;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Moment, Name};
use crate::web::problem::Problem;

/// The most findings in one answer.
const MOST: u16 = 1_000;

/// Findings: the answer to `GET /api/v1/findings`, and with `?resolved=true` those that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// The newest onset first, at most 1,000.
    pub findings: Vec<Finding>,
}

/// One disagreement between mirror, cloud, writes and vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// Its id: the same disagreement always has the same one.
    #[schema(value_type = Id)]
    pub id: Uuid,
    /// What kind.
    pub kind: FindingKind,
    /// The collection.
    #[schema(value_type = Name)]
    pub collection: CollectionId,
    /// The document; null when it is about the whole collection.
    #[schema(value_type = Option<DocumentPath>)]
    pub document: Option<DocPath>,
    /// One sentence.
    pub summary: String,
    /// Fields that differ.
    pub changes: Vec<Change>,
    /// The write that was overwritten.
    #[schema(value_type = Option<Id>)]
    pub write: Option<WriteId>,
    /// When it was first seen.
    #[schema(value_type = Moment)]
    pub since: Timestamp,
    /// When it was last looked at.
    #[schema(value_type = Moment)]
    pub looked: Timestamp,
    /// Since when it is gone; null while it is open.
    #[schema(value_type = Option<Moment>)]
    pub resolved: Option<Timestamp>,
}

/// What kind of disagreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A document's fields differ between mirror and cloud.
    MirrorDiffers,
    /// The cloud has a document that the mirror lacks.
    MissingInMirror,
    /// The mirror has a document that the cloud lacks.
    ExtraInMirror,
    /// The numbers of documents differ.
    CountDiffers,
    /// Somebody else changed what an approved write wrote.
    WriteOverwritten,
    /// A field holds a word that the vocabulary does not know.
    UnknownWord,
    /// Two fields of one document contradict each other.
    FlagsDisagree,
}

/// One field that differs: what we have, and what the cloud says. Null is a field that is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = FindingChange)]
pub struct Change {
    /// The field's path.
    pub path: String,
    /// What we have, in Firestore's JSON form.
    pub ours: Option<serde_json::Value>,
    /// What the cloud says, in Firestore's JSON form.
    pub theirs: Option<serde_json::Value>,
}

/// A look at the cloud that was asked for: the answer to `POST /api/v1/drift/checks`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckAsked {
    /// Its number. A look that is under way already is joined.
    pub id: i64,
}

/// A look at the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// Its number.
    pub id: i64,
    /// Who asked for it; null when it was due.
    pub requested_by: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    pub requested: Timestamp,
    /// When it ended; null while it has not.
    #[schema(value_type = Option<Moment>)]
    pub finished: Option<Timestamp>,
    /// How it ended; null while it has not.
    pub outcome: Option<CheckOutcome>,
    /// What could not be told, and why.
    pub why: Option<String>,
    /// Documents read from the cloud.
    pub documents_read: u64,
    /// Findings that are open now.
    pub findings_open: u64,
}

/// How a look at the cloud ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Nothing differs.
    Same,
    /// Something does.
    Drift,
    /// It could not be told.
    Unknown,
}

impl From<finding::FindingKind> for FindingKind {
    fn from(kind: finding::FindingKind) -> Self {
        match kind {
            finding::FindingKind::MirrorDiffers => Self::MirrorDiffers,
            finding::FindingKind::MissingInMirror => Self::MissingInMirror,
            finding::FindingKind::ExtraInMirror => Self::ExtraInMirror,
            finding::FindingKind::CountDiffers => Self::CountDiffers,
            finding::FindingKind::WriteOverwritten => Self::WriteOverwritten,
            finding::FindingKind::UnknownWord => Self::UnknownWord,
            finding::FindingKind::FlagsDisagree => Self::FlagsDisagree,
        }
    }
}

impl From<&FieldChange> for Change {
    fn from(change: &FieldChange) -> Self {
        let json =
            |value: &Value| serde_json::from_str(&canonical::encode_value(value)).expect("BUG: canonical text is JSON");
        Self {
            path: change.path.to_string(),
            ours: change.before.as_ref().map(json),
            theirs: change.after.as_ref().map(json),
        }
    }
}

impl From<finding::KnownFinding> for Finding {
    fn from(known: finding::KnownFinding) -> Self {
        Self {
            id: known.id,
            kind: known.finding.kind.into(),
            collection: known.finding.collection,
            document: known.finding.path,
            summary: known.finding.summary,
            changes: known.finding.changes.iter().map(Change::from).collect(),
            write: known.finding.write,
            since: known.since,
            looked: known.looked,
            resolved: known.resolved,
        }
    }
}

pub(in crate::web) async fn findings(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Findings>, Problem> {
    let query = Query::parse(query.as_deref(), &["resolved"])?;
    let findings = desk.store().findings(query.text("resolved") == Some("true"), MOST).await?;
    Ok(Json(Findings { findings: findings.into_iter().map(Finding::from).collect() }))
}

pub(in crate::web) async fn ask(
    State(desk): State<Desk>,
    Caller(caller): Caller,
) -> Result<(StatusCode, Json<CheckAsked>), Problem> {
    let id = desk.request_check(&caller).await?;
    Ok((StatusCode::ACCEPTED, Json(CheckAsked { id })))
}

pub(in crate::web) async fn check(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Check>, Problem> {
    let missing = || Problem::not_found("There is no such look at the cloud.");
    let id = id.parse().map_err(|_| missing())?;
    let check = desk.store().check_by_id(id).await?.ok_or_else(missing)?;
    let (finished, outcome, why) = match check.finished {
        None => (None, None, None),
        Some((at, store::findings::CheckOutcome::Same)) => (Some(at), Some(CheckOutcome::Same), None),
        Some((at, store::findings::CheckOutcome::Drift)) => (Some(at), Some(CheckOutcome::Drift), None),
        Some((at, store::findings::CheckOutcome::Unknown { why })) => {
            (Some(at), Some(CheckOutcome::Unknown), Some(why))
        }
    };
    Ok(Json(Check {
        id: check.id,
        requested_by: check.requested_by,
        requested: check.requested,
        finished,
        outcome,
        why,
        documents_read: check.documents_read,
        findings_open: desk.store().finding_count().await?,
    }))
}
