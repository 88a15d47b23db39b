//! count, sum and avg over the result of a query.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::structured_aggregation_query::{Aggregation, aggregation::Operator};
use gcloud_sdk::google::firestore::v1::structured_query::FieldReference;
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{AggregationResult, Value};
use tonic::Status;

use super::Operand;
use super::parse::parse_operand;
use crate::sandbox::firestore::field_paths::FieldPath;
use crate::sandbox::firestore::ledger::Stored;
use crate::sandbox::firestore::refusal::{invalid, missing};

/// Most aggregations of one request.
const AGGREGATIONS: usize = 5;

/// The aggregations of one request by their alias.
pub(in crate::sandbox::firestore) struct Aggregations(BTreeMap<String, Kind>);

enum Kind {
    Count { up_to: Option<i64> },
    Sum(FieldPath),
    Average(FieldPath),
}

impl Aggregations {
    /// Parses 1 to 5 aggregations. One without an alias is called `field_1`, `field_2` and so on.
    pub(in crate::sandbox::firestore) fn parse(messages: Vec<Aggregation>) -> Result<Self, Status> {
        if messages.is_empty() || messages.len() > AGGREGATIONS {
            return Err(invalid("aggregations", format_args!("must hold 1 to {AGGREGATIONS}")));
        }
        let mut kinds = BTreeMap::new();
        let mut unnamed = 0;
        for message in messages {
            let alias = match message.alias {
                alias if alias.is_empty() => {
                    unnamed += 1;
                    format!("field_{unnamed}")
                }
                alias => alias,
            };
            let kind = match message.operator.ok_or_else(|| missing("aggregations.operator"))? {
                Operator::Count(count) => match count.up_to {
                    Some(up_to) if up_to <= 0 => return Err(invalid("aggregations.count.up_to", "must be positive")),
                    up_to => Kind::Count { up_to },
                },
                Operator::Sum(sum) => Kind::Sum(parse_field("aggregations.sum.field", sum.field)?),
                Operator::Avg(avg) => Kind::Average(parse_field("aggregations.avg.field", avg.field)?),
            };
            if kinds.insert(alias.clone(), kind).is_some() {
                return Err(invalid("aggregations.alias", format_args!("`{alias}` is used twice")));
            }
        }
        Ok(Self(kinds))
    }

    /// The values over these documents.
    pub(in crate::sandbox::firestore) fn over(&self, documents: &[Arc<Stored>]) -> AggregationResult {
        let value = |kind: &Kind| match kind {
            Kind::Count { up_to } => {
                let count = i64::try_from(documents.len()).unwrap_or(i64::MAX);
                ValueType::IntegerValue(up_to.map_or(count, |most| count.min(most)))
            }
            Kind::Sum(path) => sum(&numbers(documents, path)),
            Kind::Average(path) => average(&numbers(documents, path)),
        };
        let entry = |(alias, kind): (&String, &Kind)| (alias.clone(), Value { value_type: Some(value(kind)) });
        AggregationResult { aggregate_fields: self.0.iter().map(entry).collect::<HashMap<_, _>>() }
    }
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Double(f64),
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "a sum of integers and doubles is a double")]
    fn as_double(self) -> f64 {
        match self {
            Self::Integer(number) => number as f64,
            Self::Double(number) => number,
        }
    }
}

fn parse_field(at: &str, field: Option<FieldReference>) -> Result<FieldPath, Status> {
    match parse_operand(at, field)? {
        Operand::Field(path) => Ok(path),
        Operand::Name => Err(invalid(at, "a document's name is not a number")),
    }
}

/// What is not a number is passed over.
fn numbers(documents: &[Arc<Stored>], path: &FieldPath) -> Vec<Number> {
    let number = |document: &Arc<Stored>| match path.get(&document.fields)?.value_type {
        Some(ValueType::IntegerValue(number)) => Some(Number::Integer(number)),
        Some(ValueType::DoubleValue(number)) => Some(Number::Double(number)),
        _ => None,
    };
    documents.iter().filter_map(number).collect()
}

/// An integer as long as every number is one and the sum fits.
fn sum(numbers: &[Number]) -> ValueType {
    let whole = numbers.iter().try_fold(0_i64, |sum, number| match number {
        Number::Integer(number) => sum.checked_add(*number),
        Number::Double(_) => None,
    });
    whole.map_or_else(|| ValueType::DoubleValue(double_sum(numbers)), ValueType::IntegerValue)
}

fn average(numbers: &[Number]) -> ValueType {
    if numbers.is_empty() {
        return ValueType::NullValue(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "there are not 2^53 documents in memory")]
    let count = numbers.len() as f64;
    ValueType::DoubleValue(double_sum(numbers) / count)
}

fn double_sum(numbers: &[Number]) -> f64 {
    numbers.iter().map(|number| number.as_double()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(numbers: &[Number], expect_sum: ValueType, expect_average: ValueType) {
        assert_eq!(sum(numbers), expect_sum);
        assert_eq!(average(numbers), expect_average);
    }

    #[test]
    fn a_sum_is_an_integer_while_it_can_be_one() {
        use Number::{Double, Integer};
        check(&[], ValueType::IntegerValue(0), ValueType::NullValue(0));
        check(&[Integer(1), Integer(2)], ValueType::IntegerValue(3), ValueType::DoubleValue(1.5));
        check(&[Integer(1), Double(0.5)], ValueType::DoubleValue(1.5), ValueType::DoubleValue(0.75));
        let [least, most] = [i64::MAX, i64::MAX].map(Integer);
        check(
            &[least, most],
            ValueType::DoubleValue(1.844_674_407_370_955_2e19),
            ValueType::DoubleValue(9.223_372_036_854_776e18),
        );
    }
}
