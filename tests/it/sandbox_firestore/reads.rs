//! Reads: queries, moments, bills, refusals.

use std::time::Duration;

use gcloud_sdk::google::firestore::v1::structured_aggregation_query::{Aggregation, aggregation};
use gcloud_sdk::google::firestore::v1::structured_query::{CollectionSelector, Direction, field_filter::Operator};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{
    ArrayValue, BatchGetDocumentsRequest, Cursor, ExecutePipelineRequest, GetDocumentRequest, ListCollectionIdsRequest,
    ListDocumentsRequest, PartitionQueryRequest, RunAggregationQueryRequest, StructuredAggregationQuery,
    StructuredQuery, Value, batch_get_documents_response, get_document_request, partition_query_request,
    run_aggregation_query_request, run_query_request, structured_aggregation_query,
};
use prost_types::Timestamp;
use studio_brain::sandbox::firestore::Options;
use tonic::{Code, Status};

use super::harness::{DATABASE, Sandbox, collection, fields, integer, name, order, put, run_query, wherever};

fn double(number: f64) -> Value {
    Value { value_type: Some(ValueType::DoubleValue(number)) }
}

fn reference(path: &str) -> Value {
    Value { value_type: Some(ValueType::ReferenceValue(name(path))) }
}

fn list(values: Vec<Value>) -> Value {
    Value { value_type: Some(ValueType::ArrayValue(ArrayValue { values })) }
}

fn root() -> String {
    format!("{DATABASE}/documents")
}

fn group(id: &str) -> StructuredQuery {
    let from = CollectionSelector { collection_id: id.to_owned(), all_descendants: true };
    StructuredQuery { from: vec![from], ..StructuredQuery::default() }
}

async fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1), ("c/b", 2), ("c/c", 3), ("c/d", 2), ("c/a/sub/x", 1), ("d/q/c/z", 2)]);
    sandbox
}

#[tokio::test]
async fn filters_orders_and_cursors_choose_documents() {
    let mut sandbox = sandbox().await;
    let c = || collection("c");
    let descending = vec![order("n", Direction::Descending.into())];
    let after = |values| Some(Cursor { values, before: false });
    let cases: Vec<(StructuredQuery, &[&str])> = vec![
        (c(), &["c/a", "c/b", "c/c", "c/d"]),
        (wherever(c(), "n", Operator::Equal, double(2.0)), &["c/b", "c/d"]),
        (wherever(c(), "n", Operator::NotEqual, integer(2)), &["c/a", "c/c"]),
        (wherever(c(), "n", Operator::GreaterThan, integer(1)), &["c/b", "c/d", "c/c"]),
        (wherever(c(), "n", Operator::In, list(vec![integer(3), integer(1)])), &["c/a", "c/c"]),
        (wherever(c(), "n", Operator::NotIn, list(vec![integer(3), integer(1)])), &["c/b", "c/d"]),
        (wherever(c(), "__name__", Operator::GreaterThan, reference("c/b")), &["c/c", "c/d"]),
        (wherever(c(), "absent", Operator::NotEqual, integer(2)), &[]),
        (StructuredQuery { order_by: descending.clone(), ..c() }, &["c/c", "c/d", "c/b", "c/a"]),
        (StructuredQuery { order_by: descending.clone(), offset: 1, limit: Some(2), ..c() }, &["c/d", "c/b"]),
        (StructuredQuery { order_by: descending.clone(), start_at: after(vec![integer(2)]), ..c() }, &["c/a"]),
        (
            StructuredQuery {
                order_by: vec![order("n", 2), order("__name__", 2)],
                start_at: after(vec![integer(2), reference("c/d")]),
                end_at: Some(Cursor { values: vec![integer(1)], before: true }),
                ..c()
            },
            &["c/b"],
        ),
        (group("c"), &["c/a", "c/b", "c/c", "c/d", "d/q/c/z"]),
        (group(""), &["c/a", "c/a/sub/x", "c/b", "c/c", "c/d", "d/q/c/z"]),
        (StructuredQuery { limit: Some(0), ..c() }, &[]),
    ];
    for (query, expect) in cases {
        assert_eq!(sandbox.query(query.clone()).await.unwrap(), expect, "{query:?}");
    }
}

