//! Every setting: what it is, its unit, its default and its variable.
//!
//! A setting is declared once, where it is read; from that one declaration come the list of known keys, the errors, the
//! fingerprint, what `doctor` shows and the example file.

/// What goes wrong: every problem at once, each with its fix.
pub mod problem;

/// Where values come from, and what a setting says about itself.
pub mod source;

mod nearest;

mod parse;

mod placeholder;

mod reader;

mod example;

/// Which studio this is.
pub mod studio;

/// Where the truth is and how to reach it.
pub mod firestore;

/// What is mirrored and how fresh it must be.
pub mod mirror;

/// How drift is looked for.
pub mod drift;

/// How often the studio's state is kept, and for how long.
pub mod snapshot;

/// Whether and how approved writes are sent.
pub mod push;

/// Which rules hold.
pub mod policy;

/// Where the cockpit listens.
pub mod web;

/// Who may sign in.
pub mod identity;

/// Where people sign in.
pub mod providers;

/// Who may use the socket on this machine.
pub mod operators;

/// What is logged, and how it looks.
pub mod telemetry;

/// Where local state lives.
pub mod data;

/// The configuration of demonstrations and tests.
#[cfg(feature = "sandbox")]
pub mod sandbox;

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

pub use problem::{ConfigErrors, Problem};
pub use source::{DescribedSetting, Origin, SettingDocs, Sources};

use reader::Reader;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which studio this is.
    pub studio: studio::StudioConfig,
    /// Where the truth is and how to reach it.
    pub firestore: firestore::FirestoreConfig,
    /// What is mirrored and how fresh it must be.
    pub mirror: mirror::MirrorConfig,
    /// How drift is looked for.
    pub drift: drift::DriftConfig,
    /// How often the studio's state is kept, and for how long.
    pub snapshot: snapshot::SnapshotConfig,
    /// Whether and how approved writes are sent.
    pub push: push::PushConfig,
    /// Which rules hold.
    pub policy: policy::PolicyConfig,
    /// Where the cockpit listens.
    pub web: web::WebConfig,
    /// Who may sign in.
    pub identity: identity::IdentityConfig,
    /// Who may use the socket on this machine.
    pub operators: operators::OperatorsConfig,
    /// What is logged, and how it looks.
    pub telemetry: telemetry::TelemetryConfig,
    /// Where local state lives.
    pub data: data::DataConfig,
    described: Described,
    sources: Sources,
}

/// What `doctor` shows; kept out of Debug, where it would repeat everything.
#[derive(Clone, Default)]
struct Described(Vec<DescribedSetting>);

impl fmt::Debug for Described {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} settings", self.0.len())
    }
}

impl Config {
    /// Reads every setting from the file, the environment (which wins) and the command line (which wins over both).
    ///
    /// # Errors
    /// [`ConfigErrors`] holds every problem found, not only the first.
    pub fn load(sources: Sources) -> Result<Self, ConfigErrors> {
        let mut reader = Reader::open(sources.clone());
        let read = Self::read(&mut reader);
        let (described, problems) = reader.finish();
        match read {
            Some(config) if problems.is_empty() => Ok(Self { described: Described(described), sources, ..config }),
            _ => Err(ConfigErrors::new(problems)),
        }
    }

    /// Every setting with its value (a secret only as `[set]`) and where it came from, in the order of the example file.
    pub fn describe(&self) -> &[DescribedSetting] {
        &self.described.0
    }

    /// SHA-256, in hex, of every setting that is not a secret in canonical form; written to the audit log at start.
    ///
    /// `15m` and `900s` have the same fingerprint; where a value came from does not matter.
    pub fn fingerprint(&self) -> String {
        let mut canonical = String::from("studio-brain configuration 1\n");
        for setting in &self.described.0 {
            if !setting.docs.is_secret() {
                writeln!(canonical, "{}={:?}", setting.docs.key, setting.value)
                    .expect("BUG: writing to a string failed");
            }
        }
        hex::encode(Sha256::digest(canonical.as_bytes()))
    }

    /// The settings that have another value now than when this configuration was read. Of secrets nothing is told.
    ///
    /// # Errors
    /// The configuration can't be read any more: the service would not start with it.
    pub fn changed_since(&self) -> Result<Vec<&'static str>, ConfigErrors> {
        let now = Self::load(self.sources.clone())?;
        let differs = |(ours, theirs): &(&DescribedSetting, &DescribedSetting)| ours.value != theirs.value;
        let pairs = self.describe().iter().zip(now.describe()).filter(differs);
        Ok(pairs.map(|(ours, _)| ours.docs.key).collect())
    }

    /// The commented example file; `deploy/studio-brain.example.toml` is kept equal to it by a test.
    pub fn example() -> String {
        example::render(&Self::schema())
    }

    /// What every setting says about itself, in the order of the example file.
    pub fn schema() -> Vec<SettingDocs> {
        let mut reader = Reader::open(Sources::default());
        let _ = Self::read(&mut reader);
        reader.schema()
    }

    /// Reads all sections before giving up, so that all problems are found.
    fn read(from: &mut Reader) -> Option<Self> {
        let data = data::DataConfig::read(from);
        let studio = studio::StudioConfig::read(from);
        let firestore = firestore::FirestoreConfig::read(from);
        let mirror = mirror::MirrorConfig::read(from);
        let drift = drift::DriftConfig::read(from);
        let snapshot = snapshot::SnapshotConfig::read(from);
        let push = push::PushConfig::read(from);
        let policy = policy::PolicyConfig::read(from);
        let web = web::WebConfig::read(from);
        let identity = identity::IdentityConfig::read(from, firestore.as_ref().map(|firestore| &firestore.project));
        let operators = operators::OperatorsConfig::read(from);
        let telemetry = telemetry::TelemetryConfig::read(from, firestore.as_ref().map(|firestore| &firestore.project));
        Some(Self {
            studio: studio?,
            firestore: firestore?,
            mirror: mirror?,
            drift: drift?,
            snapshot: snapshot?,
            push: push?,
            policy: policy?,
            web: web?,
            identity: identity?,
            operators: operators?,
            telemetry: telemetry?,
            data: data?,
            described: Described::default(),
            sources: Sources::default(),
        })
    }
}
