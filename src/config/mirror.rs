//! What is mirrored and how fresh it must be.

use std::time::Duration;

use super::{
    parse::{self, Shown, Wrong, quoted},
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// The collections this service itself writes to; always mirrored, so that every write is seen again.
pub const OUR_COLLECTIONS: [&str; 3] = ["studioBrainOpsNotes", "studioBrainReceipts", "studioBrainDrills"];

const STUDIO_COLLECTIONS: &str = "batches,reservations,kilns,kilnFirings,communityReports,agentRequests,materialsOrders,\
    materialsProducts,users,profiles,delegations,agentClients,events,eventSignups,eventCharges,payments,\
    stripeWebhookEvents,supportRequests,libraryItems,libraryLoans,notificationJobs,\
    communityReportAppeals,libraryRequests,agentAccounts";

/// What is mirrored and how fresh it must be.
#[derive(Clone, Debug)]
pub struct MirrorConfig {
    /// The top-level collections to mirror, each once, followed by [`OUR_COLLECTIONS`].
    /// Defaults to the collections of a studio. Read from `STUDIO_BRAIN_MIRROR_COLLECTIONS`.
    pub collections: Vec<String>,
    /// A mirror younger than this is "fresh". Defaults to 2 minutes. Read from `STUDIO_BRAIN_MIRROR_FRESH_WITHIN`.
    pub fresh_within: Duration,
    /// A mirror older than this is "stale" and the service is not ready.
    /// Defaults to 15 minutes. Read from `STUDIO_BRAIN_MIRROR_STALE_AFTER`.
    pub stale_after: Duration,
    /// Other bounds for single collections, after which they are stale: nothing is proposed on what they say, and the
    /// service is not ready. Defaults to none. Read from `STUDIO_BRAIN_MIRROR_STALE_AFTER_OF`.
    pub stale_after_of: Vec<(String, Duration)>,
    /// A stream silent for this long is taken for dead. Defaults to 2 minutes. Read from `STUDIO_BRAIN_MIRROR_WATCHDOG`.
    pub watchdog: Duration,
    /// A healthy stream is replaced after this long. Defaults to 1 hour. Read from `STUDIO_BRAIN_MIRROR_RECONNECT_AFTER`.
    pub reconnect_after: Duration,
    /// Documents per page of the first backfill. Defaults to 300. Read from `STUDIO_BRAIN_MIRROR_PAGE_SIZE`.
    pub page_size: u32,
    /// How many days a replaced or deleted version of a document is kept; 0 keeps none but the newest.
    /// Defaults to 90. Read from `STUDIO_BRAIN_MIRROR_HISTORY_DAYS`.
    pub history_days: u32,
    /// Reads that a day in UTC may cost before what can wait pauses: drift samples, proofs and reading collections again.
    /// Defaults to 50,000. Read from `STUDIO_BRAIN_MIRROR_READ_BUDGET`.
    pub read_budget: u64,
    /// How long after a proof that a collection is what the cloud has the next one is due.
    /// Defaults to 6 hours. Read from `STUDIO_BRAIN_MIRROR_VERIFY_EVERY`.
    pub verify_every: Duration,
}

impl MirrorConfig {
    /// How long a replaced or deleted version of a document is kept.
    pub const fn history(&self) -> Duration {
        Duration::from_secs(self.history_days as u64 * 86_400)
    }

    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let collections = from.take_list(
            SettingDocs::new(
                "mirror.collections",
                Shape::List,
                "The top-level collections to mirror; our own studioBrain… collections are always added.",
            )
            .rule("collection ids, each once: no slash, not . or .., not __…__, at most 1,500 bytes")
            .default(STUDIO_COLLECTIONS),
            collection_id,
        );
        let fresh_within = from.take_duration(
            SettingDocs::new("mirror.fresh_within", Shape::Text, "A mirror younger than this is shown as fresh.")
                .default("2m"),
            1..=86_400,
        );
        let stale_after = from.take_duration(
            SettingDocs::new(
                "mirror.stale_after",
                Shape::Text,
                "A mirror older than this is stale: the service says that it is not ready.",
            )
            .default("15m"),
            1..=604_800,
        );
        let stale_after_of = from.take_list(
            SettingDocs::new(
                "mirror.stale_after_of",
                Shape::List,
                "Other bounds for single collections: nothing is proposed on what is older.",
            )
            .rule("collections of the mirror with a duration from 1s to 168h, such as delegations=5m")
            .unset("mirror.stale_after holds for all"),
            collection_bound,
        );
        let watchdog = from.take_duration(
            SettingDocs::new(
                "mirror.watchdog",
                Shape::Text,
                "A stream silent for this long is taken for dead and opened again.",
            )
            .default("2m"),
            10..=3_600,
        );
        let reconnect_after = from.take_duration(
            SettingDocs::new("mirror.reconnect_after", Shape::Text, "A healthy stream is replaced after this long.")
                .default("1h"),
            60..=86_400,
        );
        let page_size = from.take_whole(
            SettingDocs::new("mirror.page_size", Shape::Whole, "Documents per page of the first backfill.")
                .default("300"),
            "documents",
            1..=2_000,
        );
        let history_days = from.take_whole(
            SettingDocs::new(
                "mirror.history_days",
                Shape::Whole,
                "How long a replaced or deleted version of a document is kept; 0 keeps none but the newest.",
            )
            .default("90"),
            "days",
            0..=3_650,
        );
        let read_budget = from.take_whole(
            SettingDocs::new(
                "mirror.read_budget",
                Shape::Whole,
                "Reads that a day (UTC) may cost before drift samples, proofs and reading collections again pause.",
            )
            .default("50000"),
            "reads",
            100..=1_000_000_000,
        );
        let verify_every = from.take_duration(
            SettingDocs::new(
                "mirror.verify_every",
                Shape::Text,
                "How often each collection is proved to be what the cloud has: counts, and digests that were kept.",
            )
            .default("6h"),
            60..=2_592_000,
        );
        let (fresh_within, stale_after) = (fresh_within?, stale_after?);
        if fresh_within >= stale_after {
            let what = "is not shorter than mirror.stale_after";
            from.problem(
                "mirror.fresh_within",
                what,
                "shorter than mirror.stale_after",
                "shorten it, or lengthen mirror.stale_after",
            );
            return None;
        }
        let bounds: Vec<(String, Duration)> =
            stale_after_of?.unwrap_or_default().into_iter().map(|Bound(id, bound)| (id, bound)).collect();
        let collections = with_ours(collections?.unwrap_or_default(), from)?;
        if let Some((id, _)) = bounds.iter().find(|(id, _)| !collections.contains(id)) {
            let what = format!("names {}, which is not mirrored", quoted(id));
            from.problem(
                "mirror.stale_after_of",
                what,
                "collections of the mirror",
                "remove it, or add it to mirror.collections",
            );
            return None;
        }
        Some(Self {
            collections,
            fresh_within,
            stale_after,
            stale_after_of: bounds,
            watchdog: watchdog?,
            reconnect_after: reconnect_after?,
            page_size: u32::try_from(page_size?).unwrap_or(u32::MAX),
            history_days: u32::try_from(history_days?).unwrap_or(u32::MAX),
            read_budget: read_budget?,
            verify_every: verify_every?,
        })
    }
}

