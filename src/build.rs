//! Two things are made at build time: the Firestore server trait that the sandbox implements,
//! and an empty database with every migration applied, against which sqlx checks each query.

use std::path::PathBuf;
use std::{env, fs};

use tonic_build::manual::{Builder, Method, Service};

fn main() {
    firestore_server();
    schema_database();
}

/// The service of `google/firestore/v1/firestore.proto`, over gcloud-sdk's message types.
fn firestore_server() {
    // (rust name, route, request, response, client streams, server streams)
    const METHODS: [(&str, &str, &str, &str, bool, bool); 17] = [
        ("get_document", "GetDocument", "GetDocumentRequest", "Document", false, false),
        ("list_documents", "ListDocuments", "ListDocumentsRequest", "ListDocumentsResponse", false, false),
        ("update_document", "UpdateDocument", "UpdateDocumentRequest", "Document", false, false),
        ("delete_document", "DeleteDocument", "DeleteDocumentRequest", "", false, false),
        (
            "batch_get_documents",
            "BatchGetDocuments",
            "BatchGetDocumentsRequest",
            "BatchGetDocumentsResponse",
            false,
            true,
        ),
        ("begin_transaction", "BeginTransaction", "BeginTransactionRequest", "BeginTransactionResponse", false, false),
        ("commit", "Commit", "CommitRequest", "CommitResponse", false, false),
        ("rollback", "Rollback", "RollbackRequest", "", false, false),
        ("run_query", "RunQuery", "RunQueryRequest", "RunQueryResponse", false, true),
        ("execute_pipeline", "ExecutePipeline", "ExecutePipelineRequest", "ExecutePipelineResponse", false, true),
        (
            "run_aggregation_query",
            "RunAggregationQuery",
            "RunAggregationQueryRequest",
            "RunAggregationQueryResponse",
            false,
            true,
        ),
        ("partition_query", "PartitionQuery", "PartitionQueryRequest", "PartitionQueryResponse", false, false),
        ("write", "Write", "WriteRequest", "WriteResponse", true, true),
        ("listen", "Listen", "ListenRequest", "ListenResponse", true, true),
        (
            "list_collection_ids",
            "ListCollectionIds",
            "ListCollectionIdsRequest",
            "ListCollectionIdsResponse",
            false,
            false,
        ),
        ("batch_write", "BatchWrite", "BatchWriteRequest", "BatchWriteResponse", false, false),
        ("create_document", "CreateDocument", "CreateDocumentRequest", "Document", false, false),
    ];
    let message = |name: &str| match name {
        "" => "crate::sandbox::firestore::Empty".to_owned(),
        name => format!("::gcloud_sdk::google::firestore::v1::{name}"),
    };
    let mut service = Service::builder().name("Firestore").package("google.firestore.v1");
    for (name, route, input, output, client_streams, server_streams) in METHODS {
        let mut method = Method::builder()
            .name(name)
            .route_name(route)
            .input_type(message(input))
            .output_type(message(output))
            .codec_path("::tonic_prost::ProstCodec");
        if client_streams {
            method = method.client_streaming();
        }
        if server_streams {
            method = method.server_streaming();
        }
        service = service.method(method.build());
    }
    Builder::new().build_client(false).compile(&[service.build()]);
}

/// `DATABASE_URL` for sqlx's macros: a fresh database, so that a query that does not fit the migrations does not compile.
fn schema_database() {
    println!("cargo:rerun-if-changed=migrations");
    println!("cargo:rerun-if-changed=src/build.rs");
    let file = PathBuf::from(env::var("OUT_DIR").expect("BUG: cargo sets OUT_DIR")).join("schema.db");
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = fs::remove_file(format!("{}{suffix}", file.display()));
    }
    let url = format!("sqlite://{}?mode=rwc", file.display());
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("could not start a runtime to apply the migrations")
        .block_on(async {
            let pool = sqlx::SqlitePool::connect(&url).await.expect("could not create the schema database");
            let migrator = sqlx::migrate::Migrator::new(std::path::Path::new("migrations"));
            let migrator = migrator.await.expect("could not read `migrations`");
            migrator.run(&pool).await.expect("a migration failed");
            pool.close().await;
        });
    println!("cargo:rustc-env=DATABASE_URL={url}");
}
