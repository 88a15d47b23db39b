//! What the fault injector does to responses: still a legal stream, but for a filter that counts wrong.

use gcloud_sdk::google::firestore::v1::ListenResponse;
use gcloud_sdk::google::firestore::v1::listen_response::ResponseType;

use crate::sandbox::firestore::faults::Injector;

/// The responses as they go out.
pub(super) fn distort(faults: &Injector, mut responses: Vec<ListenResponse>) -> Vec<ListenResponse> {
    miscount(faults, &mut responses);
    if !responses.iter().any(is_about_document) {
        return responses;
    }
    if faults.duplicates() {
        let twice = |response: ListenResponse| {
            let again = is_about_document(&response).then(|| response.clone());
            std::iter::once(response).chain(again)
        };
        responses = responses.into_iter().flat_map(twice).collect();
    }
    // What is told about documents stays between the same words about targets.
    for documents in responses.chunk_by_mut(|one, two| is_about_document(one) && is_about_document(two)) {
        if documents.len() > 1 {
            faults.reorder(documents);
        }
    }
    responses
}

fn miscount(faults: &Injector, responses: &mut [ListenResponse]) {
    for response in responses {
        if let Some(ResponseType::Filter(filter)) = &mut response.response_type
            && let Some(by) = faults.miscount()
        {
            filter.count = filter.count.saturating_add(by).max(0);
        }
    }
}

fn is_about_document(response: &ListenResponse) -> bool {
    match response.response_type {
        Some(ResponseType::DocumentChange(_) | ResponseType::DocumentDelete(_) | ResponseType::DocumentRemove(_)) => {
            true
        }
        Some(ResponseType::TargetChange(_) | ResponseType::Filter(_)) | None => false,
    }
}