#[tokio::test]
async fn bad_queries_are_refused_with_the_field_that_is_wrong() {
    let mut sandbox = sandbox().await;
    let c = || collection("c");
    let cases = [
        (StructuredQuery::default(), "from"),
        (collection("a/b"), "from.collection_id"),
        (StructuredQuery { limit: Some(-1), ..c() }, "limit"),
        (StructuredQuery { offset: -1, ..c() }, "offset"),
        (wherever(c(), "a..b", Operator::Equal, integer(1)), "where.field_filter.field"),
        (wherever(c(), "n", Operator::Unspecified, integer(1)), "where.field_filter.op"),
        (wherever(c(), "n", Operator::In, integer(1)), "where.field_filter.value"),
        (wherever(c(), "n", Operator::In, list(Vec::new())), "where.field_filter.value"),
        (wherever(c(), "n", Operator::NotIn, list(vec![integer(1); 11])), "where.field_filter.value"),
        (wherever(c(), "__name__", Operator::Equal, integer(1)), "where.field_filter.value"),
        (wherever(c(), "n", Operator::Equal, Value::default()), "where.field_filter.value"),
        (StructuredQuery { start_at: Some(Cursor { values: vec![integer(1)], before: true }), ..c() }, "start_at"),
    ];
    for (query, field) in cases {
        let status = sandbox.query(query).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().starts_with(field), "{status}");
    }
}

#[tokio::test]
async fn a_read_time_shows_the_documents_of_that_moment() {
    let mut sandbox = sandbox().await;
    let then = sandbox.database.put("c/a", fields(10));
    sandbox.database.delete("c/b");
    let at = |time| {
        let mut request = run_query(collection("c"));
        request.consistency_selector = Some(run_query_request::ConsistencySelector::ReadTime(time));
        request
    };
    let mut answers = sandbox.client.run_query(at(then)).await.unwrap().into_inner();
    let mut found = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        assert_eq!(answer.read_time, Some(then));
        found.extend(answer.document.map(|document| document.fields["n"].clone()));
    }
    assert_eq!(found, [integer(10), integer(2), integer(3), integer(2)]);
    let long_ago = sandbox.client.run_query(at(Timestamp { seconds: 1, nanos: 0 })).await.unwrap_err();
    assert_eq!(long_ago.code(), Code::FailedPrecondition, "{long_ago}");
    let ahead = Timestamp { seconds: then.seconds + 3_600, nanos: 0 };
    assert_eq!(sandbox.client.run_query(at(ahead)).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn documents_are_got_alone_and_together() {
    let mut sandbox = sandbox().await;
    let get = |path: &str| GetDocumentRequest { name: name(path), ..Default::default() };
    let document = sandbox.client.get_document(get("c/a")).await.unwrap().into_inner();
    assert_eq!((document.fields, document.create_time), (fields(1), document.update_time));
    let status = sandbox.client.get_document(get("c/none")).await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, &*format!("Document \"{}\" not found.", name("c/none")))
    );
    let bad = GetDocumentRequest { name: "c/a".to_owned(), ..Default::default() };
    assert_eq!(sandbox.client.get_document(bad).await.unwrap_err().code(), Code::InvalidArgument);
    let unknown = get_document_request::ConsistencySelector::Transaction(vec![0; 8]);
    let gone = GetDocumentRequest { consistency_selector: Some(unknown), ..get("c/a") };
    assert_eq!(sandbox.client.get_document(gone).await.unwrap_err().code(), Code::InvalidArgument);

    let documents = vec![name("c/none"), name("c/b")];
    let request = BatchGetDocumentsRequest { database: DATABASE.to_owned(), documents, ..Default::default() };
    let mut answers = sandbox.client.batch_get_documents(request).await.unwrap().into_inner();
    let mut told = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        told.push(match answer.result.unwrap() {
            batch_get_documents_response::Result::Found(document) => document.name,
            batch_get_documents_response::Result::Missing(name) => format!("no {name}"),
        });
    }
    assert_eq!(told, [format!("no {}", name("c/none")), name("c/b")]);
}

