//! Proofs of the mirror: ask for one, and read what came of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor::ActorKind;
use crate::domain::capability::BadInput;
use crate::domain::ids::{CollectionId, Hash};
use crate::domain::proof;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{self, Store};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{Moment, Name, Sha256};
use crate::web::problem::Problem;

/// What is to be proved: the body of `POST /api/v1/mirror/verifications`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationRequest {
    /// The mirrored collections; none named means all.
    #[serde(default)]
    #[schema(value_type = Vec<Name>)]
    pub collections: Vec<CollectionId>,
    /// Read every document again, within the day's budget. Only for operators and admins: it costs a read for each.
    #[serde(default)]
    pub deep: bool,
}

/// A proof that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationAsked {
    /// Its number. The same wish that is not begun yet is joined.
    pub id: i64,
}

/// A proof, and what came of it so far: the answer to `GET /api/v1/mirror/verifications/{id}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationRun {
    /// Its number.
    pub id: i64,
    /// Who asked for it; null when it was due.
    pub requested_by: Option<String>,
    /// When.
    #[schema(value_type = Moment)]
    pub requested: Timestamp,
    /// What is to be proved.
    #[schema(value_type = Vec<Name>)]
    pub collections: Vec<CollectionId>,
    /// Is every document read again?
    pub deep: bool,
    /// When it was over; null while it is not.
    #[schema(value_type = Option<Moment>)]
    pub finished: Option<Timestamp>,
    /// What came of each collection, in the order in which it came.
    pub results: Vec<Verification>,
}

/// What a look at one collection came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// The collection.
    #[schema(value_type = Name)]
    pub collection: CollectionId,
    /// What it came to.
    pub verdict: Verdict,
    /// The same in one sentence.
    pub says: String,
    /// What could not be told or put right, and why.
    pub why: Option<String>,
    /// No digests were kept yet: there was nothing to compare the mirror's documents with.
    pub first_look: bool,
    /// The cloud's read time of all that was compared; null when the collection was never read.
    #[schema(value_type = Option<Moment>)]
    pub read_time: Option<Timestamp>,
    /// How many documents the mirror had then, those that can't be kept too; null when they were not compared.
    pub documents: Option<u64>,
    /// How many the cloud had then; null when it was not asked.
    pub server_documents: Option<u64>,
    /// The hash of all that the mirror had then.
    #[schema(value_type = Option<Sha256>)]
    pub hash: Option<Hash>,
    /// Leaves of the digest tree that were not as they were kept.
    pub differing_leaves: u64,
    /// Documents read again.
    pub reread: u64,
    /// The cloud had them, the mirror did not.
    pub missing: u64,
    /// The mirror had them, the cloud did not.
    pub extra: u64,
    /// Both had them, but not the same.
    pub changed: u64,
    /// Of these three, those that were put right.
    pub repaired: u64,
    /// Reads billed for all this.
    pub reads: u64,
    /// When it was over.
    #[schema(value_type = Moment)]
    pub checked: Timestamp,
}

/// What a look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As many documents as the cloud has, each as it was kept.
    Equal,
    /// Something was not, whether or not it was put right.
    Differed,
    /// It could not be told.
    Unknown,
}

impl From<&proof::Verification> for Verification {
    fn from(one: &proof::Verification) -> Self {
        let proof::Differences { leaves, reread, missing, extra, changed, repaired } = one.differences;
        Self {
            collection: one.collection.clone(),
            verdict: match one.verdict {
                proof::Verdict::Equal => Verdict::Equal,
                proof::Verdict::Differed => Verdict::Differed,
                proof::Verdict::Unknown => Verdict::Unknown,
            },
            says: one.to_string(),
            why: one.why.clone(),
            first_look: one.is_first,
            read_time: one.read_time,
            documents: one.documents,
            server_documents: one.server_documents,
            hash: one.hash,
            differing_leaves: leaves,
            reread,
            missing,
            extra,
            changed,
            repaired,
            reads: one.reads,
            checked: one.checked,
        }
    }
}

impl VerificationRun {
    /// A run as the database has it.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn of(store: &Store, id: i64) -> store::Result<Option<Self>> {
        let Some((run, results)) = store.run_by_id(id).await? else { return Ok(None) };
        Ok(Some(Self {
            id: run.id,
            requested_by: run.requested_by,
            requested: run.requested,
            collections: run.collections,
            deep: run.depth == proof::Depth::Everything,
            finished: run.finished,
            results: results.iter().map(Verification::from).collect(),
        }))
    }
}

pub(in crate::web) async fn ask(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(body): JsonBody<VerificationRequest>,
) -> Result<(StatusCode, Json<VerificationAsked>), Problem> {
    let depth = if body.deep { proof::Depth::Everything } else { proof::Depth::Digests };
    match (caller.kind(), depth) {
        (ActorKind::Operator | ActorKind::Admin, _) | (ActorKind::Staff, proof::Depth::Digests) => {}
        (ActorKind::Human | ActorKind::Staff | ActorKind::Agent | ActorKind::System, _) => {
            return Err(Reason::RoleMissing.into());
        }
    }
    let targets = desk.store().targets().await?;
    for collection in &body.collections {
        if !targets.iter().any(|target| target.collection == *collection) {
            let rule = format!("`{collection}` is not mirrored");
            return Err(BadInput { field: "collections".to_owned(), rule }.into());
        }
    }
    let id = desk.request_verification(&caller, body.collections, depth).await?;
    Ok((StatusCode::ACCEPTED, Json(VerificationAsked { id })))
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Caller(_): Caller,
) -> Result<Json<VerificationRun>, Problem> {
    let missing = || Problem::not_found("There is no such proof.");
    let id = id.parse().map_err(|_| missing())?;
    Ok(Json(VerificationRun::of(desk.store(), id).await?.ok_or_else(missing)?))
}
