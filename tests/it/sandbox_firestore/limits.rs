//! Limits of the service: each is refused with Firestore's own code.

use std::collections::HashMap;

use gcloud_sdk::google::firestore::v1::document_transform::FieldTransform;
use gcloud_sdk::google::firestore::v1::document_transform::field_transform::{ServerValue, TransformType};
use gcloud_sdk::google::firestore::v1::structured_query::{
    CollectionSelector, CompositeFilter, Filter, composite_filter, field_filter::Operator, filter::FilterType,
};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{
    ArrayValue, Cursor, Document, DocumentMask, MapValue, PartitionQueryRequest, StructuredQuery, Value, Write,
    partition_query_request,
};
use tonic::Code;

use super::harness::{DATABASE, Sandbox, all, collection, integer, name, order, put, wherever, words};

fn value(value_type: ValueType) -> Value {
    Value { value_type: Some(value_type) }
}

fn list(values: Vec<Value>) -> Value {
    value(ValueType::ArrayValue(ArrayValue { values }))
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(integer(1), |inner, _| {
        value(ValueType::MapValue(MapValue { fields: HashMap::from([("m".to_owned(), inner)]) }))
    })
}

fn write(path: &str, field: &str, value: Value) -> Write {
    let fields = HashMap::from([(field.to_owned(), value)]);
    let document = Document { name: name(path), fields, ..Document::default() };
    Write { operation: Some(Operation::Update(document)), ..Write::default() }
}

fn transforms(path: &str, count: usize) -> Write {
    let now = |at: usize| FieldTransform {
        field_path: format!("t{at}"),
        transform_type: Some(TransformType::SetToServerValue(ServerValue::RequestTime.into())),
    };
    Write { update_transforms: (0..count).map(now).collect(), ..put(path, 1) }
}

fn merge(write: Write, path: &str) -> Write {
    Write { update_mask: Some(DocumentMask { field_paths: vec![path.to_owned()] }), ..write }
}

#[tokio::test]
async fn writes_beyond_a_limit_are_invalid_and_those_at_it_land() {
    let mut sandbox = Sandbox::start().await;
    let long = "x".repeat(1_501);
    let deep_path = vec!["a/b"; 101].join("/");
    let deep_mask = vec!["m"; 22].join(".");
    let refused: Vec<(&str, Vec<Write>)> = vec![
        ("an id of more than 1500 bytes", vec![put(&format!("c/{long}"), 1)]),
        ("an id that is reserved", vec![put("c/__a__", 1)]),
        ("the id `.`", vec![put("c/.", 1)]),
        ("101 collections", vec![put(&deep_path, 1)]),
        ("a field without a name", vec![write("c/a", "", integer(1))]),
        ("a field name of more than 1500 bytes", vec![write("c/a", &long, integer(1))]),
        ("a field name that is reserved", vec![write("c/a", "__a__", integer(1))]),
        ("21 levels", vec![write("c/a", "m", nested(21))]),
        ("22 levels through a mask", vec![merge(write("c/a", "m", nested(21)), &deep_mask)]),
        ("an array in an array", vec![write("c/a", "m", list(vec![list(Vec::new())]))]),
        ("501 transforms", vec![transforms("c/a", 501)]),
        ("501 transforms in two writes", vec![transforms("c/a", 300), transforms("c/a", 201)]),
        ("a mebibyte", vec![write("c/a", "m", list(vec![value(ValueType::BytesValue(vec![0; 600_000])); 2]))]),
        (
            "another database",
            vec![Write {
                operation: Some(Operation::Delete("projects/glass/databases/other/documents/c/a".to_owned())),
                ..Write::default()
            }],
        ),
    ];
    for (what, writes) in refused {
        let status = sandbox.commit(writes).await.expect_err(what);
        assert_eq!(status.code(), Code::InvalidArgument, "{what}: {status}");
    }
    assert_eq!(sandbox.database.document_count(), 0);
    let deep_path = vec!["a/b"; 100].join("/");
    for (what, writes) in [
        ("an id of 1500 bytes", vec![put(&format!("c/{}", &long[1..]), 1)]),
        ("ids that look reserved", vec![put("c/____", 1), put("c/__id7__", 1)]),
        ("100 collections", vec![put(&deep_path, 1)]),
        ("20 levels", vec![write("c/a", "m", nested(20))]),
        ("500 transforms each", vec![transforms("c/a", 500), transforms("c/b", 500)]),
    ] {
        sandbox.commit(writes).await.unwrap_or_else(|status| panic!("{what}: {status}"));
    }
}

