//! Where the truth is and how to reach it.

use std::{fmt, net::IpAddr, path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{
    parse::{self, Wrong, quoted, shown_by_display},
    reader::Reader,
    source::{Nature, SettingDocs, Shape},
};
use crate::config::parse::Shown;

/// Where the truth is and how to reach it.
#[derive(Clone, Debug)]
pub struct FirestoreConfig {
    /// The Google Cloud project. No default. Read from `STUDIO_BRAIN_FIRESTORE_PROJECT`.
    pub project: String,
    /// The database in it. Defaults to `(default)`. Read from `STUDIO_BRAIN_FIRESTORE_DATABASE`.
    pub database: String,
    /// Production with credentials, or an emulator without: there is no third case.
    pub endpoint: Endpoint,
    /// How long one request may take. Defaults to 30 seconds. Read from `STUDIO_BRAIN_FIRESTORE_REQUEST_TIMEOUT`.
    pub request_timeout: Duration,
}

/// Production with credentials, or an emulator without.
#[derive(Clone, Debug)]
pub enum Endpoint {
    /// `https://firestore.googleapis.com`.
    Production {
        /// As whom.
        credentials: Credentials,
    },
    /// A plain-text endpoint, which never sees a credential.
    Emulator(EmulatorAddress),
}

/// As whom Firestore is asked.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Application Default Credentials. The default; `adc` in `STUDIO_BRAIN_FIRESTORE_CREDENTIALS`.
    ApplicationDefault,
    /// A service account's key file: any other value of `STUDIO_BRAIN_FIRESTORE_CREDENTIALS`.
    KeyFile(PathBuf),
    /// A service account's key itself, from `STUDIO_BRAIN_FIRESTORE_CREDENTIALS_JSON`.
    KeyJson(SecretString),
}

impl Shown for Credentials {
    fn shown(&self) -> String {
        match self {
            Self::ApplicationDefault => "adc".to_owned(),
            Self::KeyFile(path) => path.display().to_string(),
            Self::KeyJson(_) => "[set]".to_owned(),
        }
    }
}

/// The host and port of a plain-text Firestore endpoint.
///
/// Invariant: a host name or address without scheme, user or path, and a port other than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmulatorAddress {
    host: String,
    port: u16,
}

impl EmulatorAddress {
    /// Parses `host:port`, such as `127.0.0.1:8681` or `[::1]:8681`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("{} {why}", quoted(text));
        if text.contains("://") {
            return Err(wrong("has a scheme; give host and port only"));
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(|| wrong("has no port"))?;
        let port: u16 = port.parse().map_err(|_| wrong("has no valid port"))?;
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let legal = match bare {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)),
        };
        match (legal, port) {
            (true, 1..) => Ok(Self { host: host.to_owned(), port }),
            (true, 0) => Err(wrong("has port 0")),
            (false, _) => Err(wrong("has no valid host")),
        }
    }

    /// The URL a client connects to.
    pub fn url(&self) -> String {
        format!("http://{self}")
    }

    /// Whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

impl fmt::Display for EmulatorAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host, self.port)
    }
}

shown_by_display!(EmulatorAddress);

/// Whether `host` is this machine by its very spelling.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

const PLAIN_TEXT_RULE: &str = "credentials are never used with a plain-text endpoint";

impl FirestoreConfig {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let project = from.take(
            SettingDocs::new(
                "firestore.project",
                Shape::Text,
                "The Google Cloud project that holds the studio's Firestore.",
            )
            .rule("a project id: 6 to 30 lower-case letters, digits and hyphens")
            .nature(Nature::Identifier),
            project_id,
        );
        let database = from.take(
            SettingDocs::new("firestore.database", Shape::Text, "The Firestore database in the project.")
                .rule("(default), or 4 to 63 lower-case letters, digits and hyphens")
                .default("(default)"),
            |text| if text == "(default)" { Ok(text.to_owned()) } else { parse::dashed_name(text, 4..=63) },
        );
        let endpoint = read_endpoint(from);
        let request_timeout = from.take_duration(
            SettingDocs::new("firestore.request_timeout", Shape::Text, "How long one request to Firestore may take.")
                .default("30s"),
            1..=300,
        );
        Some(Self { project: project?, database: database?, endpoint: endpoint?, request_timeout: request_timeout? })
    }
}

