//! What a filter lets through.

use std::cmp::Ordering;

use gcloud_sdk::google::firestore::v1::Value;
use gcloud_sdk::google::firestore::v1::structured_query::{
    CompositeFilter, FieldFilter, Filter as Message, UnaryFilter, composite_filter, field_filter, filter::FilterType,
    unary_filter,
};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use tonic::Status;

use super::Operand;
use super::parse::parse_operand;
use crate::sandbox::firestore::ledger::Stored;
use crate::sandbox::firestore::names::{DatabaseName, parse_document_name};
use crate::sandbox::firestore::refusal::{invalid, missing};
use crate::sandbox::firestore::storable::store_value;
use crate::sandbox::firestore::values::{Kind, equal, is_nan, kind, order};

/// Most alternatives that one query may expand to.
const DISJUNCTIONS: usize = 30;
/// Most values of one NOT_IN.
const NOT_IN_VALUES: usize = 10;
/// The request field that holds what is compared with.
const VALUE: &str = "where.field_filter.value";
/// Deepest nesting of composite filters: what a decoder would take without running out of stack.
const DEPTH: usize = 50;

/// A filter over fields and the name.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Everything,
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Test(Operand, Test),
}

/// One question about one value.
#[derive(Debug, Clone)]
pub(super) enum Test {
    Is(Relation, Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    /// The value is an array that holds one of these.
    Holds(Vec<Value>),
    Null,
    NotNull,
    Nan,
    NotNan,
}

/// How two values stand to each other.
#[derive(Debug, Clone, Copy)]
pub(super) enum Relation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Filter {
    /// Parses the `where` of a query.
    pub(super) fn parse(message: Option<Message>, database: &DatabaseName) -> Result<Self, Status> {
        let Some(message) = message else { return Ok(Self::Everything) };
        let filter = parse_filter(message, database, 0)?;
        if filter.disjunctions() > DISJUNCTIONS {
            return Err(invalid("where", format_args!("expands to more than {DISJUNCTIONS} alternatives")));
        }
        if filter.tests().filter(|(_, test)| test.is_negation()).count() > 1 {
            return Err(invalid("where", "only one NOT_EQUAL, NOT_IN, IS_NOT_NULL or IS_NOT_NAN is allowed"));
        }
        if filter.tests().any(|(_, test)| matches!(test, Test::NotIn(_))) && filter.has_alternatives() {
            return Err(invalid("where", "NOT_IN cannot stand beside OR, IN or ARRAY_CONTAINS_ANY"));
        }
        if filter.containments() > 1 {
            return Err(invalid("where", "only one ARRAY_CONTAINS or ARRAY_CONTAINS_ANY is allowed per disjunction"));
        }
        Ok(filter)
    }

    /// True if the document passes.
    pub(super) fn lets_through(&self, document: &Stored, database: &DatabaseName) -> bool {
        match self {
            Self::Everything => true,
            Self::All(filters) => filters.iter().all(|filter| filter.lets_through(document, database)),
            Self::Any(filters) => filters.iter().any(|filter| filter.lets_through(document, database)),
            Self::Test(Operand::Field(path), test) => path.get(&document.fields).is_some_and(|value| test.holds(value)),
            Self::Test(Operand::Name, test) => {
                test.holds(&Value { value_type: Some(ValueType::ReferenceValue(database.name_of(&document.path))) })
            }
        }
    }

    /// The operands that the order must begin with: those of a range or a negation.
    pub(super) fn inequalities(&self) -> Vec<Operand> {
        let mut operands: Vec<_> =
            self.tests().filter(|(_, test)| test.is_inequality()).map(|(operand, _)| operand.clone()).collect();
        operands.sort_unstable();
        operands.dedup();
        operands
    }

