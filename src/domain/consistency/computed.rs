//! Rules that no shape can say: what a reservation costs, and what its storage does.

use crate::domain::consistency::test::{moment, number};
use crate::domain::diff::FieldChange;
use crate::domain::document::Document;
use crate::domain::time::Timestamp;
use crate::domain::value::{FieldPath, Fields, Value};

/// A rule that is written here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Computation {
    /// `estimatedCost` is what the price table says.
    ReservationPrice,
    /// `storageBilling` is what the time in storage comes to.
    StorageBilling,
}

/// Dollars per half-shelf of a bisque firing.
const BISQUE: f64 = 15.0;

/// Dollars per half-shelf of any other firing.
const GLAZE: f64 = 25.0;

/// Dollars for a whole kiln: no reservation costs more.
const KILN: f64 = 85.0;

/// Hours that storage costs nothing.
const GRACE_HOURS: u64 = 462;

/// Days that are billed at most.
const BILLED_AT_MOST: u64 = 28;

/// Dollars per half-shelf and day.
const STORAGE: f64 = 1.5;

impl Computation {
    /// The rule with this name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            "reservation-price" => Some(Self::ReservationPrice),
            "storage-billing" => Some(Self::StorageBilling),
            _ => None,
        }
    }
}

/// What is not as it has to be: found on the left, expected on the right.
pub(super) fn compute(computation: Computation, document: &Document, now: Timestamp) -> Option<Vec<FieldChange>> {
    match computation {
        Computation::ReservationPrice => price(document),
        Computation::StorageBilling => storage(document, now),
    }
}

/// Money is in dollars here; cents are what it is compared in.
fn cents(dollars: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a float that is no whole number of cents is no price")]
    let cents = (dollars * 100.0).round() as i64;
    cents
}

/// What is ordered beside a firing costs extra: with any of it the estimate is not judged.
fn is_plain(fields: &Fields) -> bool {
    let Some(Value::Map(extras)) = fields.get("addOns") else { return true };
    !extras.values().any(|extra| *extra == Value::Boolean(true))
}

fn price(document: &Document) -> Option<Vec<FieldChange>> {
    let fields = &document.fields;
    let found = fields.get("estimatedCost")?;
    let half_shelves = number(fields.get("estimatedHalfShelves")?)?;
    let firing = fields.get("firingType")?.as_text()?;
    let mode = fields.get("intakeMode").and_then(Value::as_text);
    let expected = match mode {
        Some("COMMUNITY_SHELF") => 0.0,
        Some("WHOLE_KILN") => KILN,
        _ if firing == "bisque" => (BISQUE * half_shelves).min(KILN),
        _ => (GLAZE * half_shelves).min(KILN),
    };
    if !is_plain(fields) || cents(number(found)?) == cents(expected) {
        return None;
    }
    Some(vec![change("estimatedCost", found.clone(), Value::Double(expected))])
}

/// A day behind is how far the cloud's own billing may be.
fn storage(document: &Document, now: Timestamp) -> Option<Vec<FieldChange>> {
    let fields = &document.fields;
    let ready = moment(fields.get("readyForPickupAt")?)?;
    let Some(Value::Map(billing)) = fields.get("storageBilling") else { return None };
    let hours = now.since(ready).as_secs() / 3_600;
    let due = (hours.saturating_sub(GRACE_HOURS) / 24).min(BILLED_AT_MOST);
    let billed = number(billing.get("billedDays")?)?;
    let half_shelves = number(billing.get("chargeBasisHalfShelves")?)?;
    let accrued = number(billing.get("accruedCost")?)?;
    #[expect(clippy::cast_precision_loss, reason = "28 at most")]
    let (most, least) = (due as f64, due.saturating_sub(1) as f64);
    let mut changes = Vec::new();
    if billed > most || billed < least {
        let expected = Value::Integer(i64::try_from(due).unwrap_or(i64::MAX));
        changes.push(change("storageBilling.billedDays", billing.get("billedDays")?.clone(), expected));
    }
    if cents(accrued) != cents(billed * half_shelves * STORAGE) {
        let expected = Value::Double(billed * half_shelves * STORAGE);
        changes.push(change("storageBilling.accruedCost", billing.get("accruedCost")?.clone(), expected));
    }
    (!changes.is_empty()).then_some(changes)
}

fn change(field: &str, before: Value, after: Value) -> FieldChange {
    let path = FieldPath::parse(field).expect("BUG: the fields that are named here have legal names");
    FieldChange { path, before: Some(before), after: Some(after) }
}
