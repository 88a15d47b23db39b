//! Reading and discarding with the raw client: as fast as it gets.

use std::time::Instant;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gcloud_sdk::google::firestore::v1 as wire;
use serde_json::{Value as Json, json};
use tokio_util::task::TaskTracker;
use tonic::transport::Channel;
use wire::firestore_client::FirestoreClient;
use wire::structured_query::{CollectionSelector, Direction, FieldReference, Order};

use crate::server::DATABASE;
use crate::{Arguments, peak_mb};

/// How many streams run at once: as many as the mirror's.
const STREAMS: usize = 4;

/// The raw client on a connection of its own.
pub(super) async fn client(server: &str) -> anyhow::Result<FirestoreClient<Channel>> {
    let client = FirestoreClient::connect(format!("http://{server}")).await?;
    Ok(client.max_decoding_message_size(64 << 20))
}

/// Reads every collection to its end, and keeps nothing.
pub(super) async fn drain(arguments: &Arguments) -> anyhow::Result<Json> {
    let client = client(&arguments.server).await?;
    let tasks = TaskTracker::new();
    let began = Instant::now();
    let streams = arguments.collection_names().into_iter().map(|collection| {
        let running = tasks.spawn(discard(client.clone(), collection));
        async move { running.await? }
    });
    let seen: u64 =
        stream::iter(streams).buffer_unordered(STREAMS).try_fold(0, async |sum, seen| Ok(sum + seen)).await?;
    anyhow::ensure!(seen == arguments.docs, "{seen} documents came");
    Ok(json!({ "seconds": began.elapsed().as_secs_f64(), "peak_mb": peak_mb() }))
}

async fn discard(mut client: FirestoreClient<Channel>, collection: String) -> anyhow::Result<u64> {
    let query = wire::StructuredQuery {
        from: vec![CollectionSelector { collection_id: collection, all_descendants: false }],
        order_by: vec![Order {
            field: Some(FieldReference { field_path: "__name__".to_owned() }),
            direction: Direction::Ascending.into(),
        }],
        ..Default::default()
    };
    let request = wire::RunQueryRequest {
        parent: format!("{DATABASE}/documents"),
        query_type: Some(wire::run_query_request::QueryType::StructuredQuery(query)),
        ..Default::default()
    };
    let mut answers = client.run_query(request).await?.into_inner();
    let mut seen = 0;
    while let Some(answer) = answers.message().await? {
        seen += u64::from(answer.document.is_some());
    }
    Ok(seen)
}