    fn tests(&self) -> Box<dyn Iterator<Item = (&Operand, &Test)> + '_> {
        match self {
            Self::Everything => Box::new(std::iter::empty()),
            Self::All(filters) | Self::Any(filters) => Box::new(filters.iter().flat_map(Self::tests)),
            Self::Test(operand, test) => Box::new(std::iter::once((operand, test))),
        }
    }

    fn has_alternatives(&self) -> bool {
        match self {
            Self::Any(_) => true,
            Self::All(filters) => filters.iter().any(Self::has_alternatives),
            Self::Test(_, Test::In(_)) => true,
            Self::Test(_, Test::Holds(values)) => values.len() > 1,
            Self::Everything | Self::Test(..) => false,
        }
    }

    /// The most tests for an element that one alternative holds.
    fn containments(&self) -> usize {
        match self {
            Self::All(filters) => filters.iter().map(Self::containments).sum(),
            Self::Any(filters) => filters.iter().map(Self::containments).max().unwrap_or(0),
            Self::Test(_, test) => usize::from(matches!(test, Test::Holds(_))),
            Self::Everything => 0,
        }
    }

    fn disjunctions(&self) -> usize {
        match self {
            Self::Everything => 1,
            Self::All(filters) => filters.iter().map(Self::disjunctions).fold(1, usize::saturating_mul),
            Self::Any(filters) => filters.iter().map(Self::disjunctions).fold(0, usize::saturating_add),
            Self::Test(_, Test::In(values) | Test::Holds(values)) => values.len(),
            Self::Test(_, Test::Is(..) | Test::NotIn(_) | Test::Null | Test::NotNull | Test::Nan | Test::NotNan) => 1,
        }
    }
}

impl Test {
    fn holds(&self, value: &Value) -> bool {
        let is_null = kind(value) == Kind::Null;
        match self {
            Self::Is(Relation::Equal, other) => equal(value, other),
            Self::Is(Relation::NotEqual, other) => !is_null && !equal(value, other),
            Self::Is(relation, other) => kind(value) == kind(other) && relation.allows(value, other),
            Self::In(values) => values.iter().any(|other| equal(value, other)),
            Self::NotIn(values) => {
                !is_null && !values.iter().any(|other| kind(other) == Kind::Null || equal(value, other))
            }
            Self::Holds(values) => match &value.value_type {
                Some(ValueType::ArrayValue(array)) => {
                    array.values.iter().any(|own| values.iter().any(|other| equal(own, other)))
                }
                _ => false,
            },
            Self::Null => is_null,
            Self::NotNull => !is_null,
            Self::Nan => is_nan(value),
            Self::NotNan => !is_null && !is_nan(value),
        }
    }

    fn is_inequality(&self) -> bool {
        match self {
            Self::Is(Relation::Equal, _) | Self::In(_) | Self::Holds(_) | Self::Null | Self::Nan => false,
            Self::Is(..) | Self::NotIn(_) | Self::NotNull | Self::NotNan => true,
        }
    }

    fn is_negation(&self) -> bool {
        matches!(self, Self::Is(Relation::NotEqual, _) | Self::NotIn(_) | Self::NotNull | Self::NotNan)
    }
}

impl Relation {
    /// NaN stands in the order but in no range.
    fn allows(self, one: &Value, two: &Value) -> bool {
        if is_nan(one) != is_nan(two) {
            return false;
        }
        match (self, order(one, two)) {
            (Self::Less, Ordering::Less) | (Self::Greater, Ordering::Greater) => true,
            (Self::LessOrEqual, order) => order.is_le(),
            (Self::GreaterOrEqual, order) => order.is_ge(),
            (Self::Equal, order) => order.is_eq(),
            (Self::NotEqual, order) => order.is_ne(),
            (Self::Less, Ordering::Equal | Ordering::Greater) | (Self::Greater, Ordering::Less | Ordering::Equal) => {
                false
            }
        }
    }
}

