//! Which studio this is.

use jiff::tz::TimeZone;

use super::{
    parse,
    reader::Reader,
    source::{Nature, SettingDocs, Shape},
};

/// Which studio this is.
#[derive(Clone, Debug)]
pub struct StudioConfig {
    /// The studio's short name in every record: 2 to 40 lower-case letters, digits and hyphens.
    /// No default. Read from `STUDIO_BRAIN_STUDIO_ID`.
    pub id: String,
    /// What people call it. Defaults to the id. Read from `STUDIO_BRAIN_STUDIO_NAME`.
    pub name: String,
    /// The zone in which days begin and end. Defaults to `America/Phoenix`. Read from `STUDIO_BRAIN_STUDIO_TIME_ZONE`.
    pub time_zone: TimeZone,
}

impl StudioConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let id = from.take(
            SettingDocs::new(
                "studio.id",
                Shape::Text,
                "The studio's short name in every record. Never change it later.",
            )
            .rule("2 to 40 lower-case letters, digits and hyphens, such as monsoon-west")
            .nature(Nature::Identifier),
            |text| parse::dashed_name(text, 2..=40),
        );
        let name = from.take_optional(
            SettingDocs::new("studio.name", Shape::Text, "What people call the studio.")
                .rule("1 to 80 characters")
                .unset("the id"),
            parse::short_text,
        );
        let time_zone = from.take(
            SettingDocs::new("studio.time_zone", Shape::Text, "The zone in which the studio's days begin and end.")
                .rule("a name of the IANA time zone database, such as America/Phoenix")
                .default("America/Phoenix"),
            parse::time_zone,
        );
        let id = id?;
        Some(Self { name: name?.unwrap_or_else(|| id.clone()), id, time_zone: time_zone? })
    }
}
