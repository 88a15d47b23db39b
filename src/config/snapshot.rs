//! How often the studio's state is kept, and for how long.

use std::time::Duration;

use super::{
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// How often the studio's state is kept, and for how long.
#[derive(Clone, Debug)]
pub struct SnapshotConfig {
    /// How long after a kept snapshot the next one is kept, if anything changed.
    /// Defaults to 15 minutes. Read from `STUDIO_BRAIN_SNAPSHOT_EVERY`.
    pub every: Duration,
    /// For how many days all of them, and the documents behind their differences, are kept; one of each day is kept for
    /// good. Defaults to 30. Read from `STUDIO_BRAIN_SNAPSHOT_KEEP_DAYS`.
    pub keep_days: u32,
}

impl SnapshotConfig {
    /// For how long all snapshots are kept.
    pub const fn keep(&self) -> Duration {
        Duration::from_secs(self.keep_days as u64 * 86_400)
    }

    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let every = from.take_duration(
            SettingDocs::new(
                "snapshot.every",
                Shape::Text,
                "How long after a kept snapshot the next one is kept, if anything changed.",
            )
            .default("15m"),
            60..=86_400,
        );
        let keep_days = from.take_whole(
            SettingDocs::new(
                "snapshot.keep_days",
                Shape::Whole,
                "How long every kept snapshot stays, with the documents behind differences; one a day stays for good.",
            )
            .default("30"),
            "days",
            1..=3_650,
        );
        Some(Self { every: every?, keep_days: u32::try_from(keep_days?).unwrap_or(u32::MAX) })
    }
}
