//! A sandbox, a client and one stream.

use std::collections::HashMap;
use std::io;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::listen_request::TargetChange as Change;
use gcloud_sdk::google::firestore::v1::listen_response::ResponseType;
use gcloud_sdk::google::firestore::v1::precondition::ConditionType;
use gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, FieldFilter, FieldReference, Filter, Order, field_filter, filter::FilterType,
};
use gcloud_sdk::google::firestore::v1::target::{QueryTarget, ResumeType, TargetType, query_target};
use gcloud_sdk::google::firestore::v1::target_change::TargetChangeType;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    CommitRequest, CommitResponse, Document, ListenRequest, ListenResponse, Precondition, RunQueryRequest,
    StructuredQuery, Target, TargetChange, Value, Write, run_query_request,
};
use hyper_util::rt::TokioIo;
use studio_brain::sandbox::firestore::{Database, FirestoreServer, Options, World};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint, Uri};
use tonic::{Status, Streaming};

/// How long a stream may be silent: longer than a heartbeat takes.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) const DATABASE: &str = "projects/glass/databases/(default)";

/// A running sandbox with a connected client.
pub(super) struct Sandbox {
    pub(super) client: FirestoreClient<Channel>,
    pub(super) world: World,
    pub(super) database: Database,
    server: FirestoreServer,
}

impl Sandbox {
    pub(super) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(super) async fn with(options: Options) -> Self {
        Self::serve(World::new(options)).await
    }

    pub(super) async fn serve(world: World) -> Self {
        let server = FirestoreServer::serve(([127, 0, 0, 1], 0).into(), world).await.unwrap();
        let url = format!("http://{}", server.address());
        let channel = Channel::from_shared(url).unwrap().connect().await.unwrap();
        Self::over(server, channel)
    }

    /// A sandbox at the other end of a pipe in memory: nothing happens between the ticks of a paused clock.
    pub(super) async fn in_memory() -> Self {
        let (dial, calls) = mpsc::channel::<io::Result<tokio::io::DuplexStream>>(8);
        let world = World::new(Options::default());
        let server = FirestoreServer::serve_over(([127, 0, 0, 1], 0).into(), ReceiverStream::new(calls), world);
        let connector = tower::service_fn(move |_: Uri| {
            let dial = dial.clone();
            async move {
                let (ours, theirs) = tokio::io::duplex(64 << 10);
                dial.send(Ok(theirs)).await.map_err(io::Error::other)?;
                Ok::<_, io::Error>(TokioIo::new(ours))
            }
        });
        let channel = Endpoint::from_static("http://sandbox").connect_with_connector(connector).await.unwrap();
        Self::over(server, channel)
    }

    fn over(server: FirestoreServer, channel: Channel) -> Self {
        let client = FirestoreClient::new(channel).max_decoding_message_size(64 << 20);
        let world = server.world();
        Self { client, database: world.database(DATABASE), world, server }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> std::net::SocketAddr {
        self.server.address()
    }

    /// Stops the server while its client is still connected.
    pub(super) async fn stop(self) {
        timeout(Duration::from_secs(20), self.server.stop()).await.expect("the server did not stop");
    }

    /// Seeds documents that have one field `n`.
    pub(super) fn seed(&self, documents: &[(&str, i64)]) {
        self.database.seed(documents.iter().map(|(path, n)| ((*path).to_owned(), fields(*n))));
    }

    pub(super) async fn commit(&mut self, writes: Vec<Write>) -> Result<CommitResponse, Status> {
        let request = CommitRequest { database: DATABASE.to_owned(), writes, ..CommitRequest::default() };
        self.client.commit(request).await.map(tonic::Response::into_inner)
    }

    /// Names of the documents of a query, relative to the root.
    pub(super) async fn query(&mut self, query: StructuredQuery) -> Result<Vec<String>, Status> {
        let request = run_query(query);
        let mut answers = self.client.run_query(request).await?.into_inner();
        let mut paths = Vec::new();
        while let Some(answer) = answers.message().await? {
            assert!(answer.read_time.is_some());
            paths.extend(answer.document.map(|document| relative(&document.name)));
        }
        Ok(paths)
    }

    pub(super) async fn listen(&mut self) -> Stream {
        let (requests, stream) = mpsc::channel(8);
        let responses = self.client.listen(ReceiverStream::new(stream)).await.unwrap().into_inner();
        Stream { requests, responses }
    }
}

/// One listen stream.
pub(super) struct Stream {
    requests: mpsc::Sender<ListenRequest>,
    responses: Streaming<ListenResponse>,
}

/// Everything up to one boundary.
pub(super) struct Snapshot {
    /// What came, each in a few words.
    pub(super) told: Vec<String>,
    /// The boundary itself.
    pub(super) boundary: TargetChange,
}

impl Stream {
    pub(super) async fn add(&self, target: Target) {
        self.request(Change::AddTarget(target)).await;
    }

    pub(super) async fn request(&self, change: Change) {
        let request =
            ListenRequest { database: DATABASE.to_owned(), target_change: Some(change), ..ListenRequest::default() };
        self.requests.send(request).await.unwrap();
    }

    /// Says goodbye and waits until the server has let go.
    pub(super) async fn close(self) {
        let Self { requests, mut responses } = self;
        drop(requests);
        while responses.message().await.unwrap().is_some() {}
    }

    /// The next response, which must come within a time that only a broken server needs.
    pub(super) async fn response(&mut self) -> Result<Option<ListenResponse>, Status> {
        timeout(PATIENCE, self.responses.message()).await.expect("the stream fell silent")
    }

