//! The responses, spelled out.

use gcloud_sdk::google::firestore::v1::listen_response::ResponseType;
use gcloud_sdk::google::firestore::v1::target_change::TargetChangeType;
use gcloud_sdk::google::firestore::v1::{
    BloomFilter, Document, DocumentChange, DocumentDelete, DocumentRemove, ExistenceFilter, ListenResponse,
    TargetChange,
};
use gcloud_sdk::google::rpc;
use tonic::Status;

use super::target::Difference;
use super::token::token;
use crate::sandbox::firestore::names::{DatabaseName, ResourcePath};
use crate::sandbox::firestore::times::Micros;

/// The whole stream is consistent as of `at`.
pub(super) fn boundary(at: Micros) -> ListenResponse {
    let told = TargetChange { resume_token: token(at), read_time: Some(at.timestamp()), ..TargetChange::default() };
    response(ResponseType::TargetChange(told))
}

/// The target is added.
pub(super) fn added(id: i32) -> ListenResponse {
    target_change(TargetChangeType::Add, id, TargetChange::default())
}

/// The client must forget what it has of the target.
pub(super) fn reset(id: i32) -> ListenResponse {
    target_change(TargetChangeType::Reset, id, TargetChange::default())
}

/// The target shows everything that was committed before it was added.
pub(super) fn current(id: i32, at: Micros) -> ListenResponse {
    let told = TargetChange { resume_token: token(at), read_time: Some(at.timestamp()), ..TargetChange::default() };
    target_change(TargetChangeType::Current, id, told)
}

/// The target is removed, with a cause if the client did not ask for it.
pub(super) fn removed(id: i32, cause: Option<&Status>) -> ListenResponse {
    let cause = cause.map(|status| rpc::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    });
    target_change(TargetChangeType::Remove, id, TargetChange { cause, ..TargetChange::default() })
}

/// How many documents match, and their names if the client wants them.
pub(super) fn existence(id: i32, count: usize, unchanged_names: Option<BloomFilter>) -> ListenResponse {
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    response(ResponseType::Filter(ExistenceFilter { target_id: id, count, unchanged_names }))
}

/// What a document, as it now is or is not, has become to the targets.
pub(super) fn change(
    database: &DatabaseName,
    document: Option<Document>,
    path: &ResourcePath,
    differences: &[(i32, Difference)],
    at: Micros,
) -> ListenResponse {
    let ids = |wanted: Difference| -> Vec<i32> {
        differences.iter().filter(|(_, difference)| *difference == wanted).map(|(id, _)| *id).collect()
    };
    let (target_ids, removed_target_ids) = (ids(Difference::Shown), ids(Difference::Gone));
    let (name, read_time) = (database.name_of(path), Some(at.timestamp()));
    response(match document {
        Some(document) if !target_ids.is_empty() => {
            ResponseType::DocumentChange(DocumentChange { document: Some(document), target_ids, removed_target_ids })
        }
        Some(_) => ResponseType::DocumentRemove(DocumentRemove { document: name, removed_target_ids, read_time }),
        None => ResponseType::DocumentDelete(DocumentDelete { document: name, removed_target_ids, read_time }),
    })
}

fn target_change(kind: TargetChangeType, id: i32, change: TargetChange) -> ListenResponse {
    let change = TargetChange { target_change_type: kind.into(), target_ids: vec![id], ..change };
    response(ResponseType::TargetChange(change))
}

fn response(response_type: ResponseType) -> ListenResponse {
    ListenResponse { response_type: Some(response_type) }
}