fn parse_filter(message: Message, database: &DatabaseName, depth: usize) -> Result<Filter, Status> {
    if depth > DEPTH {
        return Err(invalid("where", "is nested too deep"));
    }
    match message.filter_type {
        None => Err(missing("where.filter_type")),
        Some(FilterType::CompositeFilter(composite)) => parse_composite(composite, database, depth),
        Some(FilterType::FieldFilter(field)) => parse_field(field, database),
        Some(FilterType::UnaryFilter(unary)) => parse_unary(unary),
    }
}

fn parse_composite(composite: CompositeFilter, database: &DatabaseName, depth: usize) -> Result<Filter, Status> {
    let operator = composite.op();
    if composite.filters.is_empty() {
        return Err(invalid("where.composite_filter.filters", "is empty"));
    }
    let filters = composite.filters.into_iter().map(|filter| parse_filter(filter, database, depth + 1));
    let filters = filters.collect::<Result<Vec<_>, _>>()?;
    match operator {
        composite_filter::Operator::And => Ok(Filter::All(filters)),
        composite_filter::Operator::Or => Ok(Filter::Any(filters)),
        composite_filter::Operator::Unspecified => Err(invalid("where.composite_filter.op", "is not an operator")),
    }
}

fn parse_field(filter: FieldFilter, database: &DatabaseName) -> Result<Filter, Status> {
    use field_filter::Operator;
    let operator = filter.op();
    let operand = parse_operand("where.field_filter.field", filter.field)?;
    let value = filter.value.ok_or_else(|| missing(VALUE))?;
    let is =
        |relation| -> Result<Test, Status> { Ok(Test::Is(relation, parse_value(&operand, value.clone(), database)?)) };
    let list = |most: usize| parse_list(&operand, &value, most, database);
    let test = match operator {
        Operator::LessThan => is(Relation::Less)?,
        Operator::LessThanOrEqual => is(Relation::LessOrEqual)?,
        Operator::GreaterThan => is(Relation::Greater)?,
        Operator::GreaterThanOrEqual => is(Relation::GreaterOrEqual)?,
        Operator::Equal => is(Relation::Equal)?,
        Operator::NotEqual => is(Relation::NotEqual)?,
        Operator::In => Test::In(list(DISJUNCTIONS)?),
        Operator::NotIn => Test::NotIn(list(NOT_IN_VALUES)?),
        Operator::ArrayContains | Operator::ArrayContainsAny if operand == Operand::Name => {
            return Err(invalid("where.field_filter.op", "a document's name is not an array"));
        }
        Operator::ArrayContains => Test::Holds(vec![parse_value(&operand, value, database)?]),
        Operator::ArrayContainsAny => Test::Holds(list(DISJUNCTIONS)?),
        Operator::Unspecified => return Err(invalid("where.field_filter.op", "is not an operator")),
    };
    Ok(Filter::Test(operand, test))
}

fn parse_unary(filter: UnaryFilter) -> Result<Filter, Status> {
    let operator = filter.op();
    let field = filter.operand_type.map(|unary_filter::OperandType::Field(field)| field);
    let operand = parse_operand("where.unary_filter.field", field)?;
    let test = match operator {
        unary_filter::Operator::IsNan => Test::Nan,
        unary_filter::Operator::IsNull => Test::Null,
        unary_filter::Operator::IsNotNan => Test::NotNan,
        unary_filter::Operator::IsNotNull => Test::NotNull,
        unary_filter::Operator::Unspecified => return Err(invalid("where.unary_filter.op", "is not an operator")),
    };
    Ok(Filter::Test(operand, test))
}

fn parse_list(operand: &Operand, value: &Value, most: usize, database: &DatabaseName) -> Result<Vec<Value>, Status> {
    let Some(ValueType::ArrayValue(array)) = &value.value_type else {
        return Err(invalid(VALUE, "must be an array"));
    };
    if array.values.is_empty() || array.values.len() > most {
        return Err(invalid(VALUE, format_args!("must hold 1 to {most} values")));
    }
    array.values.iter().map(|value| parse_value(operand, value.clone(), database)).collect()
}

