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
    /// A number differs from the cloud's when it is that far from it, and also that many thousandths.
    /// Defaults to 1. Read from `STUDIO_BRAIN_DRIFT_NUMBERS_ABSOLUTE`.
    pub numbers_absolute: u64,
    /// Thousandths of the expected number. Defaults to 0: numbers of one moment have no reason to differ.
    /// Read from `STUDIO_BRAIN_DRIFT_NUMBERS_PER_MILLE`.
    pub numbers_per_mille: u64,
    /// What is expected counts as that much at least. Defaults to 20. Read from `STUDIO_BRAIN_DRIFT_NUMBERS_FLOOR`.
    pub numbers_floor: u64,
    /// How far our clock may be from the server's. Defaults to 5 seconds. Read from `STUDIO_BRAIN_DRIFT_CLOCK`.
    pub clock: Duration,
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
        let numbers_absolute = from.take_whole(
            SettingDocs::new(
                "drift.numbers_absolute",
                Shape::Whole,
                "A number differs from the cloud's when it is that far from it, and numbers_per_mille, too.",
            )
            .default("1"),
            "documents",
            1..=1_000_000,
        );
        let numbers_per_mille = from.take_whole(
            SettingDocs::new(
                "drift.numbers_per_mille",
                Shape::Whole,
                "And that many thousandths of it; 0, as numbers of one moment have no reason to differ.",
            )
            .default("0"),
            "thousandths",
            0..=1_000,
        );
        let numbers_floor = from.take_whole(
            SettingDocs::new(
                "drift.numbers_floor",
                Shape::Whole,
                "A smaller number counts as that much, so that 2 for 1 is not taken for twice as much.",
            )
            .default("20"),
            "documents",
            1..=1_000_000,
        );
        let clock = from.take_duration(
            SettingDocs::new("drift.clock", Shape::Text, "How far our clock may be from the server's.").default("5s"),
            1..=3_600,
        );
        let (sample, budget) = (sample?, budget?);
        if sample > budget {
            let what = format!("{sample} is more than drift.budget allows ({budget})");
            from.problem("drift.sample", what, "at most drift.budget", "lower it, or raise drift.budget");
            return None;
        }
        let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        Some(Self {
            period: period?,
            sample: narrow(sample),
            budget: narrow(budget),
            numbers_absolute: numbers_absolute?,
            numbers_per_mille: numbers_per_mille?,
            numbers_floor: numbers_floor?,
            clock: clock?,
        })
    }
}
