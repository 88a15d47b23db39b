//! What is logged, and how it looks.

use std::{fmt, str::FromStr};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use super::{
    firestore::project_id,
    parse::{Shown, Wrong, quoted, shown_by_display},
    reader::Reader,
    source::{Nature, SettingDocs, Shape},
};

/// What is logged, and how it looks.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// How entries look. Defaults to `auto`. Read from `STUDIO_BRAIN_TELEMETRY_FORMAT`.
    pub format: LogFormat,
    /// What is logged. Defaults to `info`. Read from `STUDIO_BRAIN_TELEMETRY_LEVEL`.
    pub level: LogLevels,
    /// The project in the names of traces.
    /// Defaults to the Firestore project. Read from `STUDIO_BRAIN_TELEMETRY_PROJECT`.
    pub project: String,
}

/// How entries look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Readable on a terminal, Cloud Logging's JSON everywhere else.
    Auto,
    /// Readable, in colour on a terminal.
    Pretty,
    /// Cloud Logging's JSON, one line per entry.
    Stackdriver,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Auto => "auto",
            Self::Pretty => "pretty",
            Self::Stackdriver => "stackdriver",
        })
    }
}

/// A level for everything, and others for modules.
///
/// Invariant: at least one level without a module, so that nothing is silent by accident.
#[derive(Clone, Debug)]
pub struct LogLevels {
    text: String,
    targets: Targets,
}

impl LogLevels {
    /// Parses `info` or `info,studio_brain::jobs=debug`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut targets = Targets::new();
        let mut has_default = false;
        for part in text.split(',').map(str::trim) {
            let (module, level) = part.rsplit_once('=').map_or((None, part), |(module, level)| (Some(module), level));
            let level = LevelFilter::from_str(level).ok().filter(|_| !level.is_empty());
            let level = level.ok_or_else(|| format!("{} holds no level in {}", quoted(text), quoted(part)))?;
            targets = match module {
                Some(module) => targets.with_target(module.trim(), level),
                None => {
                    has_default = true;
                    targets.with_default(level)
                }
            };
        }
        if has_default {
            Ok(Self { text: text.replace(' ', ""), targets })
        } else {
            Err(format!("{} has no level for everything else", quoted(text)))
        }
    }

    /// The filter these levels are.
    pub fn filter(&self) -> Targets {
        self.targets.clone()
    }
}

impl fmt::Display for LogLevels {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

shown_by_display!(LogFormat, LogLevels);

impl TelemetryConfig {
    pub(super) fn read(from: &mut Reader, firestore_project: Option<&String>) -> Option<Self> {
        let format = from.take(
            SettingDocs::new(
                "telemetry.format",
                Shape::Text,
                "How log entries look: auto is readable on a terminal and Cloud Logging's JSON elsewhere.",
            )
            .rule("auto, pretty or stackdriver")
            .default("auto"),
            log_format,
        );
        let level = from.take(
            SettingDocs::new("telemetry.level", Shape::Text, "What is logged: one level, then levels of modules.")
                .rule(
                    "off, error, warn, info, debug or trace, then module=level, such as info,studio_brain::jobs=debug",
                )
                .default("info"),
            LogLevels::parse,
        );
        let project = from.take_optional(
            SettingDocs::new("telemetry.project", Shape::Text, "The Google Cloud project in the names of traces.")
                .rule("a project id: 6 to 30 lower-case letters, digits and hyphens")
                .unset("firestore.project")
                .nature(Nature::Identifier),
            project_id,
        );
        Some(Self { format: format?, level: level?, project: project?.or_else(|| firestore_project.cloned())? })
    }
}

fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text {
        "auto" => Ok(LogFormat::Auto),
        "pretty" => Ok(LogFormat::Pretty),
        "stackdriver" => Ok(LogFormat::Stackdriver),
        _ => Err(format!("{} is not a format", quoted(text))),
    }
}
