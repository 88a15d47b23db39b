//! The service: one method per RPC. Each admits the request and hands over.

/// GetDocument, ListDocuments, BatchGetDocuments, ListCollectionIds.
mod documents;

/// RunQuery, RunAggregationQuery, PartitionQuery.
mod queries;

/// Commit, BatchWrite, the single-document writes, and where transactions begin and end.
mod changes;

/// Page tokens.
mod paging;

/// What befalls every call: size, faults, and answers that end too early.
mod calls;

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

pub(super) use self::calls::cut;
use super::databases::DatabaseState;
use super::faults::Method;
use super::generated::firestore_server::Firestore;
use super::names::{DatabaseName, ResourcePath, parse_document_name, parse_parent};
use super::refusal::not_served;
use super::{Empty, World, listen};

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

#[tonic::async_trait]
impl Firestore for Service {
    async fn get_document(&self, request: Request<GetDocumentRequest>) -> Unary<Document> {
        self.answer(Method::GetDocument, request, documents::get).await
    }

    async fn list_documents(&self, request: Request<ListDocumentsRequest>) -> Unary<ListDocumentsResponse> {
        self.answer(Method::ListDocuments, request, documents::list).await
    }

    async fn update_document(&self, request: Request<UpdateDocumentRequest>) -> Unary<Document> {
        self.answer(Method::UpdateDocument, request, changes::update).await
    }

    async fn delete_document(&self, request: Request<DeleteDocumentRequest>) -> Unary<Empty> {
        self.answer(Method::DeleteDocument, request, changes::delete).await
    }

    type BatchGetDocumentsStream = Answers<BatchGetDocumentsResponse>;

    async fn batch_get_documents(
        &self,
        request: Request<BatchGetDocumentsRequest>,
    ) -> Unary<Self::BatchGetDocumentsStream> {
        self.answers(Method::BatchGetDocuments, request, documents::batch_get).await
    }

    async fn begin_transaction(&self, request: Request<BeginTransactionRequest>) -> Unary<BeginTransactionResponse> {
        self.answer(Method::BeginTransaction, request, changes::begin).await
    }

    async fn commit(&self, request: Request<CommitRequest>) -> Unary<CommitResponse> {
        self.answer(Method::Commit, request, changes::commit).await
    }

    async fn rollback(&self, request: Request<RollbackRequest>) -> Unary<Empty> {
        self.answer(Method::Rollback, request, changes::roll_back).await
    }

    type RunQueryStream = Answers<RunQueryResponse>;

    async fn run_query(&self, request: Request<RunQueryRequest>) -> Unary<Self::RunQueryStream> {
        self.answers(Method::RunQuery, request, queries::run).await
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
        self.answers(Method::RunAggregationQuery, request, queries::aggregate).await
    }

    async fn partition_query(&self, request: Request<PartitionQueryRequest>) -> Unary<PartitionQueryResponse> {
        self.answer(Method::PartitionQuery, request, queries::partition).await
    }

    type WriteStream = Answers<WriteResponse>;

    async fn write(&self, _: Request<Streaming<WriteRequest>>) -> Unary<Self::WriteStream> {
        Err(not_served("Write"))
    }

    type ListenStream = Answers<ListenResponse>;

    async fn listen(&self, request: Request<Streaming<ListenRequest>>) -> Unary<Self::ListenStream> {
        let scissors = calls::scissors(&request);
        self.admit(Method::Listen).await?;
        let (databases, faults) = (self.world.databases.clone(), self.world.faults.clone());
        let line = listen::Line::new(faults, scissors, self.stop.clone());
        let (responses, stream) = listen::stream(databases, line, request.into_inner());
        self.tasks.spawn(stream);
        Ok(Response::new(Box::pin(responses)))
    }

    async fn list_collection_ids(
        &self,
        request: Request<ListCollectionIdsRequest>,
    ) -> Unary<ListCollectionIdsResponse> {
        self.answer(Method::ListCollectionIds, request, documents::collection_ids).await
    }

    async fn batch_write(&self, request: Request<BatchWriteRequest>) -> Unary<BatchWriteResponse> {
        self.answer(Method::BatchWrite, request, changes::batch_write).await
    }

    async fn create_document(&self, request: Request<CreateDocumentRequest>) -> Unary<Document> {
        self.answer(Method::CreateDocument, request, changes::create).await
    }
}