#[tokio::test]
async fn a_count_is_billed_by_the_thousand_and_a_query_by_the_document() {
    let mut sandbox = Sandbox::start().await;
    sandbox.database.seed((0..1_001).map(|at| (format!("c/{at}"), fields(at))));
    let count = aggregation::Operator::Count(aggregation::Count { up_to: None });
    let structured = StructuredAggregationQuery {
        aggregations: vec![Aggregation { alias: "all".to_owned(), operator: Some(count) }],
        query_type: Some(structured_aggregation_query::QueryType::StructuredQuery(collection("c"))),
    };
    let request = RunAggregationQueryRequest {
        parent: root(),
        query_type: Some(run_aggregation_query_request::QueryType::StructuredAggregationQuery(structured)),
        ..Default::default()
    };
    let mut answers = sandbox.client.run_aggregation_query(request).await.unwrap().into_inner();
    let result = answers.message().await.unwrap().unwrap().result.unwrap();
    assert_eq!(result.aggregate_fields["all"], integer(1_001));
    assert_eq!(sandbox.database.reads(), 2);
    sandbox.database.reset_reads();
    let limited = StructuredQuery { offset: 3, limit: Some(5), ..collection("c") };
    assert_eq!(sandbox.query(limited).await.unwrap().len(), 5);
    assert_eq!(sandbox.database.reads(), 8, "what an offset skips is billed");
    sandbox.database.reset_reads();
    assert!(sandbox.query(collection("none")).await.unwrap().is_empty());
    assert_eq!(sandbox.database.reads(), 1);
}

#[tokio::test]
async fn lists_come_in_pages_and_groups_in_parts() {
    let mut sandbox = sandbox().await;
    let mut listed = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDocumentsRequest {
            parent: root(),
            collection_id: "c".to_owned(),
            page_size: 3,
            page_token,
            ..Default::default()
        };
        let page = sandbox.client.list_documents(request).await.unwrap().into_inner();
        listed.push(page.documents.len());
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(listed, [3, 1]);
    let ids = ListCollectionIdsRequest { parent: root(), ..Default::default() };
    let ids = sandbox.client.list_collection_ids(ids).await.unwrap().into_inner().collection_ids;
    assert_eq!(ids, ["c", "d"]);
    let by_name = StructuredQuery { order_by: vec![order("__name__", 1)], ..group("c") };
    let request = PartitionQueryRequest {
        parent: root(),
        partition_count: 2,
        query_type: Some(partition_query_request::QueryType::StructuredQuery(by_name)),
        ..Default::default()
    };
    let parts = sandbox.client.partition_query(request).await.unwrap().into_inner().partitions;
    let points: Vec<Value> = parts.into_iter().flat_map(|cursor| cursor.values).collect();
    assert_eq!(points, [reference("c/b"), reference("c/d")]);
}

#[tokio::test]
async fn what_is_too_large_or_not_served_is_refused() {
    let mut sandbox = Sandbox::with(Options { heartbeat: Duration::from_secs(1), ..Options::default() }).await;
    let status = sandbox.client.execute_pipeline(ExecutePipelineRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let bytes = |count| {
        let mut write = put("c/a", 1);
        let value = Value { value_type: Some(ValueType::BytesValue(vec![0; count])) };
        if let Some(gcloud_sdk::google::firestore::v1::write::Operation::Update(document)) = &mut write.operation {
            document.fields.insert("bytes".to_owned(), value);
        }
        write
    };
    let refused = |outcome: Result<_, Status>| outcome.map(|_| ()).unwrap_err();
    for (size, words) in [(11 << 20, "request: payload size"), (1_048_488, "document.fields.bytes")] {
        let status = refused(sandbox.commit(vec![bytes(size)]).await);
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert!(status.message().starts_with(words), "{status}");
    }
    sandbox.commit((0..9).map(|_| bytes(1_000_000)).collect()).await.unwrap();
    assert_eq!(sandbox.database.document_count(), 1);
}
