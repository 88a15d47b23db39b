//! RunQuery, RunAggregationQuery, PartitionQuery.

use gcloud_sdk::google::firestore::v1::structured_aggregation_query::QueryType as Aggregated;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{
    Cursor, PartitionQueryRequest, PartitionQueryResponse, RunAggregationQueryRequest, RunAggregationQueryResponse,
    RunQueryRequest, RunQueryResponse, Value, partition_query_request, run_aggregation_query_request,
    run_query_request,
};
use tonic::Status;

use super::Service;
use super::paging::Page;
use crate::sandbox::firestore::bill::Cause;
use crate::sandbox::firestore::query::{Aggregations, Query};
use crate::sandbox::firestore::refusal::{invalid, missing, not_served};
use crate::sandbox::firestore::transactions::Consistency;

/// Index entries that are billed as one read.
const ENTRIES_PER_READ: usize = 1_000;

/// The documents of a query. An empty result is one answer with its read time.
pub(super) fn run(service: &Service, request: RunQueryRequest) -> Result<Vec<RunQueryResponse>, Status> {
    use run_query_request::{ConsistencySelector as Selector, QueryType};
    if request.explain_options.is_some() {
        return Err(not_served("explain_options"));
    }
    let (database, parent) = service.parent(&request.parent)?;
    let QueryType::StructuredQuery(query) = request.query_type.ok_or_else(|| missing("structured_query"))?;
    let query = Query::parse(&database.name, parent, query)?;
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
        Some(Selector::Transaction(id)) => Consistency::Transaction(id),
        Some(Selector::NewTransaction(options)) => Consistency::NewTransaction(options),
    };
    let mut ledger = database.ledger();
    let reading = ledger.read(consistency)?;
    ledger.saw_query(&reading, &query);
    let found = query.run(&ledger, reading.at);
    ledger.bill(Cause::Query, (found.documents.len() + found.skipped).max(1));
    drop(ledger);
    let read_time = Some(reading.at.timestamp());
    let mut skipped_results = i32::try_from(found.skipped).unwrap_or(i32::MAX);
    let mut answers = Vec::with_capacity(found.documents.len() + 1);
    if let Some(transaction) = reading.new_transaction() {
        answers.push(RunQueryResponse { transaction, ..RunQueryResponse::default() });
    }
    if found.documents.is_empty() {
        answers.push(RunQueryResponse { read_time, skipped_results, ..RunQueryResponse::default() });
    }
    for stored in found.documents {
        let document = Some(query.answer(&stored));
        answers.push(RunQueryResponse { document, read_time, skipped_results, ..RunQueryResponse::default() });
        skipped_results = 0;
    }
    Ok(answers)
}

/// count, sum and avg of a query.
pub(super) fn aggregate(
    service: &Service,
    request: RunAggregationQueryRequest,
) -> Result<Vec<RunAggregationQueryResponse>, Status> {
    use run_aggregation_query_request::{ConsistencySelector as Selector, QueryType};
    if request.explain_options.is_some() {
        return Err(not_served("explain_options"));
    }
    let (database, parent) = service.parent(&request.parent)?;
    let QueryType::StructuredAggregationQuery(aggregation) =
        request.query_type.ok_or_else(|| missing("structured_aggregation_query"))?;
    let aggregations = Aggregations::parse(aggregation.aggregations)?;
    let Aggregated::StructuredQuery(query) = aggregation.query_type.ok_or_else(|| missing("structured_query"))?;
    let query = Query::parse(&database.name, parent, query)?;
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
        Some(Selector::Transaction(id)) => Consistency::Transaction(id),
        Some(Selector::NewTransaction(options)) => Consistency::NewTransaction(options),
    };
    let mut ledger = database.ledger();
    let reading = ledger.read(consistency)?;
    ledger.saw_query(&reading, &query);
    let found = query.run(&ledger, reading.at);
    let entries = found.documents.len() + found.skipped;
    ledger.bill(Cause::Aggregation, entries.div_ceil(ENTRIES_PER_READ).max(1));
    let answer = RunAggregationQueryResponse {
        result: Some(aggregations.over(&found.documents)),
        transaction: reading.new_transaction().unwrap_or_default(),
        read_time: Some(reading.at.timestamp()),
        explain_metrics: None,
    };
    Ok(vec![answer])
}

/// Cursors that split a collection group into parts of about the same size.
pub(super) fn partition(service: &Service, request: PartitionQueryRequest) -> Result<PartitionQueryResponse, Status> {
    use partition_query_request::{ConsistencySelector as Selector, QueryType};
    let (database, parent) = service.parent(&request.parent)?;
    if !parent.is_root() {
        return Err(invalid("parent", "must be the root of a database"));
    }
    let points = usize::try_from(request.partition_count).unwrap_or(0);
    if points == 0 {
        return Err(invalid("partition_count", "must be positive"));
    }
    let QueryType::StructuredQuery(query) = request.query_type.ok_or_else(|| missing("structured_query"))?;
    let query = Query::parse(&database.name, parent, query)?;
    if !query.is_plain_group() {
        return Err(invalid(
            "structured_query",
            "must ask for all descendants, ordered by `__name__` and nothing else",
        ));
    }
    let consistency = match request.consistency_selector {
        None => Consistency::Strong,
        Some(Selector::ReadTime(time)) => Consistency::ReadTime(time),
    };
    let mut ledger = database.ledger();
    let page = Page::begin(&mut ledger, consistency, &request.page_token, request.page_size, points)?;
    let documents = query.run(&ledger, page.reading.at).documents;
    let points = points.min(documents.len().saturating_sub(1));
    let cursor = |point: usize| {
        let stored = &documents[point * documents.len() / (points + 1)];
        let name = ValueType::ReferenceValue(database.name.name_of(&stored.path));
        Cursor { values: vec![Value { value_type: Some(name) }], before: true }
    };
    // As in the service, each page is in order and the pages together are not.
    let pages = points.div_ceil(page.size()).max(1);
    let mut order: Vec<usize> = (1..=points).collect();
    order.sort_by_key(|point| point % pages);
    let (mut points, next_page_token) = page.cut(order);
    points.sort_unstable();
    let partitions = points.into_iter().map(cursor).collect();
    ledger.bill(Cause::Partition, 1);
    Ok(PartitionQueryResponse { partitions, next_page_token })
}
