//! The sample studio: deterministic documents of a pottery studio, with every edge case the service must notice.
//!
//! Nothing here reads the clock, the environment or a random source: the same scale always gives the same documents.
//! Each collection's file makes two kinds of documents.
//! Ordinary ones are clean and multiply with the scale; those of an edge case have fixed ids and exist once.

/// The vocabulary the other files write documents in.
mod builder;

/// A small seeded generator.
mod random;

/// `users` and `profiles`.
mod people;

/// `batches` and their timelines.
mod batches;

/// `reservations`.
mod reservations;

/// `reservations` that break a rule.
mod reservation_cases;

/// `kilns` and `kilnFirings`.
mod kilns;

/// `communityReports` and their appeals.
mod reports;

/// `agentRequests` and their audit.
mod requests;

/// `agentRequests` that intake must judge.
mod request_cases;

/// `materialsProducts` and `materialsOrders`.
mod orders;

/// `payments` and `stripeWebhookEvents`.
mod payments;

/// Orders and payments that do not fit each other.
mod payment_cases;

/// `events`, `eventSignups` and `eventCharges`.
mod events;

/// `agentClients`, `agentAccounts` and `delegations`.
mod agents;

/// `libraryItems`, `libraryLoans` and `libraryRequests`.
mod library;

/// `notificationJobs`.
mod notifications;

/// `studioSpaces`, `config` and the other small collections.
mod spaces;

/// Documents that are hard to store: twins, giants, unusual ids, and the drill document.
mod oddities;

/// Changes that no listener ever hears of.
mod lost;

/// Somebody who knows nothing of us.
mod outsider;

/// The sample as of another moment.
mod moved;

/// A day at the studio, one happening after the other.
mod day;

/// The sample with names that no layout expects.
mod long;

/// The second, smaller studio.
mod juniper;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use gcloud_sdk::google::firestore::v1::Value;
use jiff::Timestamp;

pub use day::{Happening, StudioDay};
pub use juniper::juniper_east;
pub use long::{LONG_NAME, long_winded};
pub use lost::lose_some_changes;
pub use moved::seen_at;
pub use outsider::somebody_writes;

/// The moment the sample is seen at: 2026-03-18T17:00:00Z, a Wednesday at 10:00 in Phoenix.
pub const NOW: Timestamp = Timestamp::constant(1_773_853_200, 0);

/// The document that rollback drills change and restore.
pub const DRILL_DOCUMENT: &str = "studioBrainDrills/rollback";

/// One document of the sample: its path below the database root, and its fields.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleDocument {
    /// The path below the database root, such as `batches/b-0001`.
    pub path: String,
    /// The fields, as Firestore holds them.
    pub fields: HashMap<String, Value>,
}

/// Where one edge case of the sample lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeCase {
    /// A short name, such as `batch-stalled`.
    pub name: &'static str,
    /// What its documents show.
    pub shows: &'static str,
    /// The paths of its documents, the most telling first.
    pub paths: Vec<String>,
}

/// An edge case together with the documents that exist only for it.
struct Case {
    name: &'static str,
    shows: &'static str,
    documents: Vec<SampleDocument>,
}

impl Case {
    fn new(name: &'static str, shows: &'static str, documents: Vec<SampleDocument>) -> Self {
        Self { name, shows, documents }
    }
}

/// The documents of the studio `monsoon-west`, sorted by path.
///
/// At scale 1 they are about 2,500.
/// Any higher scale multiplies the ordinary documents, so that 20 exceeds 2,000 in every collection the service judges.
/// Scale 0 leaves only the edge cases and the fixed furnishings, such as kilns and spaces.
pub fn monsoon_west(scale: u32) -> Vec<SampleDocument> {
    let scale = usize::try_from(scale).expect("BUG: a scale fits into usize");
    let ordinary = [
        people::ordinary,
        batches::ordinary,
        reservations::ordinary,
        kilns::ordinary,
        reports::ordinary,
        requests::ordinary,
        orders::ordinary,
        payments::ordinary,
        events::ordinary,
        agents::ordinary,
        library::ordinary,
        notifications::ordinary,
    ];
    let mut documents: Vec<_> = ordinary.iter().flat_map(|family| family(scale)).collect();
    documents.extend(spaces::furnishings());
    documents.extend(cases().into_iter().flat_map(|case| case.documents));
    sorted(documents)
}

/// The edge cases of `monsoon-west`, which are the same at every scale.
pub fn edge_cases() -> Vec<EdgeCase> {
    let edge_case = |case: Case| EdgeCase {
        name: case.name,
        shows: case.shows,
        paths: case.documents.into_iter().map(|document| document.path).collect(),
    };
    cases().into_iter().map(edge_case).collect()
}

fn cases() -> Vec<Case> {
    let families = [
        batches::cases,
        reservation_cases::cases,
        kilns::cases,
        reports::cases,
        request_cases::cases,
        payment_cases::cases,
        events::cases,
        agents::cases,
        library::cases,
        oddities::cases,
    ];
    families.iter().flat_map(|family| family()).collect()
}

/// How many ordinary documents a collection gets that has `base` of them at scale 1.
///
/// Above scale 1 a small collection counts as 105, so that scale 20 exceeds 2,000 documents in it too.
fn judged(base: usize, scale: usize) -> usize {
    match scale {
        0 | 1 => base * scale,
        more => base.max(105) * more,
    }
}

fn sorted(documents: Vec<SampleDocument>) -> Vec<SampleDocument> {
    let count = documents.len();
    let by_path: BTreeMap<_, _> = documents.into_iter().map(|document| (document.path, document.fields)).collect();
    assert_eq!(by_path.len(), count, "BUG: two documents of the sample share a path");
    by_path.into_iter().map(|(path, fields)| SampleDocument { path, fields }).collect()
}
