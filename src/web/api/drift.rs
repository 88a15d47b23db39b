//! Findings.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::canonical;
use crate::domain::diff::FieldChange;
use crate::domain::finding;
use crate::domain::ids::{CollectionId, DocPath, WriteId};
use crate::domain::time::Timestamp;
use crate::domain::value::Value;
use crate::web::api::Query;
use crate::web::api::ignores::IgnoreRule;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{DocumentPath, Id, Moment, Name};
use crate::web::problem::Problem;

/// The most findings in one answer.
const MOST: u16 = 10_000;

/// How long a look is good for: one is due every few minutes.
pub(super) const GOOD_FOR: Duration = Duration::from_secs(3_600);

/// Findings: the answer to `GET /api/v1/findings`, and with `?resolved=true` those that are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Findings {
    /// The newest onset first, at most 10,000.
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
    /// The question that it answers: mirror, numbers, writes, schema, rules or settings.
    pub family: String,
    /// The rule, field or number that it is about, where its kind does not say it all.
    pub rule: Option<String>,
    /// How sure the look was: high, medium or low.
    pub confidence: String,
    /// Other documents that it rests on.
    #[schema(value_type = Vec<DocumentPath>)]
    pub evidence: Vec<DocPath>,
    /// The cloud's time as of which it was seen; null when it was not seen there.
    #[schema(value_type = Option<Moment>)]
    pub as_of: Option<Timestamp>,
    /// Where it stands: in-sync, drifted, ignored, stale or unknown.
    pub state: String,
    /// The rule by which it is ignored; null when it is not.
    pub ignored: Option<IgnoreRule>,
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
    /// A number that was derived here is not what the cloud counts.
    NumberDiffers,
    /// Documents have a field that nobody knows.
    NewField,
    /// A field holds another type than it should.
    WrongType,
    /// A document lacks a field that it must have.
    MissingField,
    /// A document names another one that does not exist.
    DanglingReference,
    /// Documents break a rule of consistency.
    RuleBroken,
    /// Our clock and the server's differ.
    ClockDiffers,
    /// The configuration is another than the one that runs.
    ConfigDiffers,
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
            finding::FindingKind::NumberDiffers => Self::NumberDiffers,
            finding::FindingKind::NewField => Self::NewField,
            finding::FindingKind::WrongType => Self::WrongType,
            finding::FindingKind::MissingField => Self::MissingField,
            finding::FindingKind::DanglingReference => Self::DanglingReference,
            finding::FindingKind::RuleBroken => Self::RuleBroken,
            finding::FindingKind::ClockDiffers => Self::ClockDiffers,
            finding::FindingKind::ConfigDiffers => Self::ConfigDiffers,
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

impl Finding {
    /// A finding as it stands now.
    pub(super) fn of(known: finding::KnownFinding, ignores: &[finding::Ignore], now: Timestamp) -> Self {
        let standing = known.standing(ignores, None, GOOD_FOR, now);
        Self {
            family: known.finding.kind.family().word().to_owned(),
            confidence: known.finding.confidence.word().to_owned(),
            as_of: known.finding.as_of,
            state: standing.word().to_owned(),
            ignored: match standing {
                finding::Standing::Ignored(rule) => Some(IgnoreRule::from(&rule)),
                finding::Standing::InSync
                | finding::Standing::Drifted
                | finding::Standing::Stale
                | finding::Standing::Unknown { .. } => None,
            },
            rule: known.finding.rule,
            evidence: known.finding.evidence,
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
    let (now, ignores) = (desk.now(), desk.store().ignores(desk.now()).await?);
    let findings = desk.store().findings(query.text("resolved") == Some("true"), MOST).await?;
    Ok(Json(Findings { findings: findings.into_iter().map(|known| Finding::of(known, &ignores, now)).collect() }))
}

pub(in crate::web) async fn finding(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<Finding>, Problem> {
    let missing = || Problem::not_found("There is no such finding.");
    let id = Uuid::try_parse(&id).map_err(|_| missing())?;
    let known = desk.store().finding(id).await?.ok_or_else(missing)?;
    let (now, ignores) = (desk.now(), desk.store().ignores(desk.now()).await?);
    Ok(Json(Finding::of(known, &ignores, now)))
}
