//! The service: one method per RPC. Each admits the request and hands over.

/// GetDocument, ListDocuments, BatchGetDocuments, ListCollectionIds.
mod documents;

/// RunQuery, RunAggregationQuery, PartitionQuery.
mod queries;

/// Commit, BatchWrite and the single-document writes.
mod changes;

/// Page tokens.
mod paging;

use std::pin::Pin;
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::{
    BatchGetDocumentsRequest, BatchGetDocumentsResponse, BatchWriteRequest, BatchWriteResponse,
    BeginTransactionRequest, BeginTransactionResponse, CommitRequest, CommitResponse, CreateDocumentRequest,
    DeleteDocumentRequest, Document, ExecutePipelineRequest, ExecutePipelineResponse, GetDocumentRequest,
    ListCollectionIdsRequest, ListCollectionIdsResponse, ListDocumentsRequest, ListDocumentsResponse, ListenRequest,
    ListenResponse, PartitionQueryRequest, PartitionQueryResponse, RollbackRequest, RunAggregationQueryRequest,
    RunAggregationQueryResponse, RunQueryRequest, RunQueryResponse, UpdateDocumentRequest, WriteRequest, WriteResponse,
};
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::{Request, Response, Status, Streaming};

use super::databases::DatabaseState;
use super::generated::firestore_server::Firestore;
use super::names::{DatabaseName, ResourcePath, parse_document_name, parse_parent};
use super::refusal::{invalid, not_served};
use super::{Empty, World, listen};

/// Largest request, in bytes.
const REQUEST_BYTES: usize = 10 * 1024 * 1024;

type Answers<Message> = Pin<Box<dyn Stream<Item = Result<Message, Status>> + Send>>;
type Unary<Message> = Result<Response<Message>, Status>;

/// What every call works with.
pub(super) struct Service {
    world: World,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Service {
    /// A service over this world. Streams run in `tasks` until `stop`.
    pub(super) fn new(world: World, tasks: TaskTracker, stop: CancellationToken) -> Self {
        Self { world, tasks, stop }
    }

    /// Lets a request in, unless it is too large or a fault waits for it.
    fn admit<Message: prost::Message>(
        &self,
        method: &'static str,
        request: Request<Message>,
    ) -> Result<Message, Status> {
        self.world.faults.take_failure(method)?;
        let message = request.into_inner();
        if message.encoded_len() > REQUEST_BYTES {
            return Err(invalid("request", format_args!("payload size exceeds the limit: {REQUEST_BYTES} bytes")));
        }
        Ok(message)
    }

    fn database(&self, name: &str) -> Result<Arc<DatabaseState>, Status> {
        Ok(self.world.databases.get(&DatabaseName::parse("database", name)?))
    }

    fn document(&self, field: &str, name: &str) -> Result<(Arc<DatabaseState>, ResourcePath), Status> {
        let (database, path) = parse_document_name(field, name)?;
        Ok((self.world.databases.get(&database), path))
    }

    fn parent(&self, name: &str) -> Result<(Arc<DatabaseState>, ResourcePath), Status> {
        let (database, path) = parse_parent("parent", name)?;
        Ok((self.world.databases.get(&database), path))
    }
}

fn answers<Message: Send + 'static>(messages: Vec<Message>) -> Response<Answers<Message>> {
    Response::new(Box::pin(tokio_stream::iter(messages.into_iter().map(Ok))))
}

#[tonic::async_trait]
impl Firestore for Service {
    async fn get_document(&self, request: Request<GetDocumentRequest>) -> Unary<Document> {
        documents::get(self, self.admit("GetDocument", request)?).map(Response::new)
    }

    async fn list_documents(&self, request: Request<ListDocumentsRequest>) -> Unary<ListDocumentsResponse> {
        documents::list(self, self.admit("ListDocuments", request)?).map(Response::new)
    }

