//! Where Firestore is, and who we are to it.

use std::net::IpAddr;
use std::path::PathBuf;

use firestore::{FirestoreDb, FirestoreDbOptions};
use gcloud_sdk::google_cloud_auth::credentials::{
    CacheableResource, Credentials as GoogleCredentials, CredentialsProvider, EntityTag,
};
use gcloud_sdk::google_cloud_auth::errors::CredentialsError;
use gcloud_sdk::{GCP_DEFAULT_SCOPES, GoogleAuthHeaders, HeaderMap};
use hyper::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret as _, SecretString};

use crate::authority::Settings;
use crate::authority::error::{Error, Result};

const PRODUCTION: &str = "https://firestore.googleapis.com";

/// The token that Firebase's tools send to a local emulator, which authenticates nobody.
const EMULATOR_TOKEN: &str = "Bearer owner";

/// Where Firestore is, and who we are to it.
///
/// Real credentials exist only beside the production address: they can't be sent to a plain-text endpoint.
#[derive(Clone, Debug)]
pub enum Connect {
    /// Google's service, over TLS.
    Production(Credentials),
    /// An emulator or the sandbox, over plain text, with the emulators' well-known token.
    Plain(PlainEndpoint),
}

impl Connect {
    /// The address, for the client and for people.
    pub fn url(&self) -> String {
        match self {
            Self::Production(_) => PRODUCTION.to_owned(),
            Self::Plain(endpoint) => format!("http://{}", endpoint.0),
        }
    }
}

/// Where the real credentials come from.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// Google's Application Default Credentials.
    ApplicationDefault,
    /// The key file of a service account.
    KeyFile(PathBuf),
    /// The key of a service account itself, as JSON.
    KeyJson(SecretString),
}

/// The address of a server that authenticates nobody: `host:port`, without TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainEndpoint(String);

/// Why an address of an emulator was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the address of an emulator: {rule}")]
pub struct BadEndpoint {
    text: String,
    rule: &'static str,
}

impl PlainEndpoint {
    /// An address on this machine, such as `127.0.0.1:8681` or `localhost:8681`.
    pub fn parse(text: &str) -> std::result::Result<Self, BadEndpoint> {
        let (endpoint, host) = Self::split(text)?;
        let loopback = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if !loopback {
            let rule = "it is not on this machine, and what is sent there can be read on the way";
            return Err(BadEndpoint { text: text.to_owned(), rule });
        }
        Ok(endpoint)
    }

    /// An address anywhere, for an emulator in a neighbouring container: everything sent there can be read on the way.
    pub fn parse_anywhere(text: &str) -> std::result::Result<Self, BadEndpoint> {
        Ok(Self::split(text)?.0)
    }

    fn split(text: &str) -> std::result::Result<(Self, String), BadEndpoint> {
        let bad = |rule| BadEndpoint { text: text.to_owned(), rule };
        let bare = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
        if bare.contains("://") {
            return Err(bad("only plain http is spoken to an emulator"));
        }
        let (host, port) = bare.rsplit_once(':').ok_or_else(|| bad("it needs a host and a port"))?;
        port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| bad("its port is not 1 to 65535"))?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let legal = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(legal) {
            return Err(bad("it needs a host and a port"));
        }
        Ok((Self(bare.to_owned()), host.to_owned()))
    }
}

/// Opens the connection.
pub(super) async fn open(settings: &Settings) -> Result<FirestoreDb> {
    let url = settings.connect.url();
    let options = FirestoreDbOptions::new(settings.project.clone())
        .with_database_id(settings.database.clone())
        .with_firebase_api_url(url.clone());
    let opened = match &settings.connect {
        Connect::Production(Credentials::ApplicationDefault) => {
            let auth = GoogleAuthHeaders::from_adc().await.map_err(|error| Error::connect(&url, error))?;
            FirestoreDb::with_options_auth(options, auth).await
        }
        Connect::Production(Credentials::KeyFile(file)) => {
            FirestoreDb::with_options_service_account_key_file(options, file.clone()).await
        }
        Connect::Production(Credentials::KeyJson(json)) => {
            let key = serde_json::from_str(json.expose_secret())
                .map_err(|_| Error::malformed("read the service account's key".to_owned(), "it is not JSON"))?;
            let auth = GoogleAuthHeaders::from_service_account_key(key, GCP_DEFAULT_SCOPES.clone())
                .await
                .map_err(|error| Error::connect(&url, error))?;
            FirestoreDb::with_options_auth(options, auth).await
        }
        Connect::Plain(_) => {
            FirestoreDb::with_options_auth(options, GoogleCredentials::from(EmulatorCredentials::new())).await
        }
    };
    opened.map_err(|error| Error::connect(&url, error))
}

/// Credentials that are none: they serve the emulators' well-known token.
#[derive(Debug)]
struct EmulatorCredentials {
    tag: EntityTag,
}

impl EmulatorCredentials {
    fn new() -> Self {
        Self { tag: EntityTag::new() }
    }
}

impl CredentialsProvider for EmulatorCredentials {
    async fn headers(
        &self,
        extensions: hyper::http::Extensions,
    ) -> std::result::Result<CacheableResource<HeaderMap>, CredentialsError> {
        if extensions.get::<EntityTag>() == Some(&self.tag) {
            return Ok(CacheableResource::NotModified);
        }
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static(EMULATOR_TOKEN));
        Ok(CacheableResource::New { entity_tag: self.tag.clone(), data: headers })
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_endpoint_is_on_this_machine_unless_asked_otherwise() {
        for good in ["127.0.0.1:8681", "localhost:8681", "http://localhost:8681/", "[::1]:8681"] {
            assert!(PlainEndpoint::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "localhost", ":80", "10.0.0.7:8681", "https://localhost:1", "localhost:0", "a b:1", "x@h:1"] {
            assert!(PlainEndpoint::parse(bad).is_err(), "{bad}");
        }
        assert!(PlainEndpoint::parse_anywhere("firestore:8681").is_ok());
        assert!(PlainEndpoint::parse_anywhere("https://firestore.googleapis.com:443").is_err());
    }
}
