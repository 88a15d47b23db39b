//! The files that come with the service.

use std::sync::LazyLock;

use crate::domain::vocabulary::{BATCHES, Standing, Vocabulary, Word, Words};

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$((
            concat!("infra/vocabulary/", $name, ".toml"),
            include_str!(concat!("../../../infra/vocabulary/", $name, ".toml")),
        )),*]
    };
}

/// Every file, with its name.
const FILES: &[(&str, &str)] = files![
    "agentAccounts",
    "agentClients",
    "agentOrders",
    "agentRequests",
    "batches",
    "communityReportAppeals",
    "communityReports",
    "delegations",
    "eventCharges",
    "eventSignups",
    "events",
    "kilnFirings",
    "kilnLaunchRequests",
    "kilns",
    "libraryItems",
    "libraryLoans",
    "libraryRequests",
    "materialsOrders",
    "materialsProducts",
    "moderationPolicyVersions",
    "notificationJobs",
    "payments",
    "profiles",
    "reservations",
    "stripeWebhookEvents",
    "studioSpaceReservations",
    "studioSpaces",
    "supportRequests",
    "users",
];

impl Vocabulary {
    /// The vocabulary that comes with the service.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Vocabulary> =
            LazyLock::new(|| Vocabulary::parse(FILES).expect("BUG: a test reads the shipped vocabulary"));
        &SHIPPED
    }
}

fn batch_states() -> &'static Words {
    let batches = Vocabulary::shipped().named(BATCHES).and_then(|known| known.words_named("state"));
    batches.expect("BUG: a test finds the states of batches")
}

/// The states of a batch.
pub static BATCH_STATES: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| batch_states().iter().map(Word::word).collect());

/// Does this word say that a batch is closed?
pub fn is_closed_state(word: &str) -> bool {
    batch_states().standing_of(word) == Standing::Closed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::value::FieldPath;

    #[test]
    fn the_states_of_batches_are_those_that_the_cloud_writes() {
        assert_eq!(BATCH_STATES.len(), 8);
        assert!(is_closed_state("CLOSED_PICKED_UP") && is_closed_state("CLOSED_OTHER"));
        assert!(!is_closed_state("READY_FOR_PICKUP") && !is_closed_state("ON_HOLD"));
    }

    #[test]
    fn every_figure_of_the_snapshots_of_before_is_there() {
        let figures: BTreeSet<&str> =
            Vocabulary::shipped().iter().flat_map(|known| known.figures()).map(|figure| figure.name()).collect();
        for name in [
            "batchesActive",
            "batchesClosed",
            "reservationsOpen",
            "firingsScheduled",
            "reportsOpen",
            "agentRequestsPending",
            "highSeverityReports",
            "pendingOrders",
            "unsettledPayments",
        ] {
            assert!(figures.contains(name), "{name}");
        }
    }

    #[test]
    fn whatever_is_referred_to_has_a_vocabulary_and_is_known() {
        for known in Vocabulary::shipped().iter() {
            for (field, target) in known.references() {
                assert!(Vocabulary::shipped().of(target).is_some(), "{} {field} {target}", known.collection());
                assert!(known.fields().contains_key(field));
            }
            assert!(known.standing_field().is_none_or(|field| known.words_of(field).is_some()));
            assert!(known.required().iter().all(|field: &FieldPath| known.fields().contains_key(field)));
        }
    }
}
