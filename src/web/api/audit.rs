//! The audit log.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::actor::Actor;
use crate::domain::audit::checkpoint::{Checkpoint, PublicKey};
use crate::domain::audit::tree::{Inclusion, leaf_hash};
use crate::domain::audit::{self, Action, Event, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::time::Timestamp;
use crate::store::audit::AuditQuery;
use crate::store::{self, Store};
use crate::web::api::{Person, Query};
use crate::web::body::JsonBody;
use crate::web::caller::Caller;
use crate::web::desk::Desk;
use crate::web::openapi::words::{Moment, Name, Sha256};
use crate::web::problem::Problem;

/// How many entries one answer has at most.
const PAGE: u16 = 100;

/// A page of the log: the answer to `GET /api/v1/audit`, with `?before=`, `action=`, `actor=` or `target=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// The `before` of the next older page; null at the end.
    pub older: Option<u64>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its place, from 1.
    pub sequence: u64,
    /// The studio.
    #[schema(value_type = Name)]
    pub studio: StudioId,
    /// When.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// Who.
    pub actor: Person,
    /// What, such as `proposal.approved`.
    pub action: String,
    /// About what, such as `proposal:…`.
    pub target: String,
    /// `OK`, or why it was denied.
    pub reason: String,
    /// The hash of what went in.
    #[schema(value_type = Option<Sha256>)]
    pub input: Option<Hash>,
    /// The hash of what came out.
    #[schema(value_type = Option<Sha256>)]
    pub output: Option<Hash>,
    /// Further facts by name.
    pub details: BTreeMap<String, String>,
    /// The hash of its leaf in the log's tree.
    #[schema(value_type = Sha256)]
    pub hash: Hash,
}

/// An entry and everything that proves that it is in the log, so that anybody can verify it without this box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryProof {
    /// Its place, from 1.
    pub sequence: u64,
    /// The canonical text; null when its payload was dropped.
    pub entry: Option<String>,
    /// The hash of its leaf: SHA-256 of a zero byte and the text.
    pub leaf: Hash,
    /// How many entries the tree has.
    pub tree_size: u64,
    /// The root of the tree.
    pub root: Hash,
    /// The hashes beside the way from the leaf to the root (RFC 6962, audit path).
    pub path: Vec<Hash>,
    /// The signed note: a C2SP tlog-checkpoint.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The text of the entry is not what the leaf is the hash of.
    #[error("the entry is not what the leaf is the hash of")]
    Leaf,
    /// The way does not lead from the leaf to the root.
    #[error("the way does not lead from the entry to the root")]
    Path,
    /// What is said to be the signed head is none, or is of another tree.
    #[error("the signed note is not the head of that tree")]
    Checkpoint,
    /// Somebody else signed.
    #[error("the head is not signed by that key")]
    Signature,
}

impl EntryProof {
    /// The proof of the entry at this place.
    pub fn of(sequence: u64, proof: store::audit::Proof) -> Self {
        Self {
            sequence,
            entry: proof.text,
            leaf: proof.leaf,
            tree_size: proof.inclusion.size,
            root: proof.checkpoint.root(),
            path: proof.inclusion.path,
            checkpoint: proof.checkpoint.note().to_owned(),
        }
    }

    /// Does it prove that the entry is in the log that this key signs? Without a key, only that the log is one.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn verify(&self, key: Option<&PublicKey>) -> Result<(), ProofFault> {
        if self.entry.as_ref().is_some_and(|text| leaf_hash(text.as_bytes()) != self.leaf) {
            return Err(ProofFault::Leaf);
        }
        let inclusion = Inclusion { size: self.tree_size, sequence: self.sequence, path: self.path.clone() };
        if !inclusion.holds(self.leaf, self.root) {
            return Err(ProofFault::Path);
        }
        let head = Checkpoint::parse(&self.checkpoint).map_err(|_| ProofFault::Checkpoint)?;
        if head.size() != self.tree_size || head.root() != self.root {
            return Err(ProofFault::Checkpoint);
        }
        match key {
            Some(key) if !head.is_signed_by(key) => Err(ProofFault::Signature),
            Some(_) | None => Ok(()),
        }
    }
}