    /// True if nothing comes for this long.
    pub(super) async fn is_silent_for(&mut self, time: Duration) -> bool {
        timeout(time, self.responses.message()).await.is_err()
    }

    /// Everything up to the next boundary, told in words.
    pub(super) async fn snapshot(&mut self) -> Snapshot {
        let mut responses = self.until_boundary().await;
        let Some(ResponseType::TargetChange(boundary)) = responses.pop() else {
            unreachable!("it ends with a boundary")
        };
        Snapshot { told: responses.into_iter().map(words).collect(), boundary }
    }

    /// Everything up to the next boundary, which is the last one.
    pub(super) async fn until_boundary(&mut self) -> Vec<ResponseType> {
        let mut responses = Vec::new();
        loop {
            let response = self.response().await.unwrap().expect("the stream ended");
            responses.extend(response.response_type);
            if matches!(responses.last(), Some(ResponseType::TargetChange(change)) if is_boundary(change)) {
                return responses;
            }
        }
    }
}

fn is_boundary(change: &TargetChange) -> bool {
    change.target_change_type() == TargetChangeType::NoChange
        && change.target_ids.is_empty()
        && change.read_time.is_some()
}

/// A response in a few words.
pub(super) fn words(response: ResponseType) -> String {
    match response {
        ResponseType::TargetChange(change) => {
            let cause = change.cause.as_ref().map(|cause| format!(" because {}", cause.code)).unwrap_or_default();
            format!("{} {:?}{cause}", change.target_change_type().as_str_name(), change.target_ids)
        }
        ResponseType::DocumentChange(change) => {
            let path = relative(&change.document.unwrap().name);
            let gone = if change.removed_target_ids.is_empty() {
                String::new()
            } else {
                format!(" gone {:?}", change.removed_target_ids)
            };
            format!("changed {path} {:?}{gone}", change.target_ids)
        }
        ResponseType::DocumentDelete(delete) => {
            format!("deleted {} {:?}", relative(&delete.document), delete.removed_target_ids)
        }
        ResponseType::DocumentRemove(remove) => {
            format!("removed {} {:?}", relative(&remove.document), remove.removed_target_ids)
        }
        ResponseType::Filter(filter) => {
            let names = if filter.unchanged_names.is_some() { " with names" } else { "" };
            format!("filter {} counts {}{names}", filter.target_id, filter.count)
        }
    }
}

pub(super) fn relative(name: &str) -> String {
    name.strip_prefix(&format!("{DATABASE}/documents/")).expect("a name of our database").to_owned()
}

pub(super) fn name(path: &str) -> String {
    format!("{DATABASE}/documents/{path}")
}

pub(super) fn integer(number: i64) -> Value {
    Value { value_type: Some(ValueType::IntegerValue(number)) }
}

pub(super) fn number(value: &Value) -> i64 {
    match value.value_type {
        Some(ValueType::IntegerValue(number)) => number,
        _ => panic!("{value:?} is not an integer"),
    }
}

pub(super) fn fields(n: i64) -> HashMap<String, Value> {
    HashMap::from([("n".to_owned(), integer(n))])
}

/// A write of a document with one field `n`.
pub(super) fn put(path: &str, n: i64) -> Write {
    let document = Document { name: name(path), fields: fields(n), ..Document::default() };
    Write { operation: Some(Operation::Update(document)), ..Write::default() }
}

/// The same write under a condition.
pub(super) fn only_if(condition: ConditionType, write: Write) -> Write {
    Write { current_document: Some(Precondition { condition_type: Some(condition) }), ..write }
}

/// All documents of a root collection.
pub(super) fn collection(id: &str) -> StructuredQuery {
    let from = CollectionSelector { collection_id: id.to_owned(), all_descendants: false };
    StructuredQuery { from: vec![from], ..StructuredQuery::default() }
}

/// The documents whose field stands in a relation to a value.
pub(super) fn wherever(
    query: StructuredQuery,
    field: &str,
    op: field_filter::Operator,
    value: Value,
) -> StructuredQuery {
    let filter = FieldFilter { field: Some(reference(field)), op: op.into(), value: Some(value) };
    let filter = Filter { filter_type: Some(FilterType::FieldFilter(filter)) };
    StructuredQuery { r#where: Some(filter), ..query }
}

pub(super) fn order(field: &str, direction: i32) -> Order {
    Order { field: Some(reference(field)), direction }
}

/// A listen stream's target on a whole collection.
pub(super) fn all(target_id: i32, id: &str) -> Target {
    target(target_id, collection(id), None)
}

fn reference(field: &str) -> FieldReference {
    FieldReference { field_path: field.to_owned() }
}

pub(super) fn run_query(query: StructuredQuery) -> RunQueryRequest {
    RunQueryRequest {
        parent: format!("{DATABASE}/documents"),
        query_type: Some(run_query_request::QueryType::StructuredQuery(query)),
        ..RunQueryRequest::default()
    }
}

/// A target on a query, resumed if asked.
pub(super) fn target(target_id: i32, query: StructuredQuery, resume_type: Option<ResumeType>) -> Target {
    let query = QueryTarget {
        parent: format!("{DATABASE}/documents"),
        query_type: Some(query_target::QueryType::StructuredQuery(query)),
    };
    Target { target_id, target_type: Some(TargetType::Query(query)), resume_type, ..Target::default() }
}
