//! From `StructuredQuery`, with every refusal.

use gcloud_sdk::google::firestore::v1::structured_query::{CollectionSelector, Direction, FieldReference, Projection};
use gcloud_sdk::google::firestore::v1::value::ValueType;
use gcloud_sdk::google::firestore::v1::{Cursor, StructuredQuery, structured_query};
use tonic::Status;

use super::filter::Filter;
use super::{Bound, Operand, Order, Position, Query};
use crate::sandbox::firestore::field_paths::{FieldMask, FieldPath};
use crate::sandbox::firestore::ledger::Scope;
use crate::sandbox::firestore::names::{DatabaseName, ResourcePath, parse_document_name};
use crate::sandbox::firestore::refusal::{invalid, missing, not_served};
use crate::sandbox::firestore::storable::store_value;

impl Query {
    /// Parses a query below `parent`.
    pub(in crate::sandbox::firestore) fn parse(
        database: &DatabaseName,
        parent: ResourcePath,
        query: StructuredQuery,
    ) -> Result<Self, Status> {
        if query.find_nearest.is_some() {
            return Err(not_served("StructuredQuery.find_nearest"));
        }
        let scope = parse_scope(parent, &query.from)?;
        let filter = Filter::parse(query.r#where, database)?;
        let given = query.order_by.len();
        let orders = complete(parse_orders(query.order_by)?, &filter);
        let bound = |field: &str, cursor: Option<Cursor>| {
            cursor.map(|cursor| parse_bound(field, cursor, &orders, given, database)).transpose()
        };
        Ok(Self {
            database: database.clone(),
            start: bound("start_at", query.start_at)?,
            end: bound("end_at", query.end_at)?,
            offset: usize::try_from(query.offset).map_err(|_| invalid("offset", "is negative"))?,
            limit: match query.limit {
                None => None,
                Some(limit) => Some(usize::try_from(limit).map_err(|_| invalid("limit", "is negative"))?),
            },
            select: query.select.filter(|select| !select.fields.is_empty()).map(parse_select).transpose()?,
            scope,
            filter,
            orders,
        })
    }

    /// The orders of `ListDocuments`, such as `priority desc, __name__`.
    pub(in crate::sandbox::firestore) fn order_by_text(text: &str) -> Result<Vec<structured_query::Order>, Status> {
        let one = |part: &str| {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (field_path, direction) = match words[..] {
                [field] | [field, "asc"] => (field, Direction::Ascending),
                [field, "desc"] => (field, Direction::Descending),
                _ => return Err(invalid("order_by", format_args!("`{part}` is not a field with `asc` or `desc`"))),
            };
            let field = Some(FieldReference { field_path: field_path.to_owned() });
            Ok(structured_query::Order { field, direction: direction.into() })
        };
        if text.is_empty() { Ok(Vec::new()) } else { text.split(',').map(one).collect() }
    }
}

/// Parses a field of a query, or `__name__`.
pub(super) fn parse_operand(at: &str, field: Option<FieldReference>) -> Result<Operand, Status> {
    let field = field.ok_or_else(|| missing(at))?;
    let path = FieldPath::parse(at, &field.field_path)?;
    Ok(if path.is_name() { Operand::Name } else { Operand::Field(path) })
}

fn parse_scope(parent: ResourcePath, from: &[CollectionSelector]) -> Result<Scope, Status> {
    let selector = match from {
        [selector] => selector,
        [] => return Err(missing("from")),
        [_, _, ..] => return Err(invalid("from", "only one collection can be queried")),
    };
    let collection = match selector.collection_id.as_str() {
        "" => None,
        id => Some(ResourcePath::check_collection("from.collection_id", id)?),
    };
    Ok(Scope { parent, collection, descendants: selector.all_descendants })
}

fn parse_orders(orders: Vec<structured_query::Order>) -> Result<Vec<Order>, Status> {
    let mut parsed: Vec<Order> = Vec::with_capacity(orders.len());
    for order in orders {
        let descending = match order.direction() {
            Direction::Descending => true,
            Direction::Ascending | Direction::Unspecified => false,
        };
        let by = parse_operand("order_by.field", order.field)?;
        if parsed.iter().any(|earlier| earlier.by == by) {
            return Err(invalid("order_by", "names a field twice"));
        }
        if parsed.iter().any(|earlier| earlier.by == Operand::Name) {
            return Err(invalid("order_by", "nothing can follow `__name__`"));
        }
        parsed.push(Order { by, descending });
    }
    Ok(parsed)
}

/// Appends what every order has without being told: the fields of inequalities, then the name.
fn complete(mut orders: Vec<Order>, filter: &Filter) -> Vec<Order> {
    let descending = orders.last().is_some_and(|order| order.descending);
    let fields = filter.inequalities().into_iter().filter(|operand| *operand != Operand::Name);
    for by in fields.chain([Operand::Name]) {
        if !orders.iter().any(|order| order.by == by || order.by == Operand::Name) {
            orders.push(Order { by, descending });
        }
    }
    orders
}

fn parse_bound(
    field: &str,
    cursor: Cursor,
    orders: &[Order],
    given: usize,
    database: &DatabaseName,
) -> Result<Bound, Status> {
    if cursor.values.len() > given {
        return Err(invalid(field, format_args!("has more values than order_by has fields ({given})")));
    }
    let mut at = Vec::with_capacity(cursor.values.len());
    for (value, order) in cursor.values.into_iter().zip(orders) {
        at.push(match (&order.by, value.value_type.as_ref()) {
            (_, None) => return Err(invalid(field, "holds a value without a type")),
            (Operand::Field(_), Some(_)) => Position::Field(store_value(field, value)?),
            (Operand::Name, Some(ValueType::ReferenceValue(name))) => {
                let (other, path) = parse_document_name(field, name)?;
                if other != *database {
                    return Err(invalid(field, format_args!("`{name}` is in another database")));
                }
                Position::Name(path)
            }
            (Operand::Name, Some(_)) => return Err(invalid(field, "the value for `__name__` must be a reference")),
        });
    }
    Ok(Bound { at, before: cursor.before })
}

fn parse_select(projection: Projection) -> Result<FieldMask, Status> {
    let fields = projection.fields.iter().map(|field| FieldPath::parse("select.fields", &field.field_path));
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(FieldMask::of(fields.into_iter().filter(|path| !path.is_name())))
}
