//! Where values come from, and what a setting says about itself.

use std::{collections::BTreeMap, fmt, path::PathBuf};

/// What every variable of ours begins with.
pub(super) const PREFIX: &str = "STUDIO_BRAIN_";

/// Variables with our prefix that belong to the command line and are no settings.
pub(super) const COMMAND_LINE_VARIABLES: [&str; 1] = ["STUDIO_BRAIN_CONFIG"];

/// Everything a configuration is read from; handed in, so that a test needs no process environment.
#[derive(Clone, Default)]
pub struct Sources {
    /// The TOML file, if one was named.
    pub file: Option<PathBuf>,
    /// The process environment, or what a test puts in its place.
    pub environment: BTreeMap<String, String>,
    /// What the command line says, by key; wins over everything.
    pub overrides: BTreeMap<String, String>,
}

impl Sources {
    /// The environment of this process, the named file, and the data directory given with `--data`.
    pub fn of_this_process(file: Option<PathBuf>, data: Option<PathBuf>) -> Self {
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        let overrides = data.map(|data| ("data".to_owned(), data.to_string_lossy().into_owned())).into_iter().collect();
        Self { file, environment, overrides }
    }

    /// Adds what the command line says about `key`.
    pub fn with_override(mut self, key: &str, value: impl Into<String>) -> Self {
        self.overrides.insert(key.to_owned(), value.into());
        self
    }

    /// Adds one variable.
    pub fn with_variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }
}

/// Shows the file only: variables and overrides may hold secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sources").field("file", &self.file).finish_non_exhaustive()
    }
}

/// Where the value of a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The file.
    File,
    /// The named variable.
    Environment(String),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File => out.write_str("file"),
            Self::Environment(variable) => write!(out, "environment ({variable})"),
            Self::CommandLine => out.write_str("command line"),
        }
    }
}

/// A setting as `doctor` shows it.
#[derive(Clone, Debug)]
pub struct DescribedSetting {
    /// What the setting says about itself.
    pub docs: SettingDocs,
    /// Its value in canonical form; `[set]` for a secret.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// What a setting says about itself.
#[derive(Clone, Debug)]
pub struct SettingDocs {
    /// Section and name, such as `web.listen`.
    pub key: &'static str,
    /// What it is, in one or two sentences.
    pub what: &'static str,
    /// What its value must be.
    pub rule: String,
    /// What holds when nobody says anything.
    pub default: DefaultValue,
    pub(super) shape: Shape,
    pub(super) nature: Nature,
    pub(super) second_variable: Option<&'static str>,
}

/// What holds when nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultValue {
    /// This value; items of a list are separated by commas.
    Value(&'static str),
    /// There must be a value.
    Required,
    /// No value is fine, and means this.
    Unset(&'static str),
}

/// How a value is written in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Whole,
    /// `true` or `false`.
    Flag,
    /// A list of strings; in a variable, separated by commas.
    List,
    /// A list of `{ uid = "…", role = "…" }`; in a variable, `uid:…=role` separated by commas.
    Staff,
}

/// How careful one has to be with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// May be anything its rule allows.
    Plain,
    /// Names something real, so that a placeholder is a mistake.
    Identifier,
    /// Never shown, and never a placeholder.
    Secret,
}

impl SettingDocs {
    pub(super) fn new(key: &'static str, shape: Shape, what: &'static str) -> Self {
        Self {
            key,
            what,
            rule: String::new(),
            default: DefaultValue::Required,
            shape,
            nature: Nature::Plain,
            second_variable: None,
        }
    }

    pub(super) fn rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = rule.into();
        self
    }

    pub(super) fn default(mut self, value: &'static str) -> Self {
        self.default = DefaultValue::Value(value);
        self
    }

    pub(super) fn unset(mut self, meaning: &'static str) -> Self {
        self.default = DefaultValue::Unset(meaning);
        self
    }

    pub(super) fn nature(mut self, nature: Nature) -> Self {
        self.nature = nature;
        self
    }

    pub(super) fn second_variable(mut self, variable: &'static str) -> Self {
        self.second_variable = Some(variable);
        self
    }

    /// The variable that sets it, such as `STUDIO_BRAIN_WEB_LISTEN`.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.key.replace('.', "_").to_uppercase())
    }

    /// All variables that set it, the strongest first.
    pub fn variables(&self) -> Vec<String> {
        let second = self.second_variable.map(str::to_owned);
        [self.variable()].into_iter().chain(second).collect()
    }

    /// Whether its value is never shown.
    pub fn is_secret(&self) -> bool {
        self.nature == Nature::Secret
    }
}
