//! firestore-rs's fluent API: what our own client is built on can do all its work against the sandbox.

use firestore::{
    FirestoreDb, FirestoreDbOptions, FirestoreListenEvent, FirestoreListenerTarget, FirestoreMemListenStateStorage,
    FirestoreQueryCursor, FirestoreTransactionOptions, FirestoreWritePrecondition, path, paths,
};
use futures_util::TryStreamExt as _;
use gcloud_sdk::HeaderMap;
use gcloud_sdk::google_cloud_auth::credentials::{CacheableResource, Credentials, CredentialsProvider, EntityTag};
use gcloud_sdk::google_cloud_auth::errors::CredentialsError;
use serde::{Deserialize, Serialize};
use studio_brain::sandbox::firestore::{CallFault, Fault, Method, When};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::harness::{Sandbox, fields, integer};

const BATCHES: &str = "batches";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Batch {
    status: String,
    kiln: i64,
    tags: Vec<String>,
}

fn batch(status: &str, kiln: i64) -> Batch {
    Batch { status: status.to_owned(), kiln, tags: Vec::new() }
}

/// Credentials that are none, for a server that asks for none.
#[derive(Debug)]
struct Nobody;

impl CredentialsProvider for Nobody {
    async fn headers(&self, _: hyper::http::Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        Ok(CacheableResource::New { entity_tag: EntityTag::new(), data: HeaderMap::new() })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

async fn connect(sandbox: &Sandbox) -> FirestoreDb {
    let options =
        FirestoreDbOptions::new("glass".to_owned()).with_firebase_api_url(format!("http://{}", sandbox.address()));
    FirestoreDb::with_options_auth(options, Credentials::from(Nobody)).await.unwrap()
}

async fn put(db: &FirestoreDb, id: &str, batch: &Batch) {
    db.fluent().insert().into(BATCHES).document_id(id).object(batch).execute::<()>().await.unwrap();
}

async fn get(db: &FirestoreDb, id: &str) -> Option<Batch> {
    db.fluent().select().by_id_in(BATCHES).obj().one(id).await.unwrap()
}

#[tokio::test]
async fn documents_are_created_updated_and_deleted() {
    let sandbox = Sandbox::start().await;
    let db = connect(&sandbox).await;
    put(&db, "b-1", &batch("drying", 1)).await;
    assert_eq!(get(&db, "b-1").await, Some(batch("drying", 1)));
    let twice = db.fluent().insert().into(BATCHES).document_id("b-1").object(&batch("x", 1)).execute::<()>().await;
    assert!(matches!(twice, Err(firestore::errors::FirestoreError::DataConflictError(_))), "{twice:?}");
    let merged: Batch = db
        .fluent()
        .update()
        .fields(paths!(Batch::{status}))
        .in_col(BATCHES)
        .precondition(FirestoreWritePrecondition::Exists(true))
        .document_id("b-1")
        .object(&batch("glazed", 9))
        .execute()
        .await
        .unwrap();
    assert_eq!(merged, batch("glazed", 1));
    // An update without fields is a set: it also creates.
    db.fluent().update().in_col(BATCHES).document_id("b-2").object(&batch("set", 2)).execute::<()>().await.unwrap();
    assert_eq!(get(&db, "b-2").await, Some(batch("set", 2)));
    db.fluent().delete().from(BATCHES).document_id("b-1").execute().await.unwrap();
    assert_eq!(get(&db, "b-1").await, None);
    let missing = db
        .fluent()
        .update()
        .in_col(BATCHES)
        .precondition(FirestoreWritePrecondition::Exists(true))
        .document_id("b-1")
        .object(&batch("gone", 1))
        .execute::<()>()
        .await;
    assert!(matches!(missing, Err(firestore::errors::FirestoreError::DataNotFoundError(_))), "{missing:?}");
}

#[tokio::test]
async fn transactions_are_retried_until_nobody_interferes() {
    let sandbox = Sandbox::start().await;
    let db = connect(&sandbox).await;
    put(&db, "b-1", &batch("drying", 1)).await;
    let busy = CallFault::Fail { code: tonic::Code::Aborted, message: "Too much contention".to_owned() };
    sandbox.world.add_fault(Fault::call(Method::Commit, When::Next(1), busy));
    let options = FirestoreTransactionOptions::new().with_max_retries(3);
    db.run_transaction_with_options(
        |db, transaction| {
            Box::pin(async move {
                let old: Batch = db.fluent().select().by_id_in(BATCHES).obj().one("b-1").await?.expect("it is there");
                db.fluent()
                    .update()
                    .in_col(BATCHES)
                    .document_id("b-1")
                    .object(&batch(&old.status, old.kiln + 1))
                    .transforms(|t| t.fields([t.field(path!(Batch::tags)).append_missing_elements(["moved"])]))
                    .add_to_transaction(transaction)?;
                Ok(())
            })
        },
        options,
    )
    .await
    .unwrap();
    let moved = Batch { tags: vec!["moved".to_owned()], ..batch("drying", 2) };
    assert_eq!(get(&db, "b-1").await, Some(moved));

    let mut transaction = db.begin_transaction().await.unwrap();
    db.fluent().delete().from(BATCHES).document_id("b-1").add_to_transaction(&mut transaction).unwrap();
    transaction.rollback().await.unwrap();
    assert!(get(&db, "b-1").await.is_some());
}

#[tokio::test]
async fn a_batch_of_writes_answers_for_each() {
    let sandbox = Sandbox::start().await;
    let db = connect(&sandbox).await;
    let writer = db.create_simple_batch_writer().await.unwrap();
    let mut writes = writer.new_batch();
    for at in 0..20 {
        let new = batch("dry", at);
        let id = format!("b-{at:02}");
        db.fluent().update().in_col(BATCHES).document_id(id).object(&new).add_to_batch(&mut writes).unwrap();
    }
    let answer = writes.write().await.unwrap();
    assert_eq!(answer.statuses.iter().filter(|status| status.code == 0).count(), 20);
    assert_eq!(sandbox.database.document_count(), 20);
}

#[tokio::test]
async fn queries_have_cursors_groups_parts_and_sums() {
    let sandbox = Sandbox::start().await;
    let db = connect(&sandbox).await;
    for (id, kiln) in [("b-1", 1), ("b-2", 2), ("b-3", 2), ("b-4", 3)] {
        put(&db, id, &batch("dry", kiln)).await;
    }
    let below = db.parent_path("studios", "west").unwrap();
    let nested = batch("wet", 7);
    db.fluent().insert().into(BATCHES).document_id("b-5").parent(&below).object(&nested).execute::<()>().await.unwrap();
    let kilns = |batches: Vec<Batch>| batches.into_iter().map(|batch| batch.kiln).collect::<Vec<_>>();

    let select = || db.fluent().select().from(BATCHES);
    let by_kiln = || select().order(|o| o.fields([o.field(path!(Batch::kiln)).desc()]));
    let first: Vec<Batch> = by_kiln().limit(2).obj().query().await.unwrap();
    assert_eq!(kilns(first), [3, 2]);
    let after = FirestoreQueryCursor::AfterValue(vec![2.into()]);
    assert_eq!(kilns(by_kiln().start_at(after).obj().query().await.unwrap()), [1]);
    let twos: Vec<Batch> = select()
        .filter(|q| q.for_all([q.field(path!(Batch::kiln)).eq(2), q.field(path!(Batch::status)).is_not_null()]))
        .obj()
        .query()
        .await
        .unwrap();
    assert_eq!(kilns(twos), [2, 2]);
    let mut group = kilns(select().all_descendants().obj().query().await.unwrap());
    group.sort_unstable();
    assert_eq!(group, [1, 2, 2, 3, 7]);
    let parts = select()
        .all_descendants()
        .order(|o| o.fields([o.field("__name__").asc()]))
        .obj::<Batch>()
        .partition_query()
        .partition_count(3)
        .page_size(10)
        .stream_partitions_with_errors()
        .await
        .unwrap();
    let parts: Vec<_> = parts.try_collect().await.unwrap();
    assert_eq!(parts.len(), 5, "every document is in one part");

    #[derive(Debug, PartialEq, Deserialize)]
    struct Totals {
        count: i64,
        sum: i64,
        average: f64,
    }
    let totals: Vec<Totals> = select()
        .aggregate(|a| {
            a.fields([
                a.field("count").count(),
                a.field("sum").sum(path!(Batch::kiln)),
                a.field("average").avg(path!(Batch::kiln)),
            ])
        })
        .obj()
        .query()
        .await
        .unwrap();
    assert_eq!(totals, [Totals { count: 4, sum: 8, average: 2.0 }]);
    let listed = db.fluent().list().from(BATCHES).page_size(2).obj::<Batch>().stream_all_with_errors().await.unwrap();
    assert_eq!(listed.try_collect::<Vec<_>>().await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_listener_hears_of_changes_and_deletions() {
    let sandbox = Sandbox::start().await;
    let db = connect(&sandbox).await;
    put(&db, "b-1", &batch("dry", 1)).await;
    let mut listener = db.create_listener(FirestoreMemListenStateStorage::new()).await.unwrap();
    db.fluent()
        .select()
        .from(BATCHES)
        .listen()
        .add_target(FirestoreListenerTarget::new(42_u32), &mut listener)
        .unwrap();
    let (tell, mut told) = mpsc::unbounded_channel();
    listener
        .start(move |event| {
            let tell = tell.clone();
            async move {
                let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
                let words = match event {
                    FirestoreListenEvent::DocumentChange(change) => {
                        change.document.map(|document| format!("changed {}", last(&document.name)))
                    }
                    FirestoreListenEvent::DocumentDelete(delete) => Some(format!("deleted {}", last(&delete.document))),
                    FirestoreListenEvent::TargetChange(_)
                    | FirestoreListenEvent::DocumentRemove(_)
                    | FirestoreListenEvent::Filter(_) => None,
                };
                words.into_iter().for_each(|words| {
                    // The test may have heard enough.
                    let _ = tell.send(words);
                });
                Ok(())
            }
        })
        .await
        .unwrap();
    let mut next = async || {
        timeout(std::time::Duration::from_secs(20), told.recv()).await.expect("the listener fell silent").unwrap()
    };
    assert_eq!(next().await, "changed b-1");
    sandbox.database.merge("batches/b-1", [("kiln".to_owned(), integer(2))].into());
    assert_eq!(next().await, "changed b-1");
    sandbox.database.put("batches/b-2", fields(1));
    assert_eq!(next().await, "changed b-2");
    sandbox.database.delete("batches/b-1");
    assert_eq!(next().await, "deleted b-1");
    listener.shutdown().await.unwrap();
}
