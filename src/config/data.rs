//! Where local state lives.

use std::path::PathBuf;

use super::{
    parse,
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// Where local state lives.
#[derive(Clone, Debug)]
pub struct DataConfig {
    /// The directory of the database, the socket and evidence files; created when missing.
    /// Defaults to `./data`. Read from `STUDIO_BRAIN_DATA`; `--data` wins.
    pub directory: PathBuf,
}

impl DataConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let directory = from.take(
            SettingDocs::new(
                "data",
                Shape::Text,
                "Directory of the database, the socket and evidence files. `--data` wins.",
            )
            .rule("a path; the directory is created when missing")
            .default("./data"),
            parse::path,
        );
        Some(Self { directory: directory? })
    }
}