/// How the log is sealed and anchored: the answer to `GET /api/v1/audit/seal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealState {
    /// How many entries there are.
    pub entries: u64,
    /// The newest signed checkpoint; null before the first.
    pub sealed: Option<SealedHead>,
    /// How many entries the newest checkpoint in Firestore covers.
    pub anchored: Option<u64>,
    /// How the anchors in Firestore stand to this log: `consistent`, `behind` or `forked`; null before the first look.
    pub standing: Option<String>,
    /// When that was looked at.
    #[schema(value_type = Option<Moment>)]
    pub checked: Option<Timestamp>,
    /// Why the newest checkpoint is not anchored, if that was tried in vain.
    pub trouble: Option<String>,
}

/// A signed checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealedHead {
    /// How many entries it covers.
    pub size: u64,
    /// The root of their tree.
    #[schema(value_type = Sha256)]
    pub root: Hash,
    /// When it was signed.
    #[schema(value_type = Moment)]
    pub at: Timestamp,
    /// The signed note.
    pub checkpoint: String,
}

/// Says that something about the log is wanted: a body without members.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealWish {}

/// A wish is in the log: done when a checkpoint covers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealAsked {
    /// The entry of the wish.
    pub sequence: u64,
}

impl SealState {
    /// As the database has it.
    ///
    /// # Errors
    /// If the database can't be read.
    pub async fn of(store: &Store) -> store::Result<Self> {
        let sealed = store.audit_sealed().await?;
        let standing = store.audit_standing().await?;
        Ok(Self {
            entries: store.audit_size().await?,
            sealed: sealed.map(|sealed| SealedHead {
                size: sealed.checkpoint.size(),
                root: sealed.checkpoint.root(),
                at: sealed.at,
                checkpoint: sealed.checkpoint.note().to_owned(),
            }),
            anchored: store.audit_newest_anchor().await?.map(|anchored| anchored.checkpoint.size()),
            standing: standing.as_ref().map(|standing| standing.anchors.word().to_owned()),
            checked: standing.as_ref().map(|standing| standing.checked),
            trouble: standing.and_then(|standing| standing.trouble),
        })
    }
}

impl From<audit::Entry> for AuditEntry {
    fn from(entry: audit::Entry) -> Self {
        let event = entry.event;
        Self {
            sequence: entry.sequence,
            studio: entry.studio,
            at: event.at,
            actor: Person::from(&event.actor),
            action: event.action.word().to_owned(),
            target: event.target.to_string(),
            reason: event.reason.code().to_owned(),
            input: event.input,
            output: event.output,
            details: event.details,
            hash: entry.hash,
        }
    }
}

pub(in crate::web) async fn read(
    State(desk): State<Desk>,
    Caller(_): Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<AuditPage>, Problem> {
    let query = Query::parse(query.as_deref(), &["before", "action", "actor", "target"])?;
    let text = |name| query.text(name).map(str::to_owned);
    let wanted = AuditQuery {
        actor: text("actor"),
        action: text("action"),
        target: text("target"),
        before: query.whole("before")?,
        ..AuditQuery::default()
    };
    let mut entries = desk.store().audit_entries(&wanted, PAGE + 1).await?;
    let more = entries.len() > usize::from(PAGE);
    entries.truncate(usize::from(PAGE));
    let older = entries.last().map(|entry| entry.sequence).filter(|_| more);
    Ok(Json(AuditPage { entries: entries.into_iter().map(AuditEntry::from).collect(), older }))
}

pub(in crate::web) async fn seal(State(desk): State<Desk>, Caller(_): Caller) -> Result<Json<SealState>, Problem> {
    Ok(Json(SealState::of(desk.store()).await?))
}

pub(in crate::web) async fn export(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(SealWish {}): JsonBody<SealWish>,
) -> Result<(StatusCode, Json<SealAsked>), Problem> {
    wish(&desk, &caller, Action::AuditExported).await
}

pub(in crate::web) async fn rotate_key(
    State(desk): State<Desk>,
    Caller(caller): Caller,
    JsonBody(SealWish {}): JsonBody<SealWish>,
) -> Result<(StatusCode, Json<SealAsked>), Problem> {
    wish(&desk, &caller, Action::AuditKeyRotationRequested).await
}

/// The wish is an entry: the job that seals finds it there.
async fn wish(desk: &Desk, caller: &Actor, action: Action) -> Result<(StatusCode, Json<SealAsked>), Problem> {
    let event = Event::new(desk.now(), caller.person(), action, Target::Other("audit log".to_owned()));
    let mut tx = desk.store().begin().await?;
    let sequence = tx.audit(desk.store().studio(), event).await?.sequence;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, Json(SealAsked { sequence })))
}
