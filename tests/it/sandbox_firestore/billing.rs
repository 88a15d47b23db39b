//! What the bill says, split by what caused it.

use gcloud_sdk::google::firestore::v1::target::ResumeType;
use gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, GetDocumentRequest, ListCollectionIdsRequest, ListDocumentsRequest, StructuredQuery,
};
use studio_brain::sandbox::firestore::BilledReads;

use super::harness::{DATABASE, Sandbox, all, collection, fields, name, target};

#[tokio::test]
async fn each_kind_of_read_is_billed_as_its_own() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 2), ("c/c", 3)]);
    let parent = || format!("{DATABASE}/documents");
    let documents = vec![name("c/a"), name("c/none")];
    sandbox.client.get_document(GetDocumentRequest { name: name("c/a"), ..Default::default() }).await.unwrap();
    sandbox.client.get_document(GetDocumentRequest { name: name("c/no"), ..Default::default() }).await.unwrap_err();
    let several = BatchGetDocumentsRequest { database: DATABASE.to_owned(), documents, ..Default::default() };
    sandbox.client.batch_get_documents(several).await.unwrap();
    let list = ListDocumentsRequest {
        parent: parent(),
        collection_id: "c".to_owned(),
        page_size: 2,
        ..ListDocumentsRequest::default()
    };
    sandbox.client.list_documents(list).await.unwrap();
    let ids = ListCollectionIdsRequest { parent: parent(), ..ListCollectionIdsRequest::default() };
    sandbox.client.list_collection_ids(ids).await.unwrap();
    sandbox.query(collection("c")).await.unwrap();
    sandbox.query(collection("none")).await.unwrap();
    sandbox.query(StructuredQuery { offset: 1, limit: Some(1), ..collection("c") }).await.unwrap();
    let billed = sandbox.database.billed();
    let expect = BilledReads { get: 4, list: 2, collection_ids: 1, query: 3 + 1 + 2, ..BilledReads::default() };
    assert_eq!(billed, expect);
    assert_eq!((billed.total(), sandbox.database.reads()), (13, 13));
}

#[tokio::test]
async fn a_listener_pays_for_its_start_and_then_for_changes_but_not_for_deletions() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 2)]);
    let mut stream = sandbox.listen().await;
    stream.add(all(1, "c")).await;
    let token = stream.snapshot().await.boundary.resume_token;
    stream.add(all(2, "empty")).await;
    stream.snapshot().await;
    assert_eq!(sandbox.database.billed(), BilledReads { listen_start: 3, ..BilledReads::default() });
    sandbox.database.reset_reads();
    sandbox.database.put("c/a", fields(5));
    stream.snapshot().await;
    sandbox.database.delete("c/b");
    stream.snapshot().await;
    sandbox.database.put("c/a", fields(5));
    assert_eq!(sandbox.database.billed(), BilledReads { listen: 1, ..BilledReads::default() });
    stream.close().await;
    let mut stream = sandbox.listen().await;
    stream.add(target(1, collection("c"), Some(ResumeType::ResumeToken(token)))).await;
    let told = stream.snapshot().await.told;
    assert_eq!(told, ["ADD [1]", "changed c/a [1]", "filter 1 counts 1", "CURRENT [1]"]);
    assert_eq!(sandbox.database.billed(), BilledReads { listen: 2, ..BilledReads::default() });
}