fn with_ours(mut listed: Vec<String>, from: &mut Reader) -> Option<Vec<String>> {
    for (index, id) in listed.iter().enumerate() {
        if listed[..index].contains(id) {
            let what = format!("names {} twice", quoted(id));
            from.problem("mirror.collections", what, "collection ids, each once", "remove one of the two");
            return None;
        }
    }
    for ours in OUR_COLLECTIONS {
        if !listed.iter().any(|id| id == ours) {
            listed.push(ours.to_owned());
        }
    }
    Some(listed)
}

/// A collection with its bound.
struct Bound(String, Duration);

impl Shown for Bound {
    fn shown(&self) -> String {
        format!("{}={}", self.0, self.1.shown())
    }
}

fn collection_bound(text: &str) -> Result<Bound, Wrong> {
    let (id, bound) = text.split_once('=').ok_or_else(|| format!("holds {}, which has no `=`", quoted(text)))?;
    let (least, most) = (Duration::from_secs(1), Duration::from_secs(604_800));
    Ok(Bound(collection_id(id.trim())?, parse::duration(bound.trim(), least, most)?))
}

/// Firestore's own rules for a collection id.
fn collection_id(text: &str) -> Result<String, Wrong> {
    let reserved = text.len() >= 4 && text.starts_with("__") && text.ends_with("__");
    let legal = !text.is_empty()
        && text.len() <= 1_500
        && !text.contains('/')
        && !text.chars().any(char::is_control)
        && !reserved
        && text != "."
        && text != "..";
    if legal { Ok(text.to_owned()) } else { Err(format!("holds {}, which is no collection id", quoted(text))) }
}
