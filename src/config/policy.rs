//! Which rules hold.

use std::path::PathBuf;

use super::{
    parse,
    reader::Reader,
    source::{SettingDocs, Shape},
};

/// Which rules hold.
#[derive(Clone, Debug)]
pub struct PolicyConfig {
    /// The folder of the capability registry and the policies. Without it the shipped ones hold.
    /// Read from `STUDIO_BRAIN_POLICY_FOLDER`.
    pub folder: Option<PathBuf>,
}

impl PolicyConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let folder = from.take_optional(
            SettingDocs::new(
                "policy.folder",
                Shape::Text,
                "Folder of the capability registry and the policies; check it with `studio-brain policy lint`.",
            )
            .rule("a path; it holds capabilities.toml, schema.cedarschema and *.cedar")
            .unset("the shipped rules hold"),
            parse::path,
        );
        Some(Self { folder: folder? })
    }
}
