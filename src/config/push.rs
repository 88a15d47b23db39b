//! Whether and how approved writes are sent.

use std::num::NonZeroU32;
use std::time::Duration;

use super::{
    parse,
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// Whether and how approved writes are sent.
#[derive(Clone, Debug)]
pub struct PushConfig {
    /// Whether anything is ever written to Firestore. Off unless turned on. Read from `STUDIO_BRAIN_PUSH_ENABLED`.
    pub enabled: bool,
    /// Most writes sent in one pass. Defaults to 20. Read from `STUDIO_BRAIN_PUSH_BATCH`.
    pub batch: u16,
    /// How long an approval stays good. Defaults to 1 hour. Read from `STUDIO_BRAIN_PUSH_APPROVAL_LIFETIME`.
    pub approval_lifetime: Duration,
    /// How long to wait before a write of unknown outcome is looked up again.
    /// Defaults to 30 seconds. Read from `STUDIO_BRAIN_PUSH_UNKNOWN_RETRY_AFTER`.
    pub unknown_retry_after: Duration,
    /// Most writes sent in one second until use lets that grow by half every five minutes.
    /// Defaults to 500. Read from `STUDIO_BRAIN_PUSH_START_RATE`.
    pub start_rate: NonZeroU32,
}

impl PushConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let enabled = from.take(
            SettingDocs::new(
                "push.enabled",
                Shape::Flag,
                "Whether approved writes are ever sent to Firestore. Off unless turned on.",
            )
            .rule("true or false")
            .default("false"),
            parse::flag,
        );
        let batch = from.take_whole(
            SettingDocs::new("push.batch", Shape::Whole, "Most writes sent in one pass.").default("20"),
            "writes",
            1..=500,
        );
        let approval_lifetime = from.take_duration(
            SettingDocs::new("push.approval_lifetime", Shape::Text, "How long an approval stays good.").default("1h"),
            60..=604_800,
        );
        let unknown_retry_after = from.take_duration(
            SettingDocs::new(
                "push.unknown_retry_after",
                Shape::Text,
                "How long to wait before a write of unknown outcome is looked up again.",
            )
            .default("30s"),
            1..=3_600,
        );
        let start_rate = from.take_whole(
            SettingDocs::new(
                "push.start_rate",
                Shape::Whole,
                "Most writes sent in one second until use lets that grow by half every five minutes.",
            )
            .default("500"),
            "writes",
            1..=10_000,
        );
        Some(Self {
            enabled: enabled?,
            batch: u16::try_from(batch?).unwrap_or(u16::MAX),
            approval_lifetime: approval_lifetime?,
            unknown_retry_after: unknown_retry_after?,
            start_rate: u32::try_from(start_rate?).ok().and_then(NonZeroU32::new)?,
        })
    }
}
