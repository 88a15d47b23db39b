//! Documents like those of a studio: some thirty fields each, a few of which are counted by.

use std::path::Path;

use serde_json::{Value as Json, json};
use studio_brain::domain::canonical;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, StudioId};
use studio_brain::domain::sighting::Sighting;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::store::{Generation, Staged, Store};

use crate::Arguments;

/// The collections, and what of their documents is counted by.
const COLLECTIONS: [(&str, &str, &[&str]); 8] = [
    ("batches", "state", &["SHELVED", "LOADED", "READY_FOR_PICKUP", "CLOSED_PICKED_UP", "CLOSED_PICKED_UP"]),
    ("reservations", "status", &["REQUESTED", "CONFIRMED", "WAITLISTED", "CANCELLED"]),
    ("materialsOrders", "status", &["checkout_pending", "paid", "picked_up", "picked_up"]),
    ("payments", "status", &["checkout_created", "payment_succeeded", "payment_succeeded", "charge_refunded"]),
    ("communityReports", "status", &["open", "triaged", "resolved", "dismissed"]),
    ("eventSignups", "status", &["ticketed", "waitlisted", "checked_in", "cancelled"]),
    ("notificationJobs", "status", &["queued", "done", "done", "done", "failed"]),
    ("agentRequests", "status", &["new", "accepted", "fulfilled", "fulfilled"]),
];

/// 2026-03-18T17:00:00Z.
pub(super) fn now() -> Timestamp {
    Timestamp::from_parts(1_773_853_200, 0)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(1_773_853_200 + seconds, 0)
}

/// The document `number` in its `revision`: another revision has another word, date and amount.
pub(super) fn document(number: usize, revision: usize) -> Document {
    let (collection, field, words) = COLLECTIONS[number % COLLECTIONS.len()];
    let turn = (number / COLLECTIONS.len()).wrapping_mul(7).wrapping_add(revision);
    let days = (turn % 400) as i64;
    let mut fields = Fields::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set(field, Value::text(words[turn % words.len()]));
    for (name, offset) in [("createdAt", 0), ("updatedAt", 3_600), ("runAfter", 7_200), ("requestedAt", 60)] {
        set(name, Value::Timestamp(at(-86_400 * days + offset)));
    }
    set("totalCents", Value::Integer((turn % 9_000) as i64));
    set("amountTotal", Value::Integer((turn % 9_000) as i64));
    set("currency", Value::text("USD"));
    set("severity", Value::text(["low", "medium", "high"][turn % 3]));
    set("loadStatus", Value::text(["queued", "loaded"][turn % 2]));
    set("isArchived", Value::Boolean(turn.is_multiple_of(50)));
    let stage = Fields::from([("stage".to_owned(), Value::text(["intake", "picked_up"][turn % 2]))]);
    set("stageStatus", Value::Map(stage));
    for filler in 0..18 {
        set(&format!("remark{filler:02}"), Value::text(format!("What nobody counts by, {filler} of {number}.")));
    }
    let path = DocPath::parse(format!("{collection}/d-{number:07}")).expect("legal");
    Document { path, fields, create_time: at(-1_000), update_time: at(revision as i64) }
}

/// Opens the database of the bench.
pub(super) async fn open(directory: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(directory, &StudioId::parse("bench")?, now()).await?)
}

/// Fills the mirror as a first backfill does.
pub(super) async fn fill(arguments: &Arguments, directory: &Path) -> anyhow::Result<Json> {
    let store = open(directory).await?;
    let names: Vec<CollectionId> =
        COLLECTIONS.iter().map(|(name, _, _)| CollectionId::parse(*name)).collect::<Result<_, _>>()?;
    store.targets_declare(&names).await?;
    let mut bytes = 0;
    for (place, name) in names.iter().enumerate() {
        let mut tx = store.begin_rebuildable().await?;
        tx.backfill_start(name).await?;
        tx.backfill_plan(name, now(), 0, &[], now()).await?;
        tx.commit().await?;
        let numbers: Vec<usize> = (place..arguments.docs).step_by(COLLECTIONS.len()).collect();
        for part in numbers.chunks(2_000) {
            let documents = part.iter().map(|number| document(*number, 0));
            let documents: Vec<Document> = documents.collect();
            bytes += documents.iter().map(|document| canonical::encode(&document.fields).len()).sum::<usize>();
            let rows: Vec<Staged> = documents.into_iter().map(Sighting::Readable).map(Staged::of).collect();
            let mut tx = store.begin_rebuildable().await?;
            tx.backfill_stage(name, (Generation::First, now()), 0, &rows, false).await?;
            tx.commit().await?;
        }
        let mut tx = store.begin_rebuildable().await?;
        tx.backfill_publish(name, now()).await?;
        tx.commit().await?;
    }
    store.close().await;
    Ok(json!({ "documents": arguments.docs, "bytes": bytes }))
}
