//! What the server counts and adds up, all at one read time.

use gcloud_sdk::google::firestore::v1 as wire;
use wire::run_aggregation_query_request::{ConsistencySelector, QueryType};
use wire::structured_aggregation_query::aggregation::{Count, Operator, Sum};
use wire::structured_aggregation_query::{Aggregation, QueryType as AggregationOver};
use wire::structured_query::field_filter::Operator as Comparison;
use wire::structured_query::filter::FilterType;
use wire::structured_query::{CollectionSelector, FieldFilter, FieldReference, Filter};
use wire::value::ValueType;

use crate::authority::Authority;
use crate::authority::convert::{timestamp, wire_timestamp, wire_value};
use crate::authority::error::{Error, Result};
use crate::authority::read::{Counted, root_query};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::reads;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Value};

/// The name of the count among what is asked for.
const DOCUMENTS: &str = "documents";

/// The name of the sum among what is asked for.
const SUM: &str = "sum";

impl Authority {
    /// How many documents of a root collection have exactly this value in a field, at `read_time`.
    pub async fn count_where(
        &self,
        collection: &CollectionId,
        field: &FieldPath,
        value: &Value,
        read_time: Timestamp,
    ) -> Result<Counted> {
        let filter = FieldFilter {
            field: Some(FieldReference { field_path: field.to_string() }),
            op: Comparison::Equal.into(),
            value: Some(wire_value(value)),
        };
        let query = wire::StructuredQuery {
            r#where: Some(Filter { filter_type: Some(FilterType::FieldFilter(filter)) }),
            ..root_query(collection)
        };
        self.count_of(collection, query, Some(read_time)).await
    }

    /// What a field comes to over all documents of a collection below a document, at `read_time`.
    ///
    /// What is not a number is passed over; no documents come to the integer zero.
    pub async fn sum_below(
        &self,
        document: &DocPath,
        below: &CollectionId,
        field: &FieldPath,
        read_time: Timestamp,
    ) -> Result<Value> {
        let doing = || format!("add up `{field}` of `{document}/{below}`");
        let query = wire::StructuredQuery {
            from: vec![CollectionSelector { collection_id: below.to_string(), all_descendants: false }],
            ..Default::default()
        };
        let sum = Sum { field: Some(FieldReference { field_path: field.to_string() }) };
        let asked = vec![count(), Aggregation { alias: SUM.to_owned(), operator: Some(Operator::Sum(sum)) }];
        let (answer, _) = self.aggregate(&doing, self.name(document), (query, asked), Some(read_time)).await?;
        self.bill(below, reads::count(answer.count.unwrap_or_default()));
        match answer.sum {
            Some(ValueType::IntegerValue(sum)) => Ok(Value::Integer(sum)),
            Some(ValueType::DoubleValue(sum)) => Ok(Value::Double(sum)),
            _ => Err(Error::malformed(doing(), "the server did not say what it comes to")),
        }
    }

    pub(super) async fn count_of(
        &self,
        collection: &CollectionId,
        query: wire::StructuredQuery,
        read_time: Option<Timestamp>,
    ) -> Result<Counted> {
        let doing = || format!("count `{collection}`");
        let (answer, seen) = self.aggregate(&doing, self.root().to_owned(), (query, vec![count()]), read_time).await?;
        self.bill(collection, reads::count(answer.count.unwrap_or_default()));
        match (answer.count, seen) {
            (Some(count), Some(read_time)) => Ok(Counted { count, read_time }),
            (_, _) => Err(Error::malformed(doing(), "the server did not say how many, or as of when")),
        }
    }

    async fn aggregate(
        &self,
        doing: &impl Fn() -> String,
        parent: String,
        (query, aggregations): (wire::StructuredQuery, Vec<Aggregation>),
        read_time: Option<Timestamp>,
    ) -> Result<(Answer, Option<Timestamp>)> {
        let query = wire::StructuredAggregationQuery {
            query_type: Some(AggregationOver::StructuredQuery(query)),
            aggregations,
        };
        let request = wire::RunAggregationQueryRequest {
            parent,
            query_type: Some(QueryType::StructuredAggregationQuery(query)),
            consistency_selector: read_time.map(|at| ConsistencySelector::ReadTime(wire_timestamp(at))),
            ..Default::default()
        };
        let mut client = self.client().await?;
        let mut answers = self.within(doing, client.run_aggregation_query(request)).await?.into_inner();
        let (mut answer, mut seen) = (Answer::default(), read_time);
        while let Some(part) = self.next(doing, &mut answers).await? {
            seen = seen.max(part.read_time.as_ref().map(timestamp));
            let Some(mut result) = part.result else { continue };
            let mut take = |name: &str| result.aggregate_fields.remove(name).and_then(|value| value.value_type);
            if let Some(ValueType::IntegerValue(number)) = take(DOCUMENTS) {
                answer.count = u64::try_from(number).ok();
            }
            answer.sum = take(SUM).or(answer.sum);
        }
        Ok((answer, seen))
    }
}

/// What was asked for, as far as the server said.
#[derive(Default)]
struct Answer {
    count: Option<u64>,
    sum: Option<ValueType>,
}

fn count() -> Aggregation {
    Aggregation { alias: DOCUMENTS.to_owned(), operator: Some(Operator::Count(Count { up_to: None })) }
}