/// A value that could be stored. A document's name is compared with references into the same database only.
fn parse_value(operand: &Operand, value: Value, database: &DatabaseName) -> Result<Value, Status> {
    let value = store_value(VALUE, value)?;
    match (operand, &value.value_type) {
        (Operand::Field(_), _) => Ok(value),
        (Operand::Name, Some(ValueType::ReferenceValue(name))) if parse_document_name(VALUE, name)?.0 == *database => {
            Ok(value)
        }
        (Operand::Name, _) => {
            Err(invalid(VALUE, "`__name__` is compared with a reference to a document of the same database"))
        }
    }
}

#[cfg(test)]
mod tests {
    use gcloud_sdk::google::firestore::v1::ArrayValue;

    use super::*;
    use Test::{Holds, In, Is, Nan, NotIn, NotNan, NotNull, Null};

    fn value(value_type: ValueType) -> Value {
        Value { value_type: Some(value_type) }
    }

    fn null() -> Value {
        value(ValueType::NullValue(0))
    }

    fn integer(number: i64) -> Value {
        value(ValueType::IntegerValue(number))
    }

    fn nan() -> Value {
        value(ValueType::DoubleValue(f64::NAN))
    }

    fn text() -> Value {
        value(ValueType::StringValue("x".to_owned()))
    }

    fn list(values: &[Value]) -> Value {
        value(ValueType::ArrayValue(ArrayValue { values: values.to_vec() }))
    }

    /// Which of null, NaN, 1, 2, `x` and `[1, null]` pass the test.
    #[track_caller]
    fn check(test: &Test, expect: &[&str]) {
        let candidates = [
            ("null", null()),
            ("NaN", nan()),
            ("1", integer(1)),
            ("2", integer(2)),
            ("x", text()),
            ("list", list(&[integer(1), null()])),
        ];
        let passed: Vec<_> = candidates.iter().filter(|(_, value)| test.holds(value)).map(|(name, _)| *name).collect();
        assert_eq!(passed, expect, "{test:?}");
    }

    #[test]
    fn ranges_stay_within_the_kind_of_their_value() {
        check(&Is(Relation::Less, integer(2)), &["1"]);
        check(&Is(Relation::LessOrEqual, integer(2)), &["1", "2"]);
        check(&Is(Relation::Greater, integer(1)), &["2"]);
        check(&Is(Relation::GreaterOrEqual, text()), &["x"]);
        check(&Is(Relation::Greater, nan()), &[]);
    }

    #[test]
    fn equality_is_that_of_queries() {
        check(&Is(Relation::Equal, value(ValueType::DoubleValue(1.0))), &["1"]);
        check(&Is(Relation::Equal, null()), &["null"]);
        check(&In(vec![integer(2), text(), list(&[integer(1), null()])]), &["2", "x", "list"]);
        check(&Holds(vec![value(ValueType::DoubleValue(1.0))]), &["list"]);
        check(&Holds(vec![integer(2), null()]), &["list"]);
        check(&Nan, &["NaN"]);
        check(&Null, &["null"]);
    }

    #[test]
    fn null_passes_no_negation() {
        check(&Is(Relation::NotEqual, integer(1)), &["NaN", "2", "x", "list"]);
        check(&NotIn(vec![integer(1), text()]), &["NaN", "2", "list"]);
        check(&NotIn(vec![integer(1), null()]), &[]);
        check(&NotNan, &["1", "2", "x", "list"]);
        check(&NotNull, &["NaN", "1", "2", "x", "list"]);
    }

    #[test]
    fn alternatives_are_counted_as_they_multiply() {
        let field = || Operand::Name;
        let three = || Filter::Test(field(), In(vec![integer(1); 3]));
        let both = Filter::All(vec![three(), Filter::Any(vec![three(), Filter::Test(field(), Null)])]);
        assert_eq!(both.disjunctions(), 12);
    }
}