    async fn update_document(&self, request: Request<UpdateDocumentRequest>) -> Unary<Document> {
        changes::update(self, self.admit("UpdateDocument", request)?).map(Response::new)
    }

    async fn delete_document(&self, request: Request<DeleteDocumentRequest>) -> Unary<Empty> {
        changes::delete(self, self.admit("DeleteDocument", request)?).map(Response::new)
    }

    type BatchGetDocumentsStream = Answers<BatchGetDocumentsResponse>;

    async fn batch_get_documents(
        &self,
        request: Request<BatchGetDocumentsRequest>,
    ) -> Unary<Self::BatchGetDocumentsStream> {
        documents::batch_get(self, self.admit("BatchGetDocuments", request)?).map(answers)
    }

    async fn begin_transaction(&self, request: Request<BeginTransactionRequest>) -> Unary<BeginTransactionResponse> {
        let request = self.admit("BeginTransaction", request)?;
        let transaction = self.database(&request.database)?.ledger().begin(request.options)?;
        Ok(Response::new(BeginTransactionResponse { transaction }))
    }

    async fn commit(&self, request: Request<CommitRequest>) -> Unary<CommitResponse> {
        changes::commit(self, self.admit("Commit", request)?).map(Response::new)
    }

    async fn rollback(&self, request: Request<RollbackRequest>) -> Unary<Empty> {
        let request = self.admit("Rollback", request)?;
        self.database(&request.database)?.ledger().roll_back(&request.transaction)?;
        Ok(Response::new(()))
    }

    type RunQueryStream = Answers<RunQueryResponse>;

    async fn run_query(&self, request: Request<RunQueryRequest>) -> Unary<Self::RunQueryStream> {
        queries::run(self, self.admit("RunQuery", request)?).map(answers)
    }

    type ExecutePipelineStream = Answers<ExecutePipelineResponse>;

    async fn execute_pipeline(&self, _: Request<ExecutePipelineRequest>) -> Unary<Self::ExecutePipelineStream> {
        Err(not_served("ExecutePipeline"))
    }

    type RunAggregationQueryStream = Answers<RunAggregationQueryResponse>;

    async fn run_aggregation_query(
        &self,
        request: Request<RunAggregationQueryRequest>,
    ) -> Unary<Self::RunAggregationQueryStream> {
        queries::aggregate(self, self.admit("RunAggregationQuery", request)?).map(answers)
    }

    async fn partition_query(&self, request: Request<PartitionQueryRequest>) -> Unary<PartitionQueryResponse> {
        queries::partition(self, self.admit("PartitionQuery", request)?).map(Response::new)
    }

    type WriteStream = Answers<WriteResponse>;

    async fn write(&self, _: Request<Streaming<WriteRequest>>) -> Unary<Self::WriteStream> {
        Err(not_served("Write"))
    }

    type ListenStream = Answers<ListenResponse>;

    async fn listen(&self, request: Request<Streaming<ListenRequest>>) -> Unary<Self::ListenStream> {
        self.world.faults.take_failure("Listen")?;
        let (databases, faults) = (self.world.databases.clone(), self.world.faults.clone());
        let (responses, stream) = listen::stream(databases, faults, self.stop.clone(), request.into_inner());
        self.tasks.spawn(stream);
        Ok(Response::new(Box::pin(responses)))
    }

    async fn list_collection_ids(
        &self,
        request: Request<ListCollectionIdsRequest>,
    ) -> Unary<ListCollectionIdsResponse> {
        documents::collection_ids(self, self.admit("ListCollectionIds", request)?).map(Response::new)
    }

    async fn batch_write(&self, request: Request<BatchWriteRequest>) -> Unary<BatchWriteResponse> {
        changes::batch_write(self, self.admit("BatchWrite", request)?).map(Response::new)
    }

    async fn create_document(&self, request: Request<CreateDocumentRequest>) -> Unary<Document> {
        changes::create(self, self.admit("CreateDocument", request)?).map(Response::new)
    }
}