/// A Google Cloud project id.
pub(super) fn project_id(text: &str) -> Result<String, Wrong> {
    parse::dashed_name(text, 6..=30)
}

fn read_endpoint(from: &mut Reader) -> Option<Endpoint> {
    let emulator = from.take_optional(
        SettingDocs::new(
            "firestore.emulator_host",
            Shape::Text,
            "An emulator or sandbox instead of production, reached in plain text.",
        )
        .rule("host:port without a scheme, on this machine unless firestore.emulator_may_be_remote is true")
        .unset("production")
        .second_variable("FIRESTORE_EMULATOR_HOST"),
        EmulatorAddress::parse,
    );
    let may_be_remote = from.take(
        SettingDocs::new(
            "firestore.emulator_may_be_remote",
            Shape::Flag,
            "Whether the emulator may be on another machine.",
        )
        .rule("true or false")
        .default("false"),
        parse::flag,
    );
    let credentials = from.take(
        SettingDocs::new(
            "firestore.credentials",
            Shape::Text,
            "As whom to ask Firestore: Application Default Credentials or a key file.",
        )
        .rule("adc, or the path of a service account's key file; no path with an emulator")
        .default("adc")
        .nature(Nature::Identifier),
        |text| match text {
            "adc" => Ok(Credentials::ApplicationDefault),
            text => parse::path(text).map(Credentials::KeyFile),
        },
    );
    let key_json = from.take_optional(
        SettingDocs::new(
            "firestore.credentials_json",
            Shape::Text,
            "A service account's key itself, where there is no file. Better as a variable.",
        )
        .rule("the JSON of the key, with type service_account; not together with a key file or an emulator")
        .unset("firestore.credentials says as whom")
        .nature(Nature::Secret),
        key_json,
    );
    let (emulator, may_be_remote, credentials, key_json) = (emulator?, may_be_remote?, credentials?, key_json?);
    let credentials = match (credentials, key_json) {
        (Credentials::KeyFile(_), Some(_)) => {
            let what = "is set together with a key file in firestore.credentials";
            from.problem("firestore.credentials_json", what, "one key only", "remove one of the two");
            return None;
        }
        (file @ Credentials::KeyFile(_), None) => file,
        (Credentials::ApplicationDefault | Credentials::KeyJson(_), Some(json)) => Credentials::KeyJson(json),
        (other, None) => other,
    };
    match (emulator, credentials) {
        (None, credentials) => Some(Endpoint::Production { credentials }),
        (Some(emulator), _) if !emulator.is_loopback() && !may_be_remote => {
            let what = format!("{emulator} is not on this machine");
            let rule = "on this machine, unless firestore.emulator_may_be_remote is true";
            from.problem(
                "firestore.emulator_host",
                what,
                rule,
                "use a loopback address, or set firestore.emulator_may_be_remote = true",
            );
            None
        }
        (Some(emulator), Credentials::ApplicationDefault) => Some(Endpoint::Emulator(emulator)),
        (Some(emulator), Credentials::KeyFile(_)) => {
            let what = format!("names a key file while firestore.emulator_host is {emulator}");
            from.problem(
                "firestore.credentials",
                what,
                PLAIN_TEXT_RULE,
                "remove the key file, or the emulator (also FIRESTORE_EMULATOR_HOST)",
            );
            None
        }
        (Some(emulator), Credentials::KeyJson(_)) => {
            let what = format!("is set while firestore.emulator_host is {emulator}");
            from.problem(
                "firestore.credentials_json",
                what,
                PLAIN_TEXT_RULE,
                "remove the key, or the emulator (also FIRESTORE_EMULATOR_HOST)",
            );
            None
        }
    }
}

/// Looks only at the shape of the key; nothing of it may get into a message.
fn key_json(text: &str) -> Result<SecretString, Wrong> {
    let key: serde_json::Value = serde_json::from_str(text).map_err(|_| "is not JSON".to_owned())?;
    let complete =
        key["type"] == "service_account" && key["private_key"].is_string() && key["client_email"].is_string();
    if complete { Ok(SecretString::from(text)) } else { Err("is not a service account's key".to_owned()) }
}