#[tokio::test]
async fn queries_beyond_a_limit_are_invalid() {
    let mut sandbox = Sandbox::start().await;
    sandbox.seed(&[("c/a", 1)]);
    let c = || collection("c");
    let field = |op, value| wherever(c(), "n", op, value).r#where.unwrap();
    let combine = |op: composite_filter::Operator, filters: Vec<Filter>| StructuredQuery {
        r#where: Some(Filter {
            filter_type: Some(FilterType::CompositeFilter(CompositeFilter { op: op.into(), filters })),
        }),
        ..c()
    };
    let and = |filters| combine(composite_filter::Operator::And, filters);
    let or = |filters| combine(composite_filter::Operator::Or, filters);
    let many = |count| list((0..count).map(integer).collect());
    let not = |number| field(Operator::NotEqual, integer(number));
    let holds = || field(Operator::ArrayContains, integer(1));
    let cursor = |values| Some(Cursor { values, before: true });
    let by_n = || StructuredQuery { order_by: vec![order("n", 1)], ..c() };
    let refused = [
        ("31 values of IN", wherever(c(), "n", Operator::In, many(31))),
        ("31 values of ARRAY_CONTAINS_ANY", wherever(c(), "n", Operator::ArrayContainsAny, many(31))),
        ("11 values of NOT_IN", wherever(c(), "n", Operator::NotIn, many(11))),
        ("31 alternatives", or((0..31).map(|n| field(Operator::Equal, integer(n))).collect())),
        ("36 alternatives", and(vec![field(Operator::In, many(6)), field(Operator::In, many(6))])),
        ("two negations", and(vec![not(1), not(2)])),
        ("NOT_IN beside NOT_EQUAL", and(vec![not(1), field(Operator::NotIn, many(2))])),
        ("NOT_IN beside IN", and(vec![field(Operator::In, many(2)), field(Operator::NotIn, many(2))])),
        ("two ARRAY_CONTAINS", and(vec![holds(), holds()])),
        ("a filter of nothing", and(Vec::new())),
        ("a cursor longer than the order", StructuredQuery { start_at: cursor(vec![integer(1); 2]), ..by_n() }),
        ("a field ordered twice", StructuredQuery { order_by: vec![order("n", 1), order("n", 2)], ..c() }),
    ];
    for (what, query) in refused {
        let status = sandbox.query(query).await.expect_err(what);
        assert_eq!(status.code(), Code::InvalidArgument, "{what}: {status}");
    }
    for (what, query, found) in [
        ("30 values of IN", wherever(c(), "n", Operator::In, many(30)), 1),
        ("10 values of NOT_IN", wherever(c(), "n", Operator::NotIn, many(10)), 0),
        ("ARRAY_CONTAINS in each alternative", or(vec![holds(), holds()]), 0),
    ] {
        assert_eq!(sandbox.query(query).await.unwrap_or_else(|status| panic!("{what}: {status}")).len(), found);
    }
}

#[tokio::test]
async fn production_does_not_listen_to_every_query() {
    let mut sandbox = Sandbox::start().await;
    let mut stream = sandbox.listen().await;
    let everything = |parent: String| {
        let mut target = all(7, "");
        let Some(gcloud_sdk::google::firestore::v1::target::TargetType::Query(query)) = &mut target.target_type else {
            unreachable!("it is a query")
        };
        let id = if parent.is_empty() { String::new() } else { "c".to_owned() };
        let from = vec![CollectionSelector { collection_id: id, all_descendants: true }];
        let structured = StructuredQuery { from, ..StructuredQuery::default() };
        query.query_type =
            Some(gcloud_sdk::google::firestore::v1::target::query_target::QueryType::StructuredQuery(structured));
        if !parent.is_empty() {
            query.parent = parent;
        }
        target
    };
    for parent in [String::new(), name("c/a")] {
        stream.add(everything(parent)).await;
        let response = stream.response().await.unwrap().unwrap();
        assert_eq!(words(response.response_type.unwrap()), "REMOVE [7] because 3");
    }
}

#[tokio::test]
async fn pages_of_partitions_are_in_order_only_when_they_are_merged() {
    let mut sandbox = Sandbox::start().await;
    sandbox.database.seed((0..60).map(|at| (format!("c/{at:02}"), super::harness::fields(at))));
    let from = vec![CollectionSelector { collection_id: "c".to_owned(), all_descendants: true }];
    let query = StructuredQuery { from, order_by: vec![order("__name__", 1)], ..StructuredQuery::default() };
    let (mut pages, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = PartitionQueryRequest {
            parent: format!("{DATABASE}/documents"),
            partition_count: 5,
            page_size: 2,
            page_token,
            query_type: Some(partition_query_request::QueryType::StructuredQuery(query.clone())),
            ..Default::default()
        };
        let answer = sandbox.client.partition_query(request).await.unwrap().into_inner();
        let names = answer.partitions.into_iter().map(|cursor| {
            let Some(ValueType::ReferenceValue(name)) = &cursor.values[0].value_type else {
                panic!("{cursor:?} is no reference")
            };
            name.clone()
        });
        pages.push(names.collect::<Vec<_>>());
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert!(pages.len() == 3 && pages.iter().all(|page| page.is_sorted()), "{pages:?}");
    let mut merged = pages.concat();
    assert!(!merged.is_sorted(), "whoever does not merge them shall notice");
    merged.sort_unstable();
    assert_eq!(merged, ["10", "20", "30", "40", "50"].map(|id| name(&format!("c/{id}"))));
}
