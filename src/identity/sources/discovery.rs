//! What an OpenID Connect provider says about itself (OpenID Connect Discovery 1.0).

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;

use crate::domain::time::Timestamp;
use crate::identity::key_source::{FetchError, asked, client};
use crate::identity::keys::LAST_GOOD;

/// How long it is believed without asking again.
const FRESH: Duration = Duration::from_secs(3_600);

/// Where a provider is asked what.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Metadata {
    /// What the provider calls itself in its tokens.
    pub issuer: String,
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where a code becomes a token.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
}

/// Asks a provider about itself when needed.
///
/// # Guarantees
/// * A provider that calls itself something else, or that sends anybody to plain http elsewhere, is not believed.
/// * One that can't be reached is believed for as long as its last good keys are.
pub struct Discovery {
    issuer: String,
    client: reqwest::Client,
    held: Mutex<Option<(Metadata, Timestamp)>>,
}

impl Discovery {
    /// Of this issuer. Nothing is asked yet.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn of(issuer: &str) -> Result<Self, FetchError> {
        Ok(Self { issuer: issuer.to_owned(), client: client()?, held: Mutex::new(None) })
    }

    /// The client that asks this provider.
    pub(in crate::identity) const fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// What the provider says about itself.
    ///
    /// # Errors
    /// It can't be reached and has not been lately, or says something strange.
    pub async fn metadata(&self, now: Timestamp) -> Result<Metadata, FetchError> {
        let mut held = self.held.lock().await;
        if let Some((metadata, _)) = held.as_ref().filter(|(_, at)| now.since(*at) < FRESH) {
            return Ok(metadata.clone());
        }
        match self.ask().await {
            Ok(metadata) => {
                *held = Some((metadata.clone(), now));
                Ok(metadata)
            }
            Err(error) => match held.as_ref().filter(|(_, at)| now.since(*at) < LAST_GOOD) {
                Some((metadata, _)) => {
                    tracing::warn!("{:#}; what it last said holds for a while", anyhow::Error::new(error));
                    Ok(metadata.clone())
                }
                None => Err(error),
            },
        }
    }

    async fn ask(&self) -> Result<Metadata, FetchError> {
        let url = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let strange = |what: String| FetchError::Strange { url: url.clone(), what };
        let answer = asked(self.client.get(&url), &url).await?;
        if !answer.status.is_success() {
            return Err(strange(format!("status {}", answer.status)));
        }
        let metadata: Metadata = serde_json::from_slice(&answer.body).map_err(|error| strange(error.to_string()))?;
        if metadata.issuer != self.issuer {
            return Err(strange(format!("it calls itself `{}`", metadata.issuer)));
        }
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if let Some(endpoint) = endpoints.into_iter().find(|endpoint| !is_safe(endpoint)) {
            return Err(strange(format!("`{endpoint}` is neither https nor on this machine")));
        }
        Ok(metadata)
    }
}

/// Https, or http on this machine.
fn is_safe(address: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(address) else { return false };
    let here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

impl fmt::Debug for Discovery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Discovery({})", self.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_plain_http_on_another_machine() {
        for (address, expect) in [
            ("https://accounts.google.com/o/oauth2/v2/auth", true),
            ("http://127.0.0.1:4000/authorize", true),
            ("http://localhost/authorize", true),
            ("http://accounts.example/authorize", false),
            ("javascript:alert(1)", false),
            ("/authorize", false),
        ] {
            assert_eq!(is_safe(address), expect, "{address}");
        }
    }
}
