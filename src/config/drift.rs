//! How drift is looked for.

use std::time::Duration;

use super::{
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// How drift is looked for.
#[derive(Clone, Debug)]
pub struct DriftConfig {
    /// Time between two passes. Defaults to 15 minutes. Read from `STUDIO_BRAIN_DRIFT_PERIOD`.
    pub period: Duration,
    /// Documents read again from Firestore in one pass. Defaults to 200. Read from `STUDIO_BRAIN_DRIFT_SAMPLE`.
    pub sample: u32,
    /// Most documents read again from Firestore in 24 hours, over all passes: a cap on what is billed.
    /// Defaults to 20,000. Read from `STUDIO_BRAIN_DRIFT_BUDGET`.
    pub budget: u32,
}

impl DriftConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let period = from.take_duration(
            SettingDocs::new("drift.period", Shape::Text, "Time between two comparisons of the mirror with Firestore.")
                .default("15m"),
            10..=86_400,
        );
        let sample = from.take_whole(
            SettingDocs::new("drift.sample", Shape::Whole, "Documents read again from Firestore in one comparison.")
                .default("200"),
            "documents",
            0..=100_000,
        );
        let budget = from.take_whole(
            SettingDocs::new(
                "drift.budget",
                Shape::Whole,
                "Most documents read again in 24 hours, over all comparisons: a cap on what is billed.",
            )
            .default("20000"),
            "documents",
            0..=10_000_000,
        );
        let (sample, budget) = (sample?, budget?);
        if sample > budget {
            let what = format!("{sample} is more than drift.budget allows ({budget})");
            from.problem("drift.sample", what, "at most drift.budget", "lower it, or raise drift.budget");
            return None;
        }
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Some(Self { period: period?, sample: narrow(sample), budget: narrow(budget) })
    }
}
