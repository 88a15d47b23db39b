//! Where public keys come from: an address on the web, or a provider in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;

use crate::domain::time::Timestamp;
use crate::identity::sources::discovery::Discovery;

/// The longest answer we read; Google's has some two thousand bytes.
const LONGEST: usize = 64 * 1024;

/// How long one fetch may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Keys as their publisher hands them out.
#[derive(Clone, Debug)]
pub struct PublishedKeys {
    /// The keys.
    pub keys: JwkSet,
    /// How long they may be used without asking again.
    pub max_age: Duration,
}

/// Asks a provider in this process for its keys.
pub type LocalKeys = Arc<dyn Fn() -> Result<PublishedKeys, FetchError> + Send + Sync>;

/// Where an issuer publishes its keys.
#[derive(Clone)]
pub enum KeySource {
    /// A JWK set at an https address, or at an http address on this machine.
    Web {
        /// The address.
        url: String,
        /// The client that asks.
        client: reqwest::Client,
    },
    /// Wherever an OpenID Connect provider says that its keys are.
    Discovered(Arc<Discovery>),
    /// A provider in this process.
    Local(LocalKeys),
}

/// Why a provider could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The client could not be made.
    #[error("could not prepare to ask an identity provider")]
    Client(#[source] reqwest::Error),
    /// Nobody answered.
    #[error("could not ask `{url}`")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// Something else than what was asked for was answered.
    #[error("`{url}` gave a strange answer: {what}")]
    Strange {
        /// The address.
        url: String,
        /// What is strange about it.
        what: String,
    },
}

impl fmt::Debug for KeySource {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web { url, .. } => write!(out, "KeySource({url})"),
            Self::Discovered(discovery) => write!(out, "KeySource({discovery:?})"),
            Self::Local(_) => out.write_str("KeySource(this process)"),
        }
    }
}

impl KeySource {
    /// The keys at an address. Nothing is fetched yet.
    pub fn web(url: &str) -> Result<Self, FetchError> {
        Ok(Self::Web { url: url.to_owned(), client: client()? })
    }

    /// Asks for the keys.
    pub(super) async fn fetch(&self, now: Timestamp) -> Result<PublishedKeys, FetchError> {
        match self {
            Self::Local(ask) => ask(),
            Self::Web { url, client } => fetch_keys(client, url).await,
            Self::Discovered(discovery) => {
                let metadata = discovery.metadata(now).await?;
                fetch_keys(discovery.client(), &metadata.jwks_uri).await
            }
        }
    }
}

async fn fetch_keys(client: &reqwest::Client, url: &str) -> Result<PublishedKeys, FetchError> {
    let answer = asked(client.get(url), url).await?;
    let strange = |what: String| FetchError::Strange { url: url.to_owned(), what };
    if !answer.status.is_success() {
        return Err(strange(format!("status {}", answer.status)));
    }
    let keys = serde_json::from_slice(&answer.body).map_err(|error| strange(error.to_string()))?;
    Ok(PublishedKeys { keys, max_age: answer.max_age })
}

/// A client that asks providers: patient for a while, and led nowhere else.
pub(super) fn client() -> Result<reqwest::Client, FetchError> {
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(FetchError::Client)
}

/// What a provider answered.
pub(super) struct Answer {
    pub(super) status: reqwest::StatusCode,
    pub(super) max_age: Duration,
    pub(super) body: Vec<u8>,
}

/// Sends a request and reads the answer, as far as it has a sensible length.
pub(super) async fn asked(request: reqwest::RequestBuilder, url: &str) -> Result<Answer, FetchError> {
    let unreachable = |source| FetchError::Unreachable { url: url.to_owned(), source };
    let mut answer = request.send().await.map_err(unreachable)?;
    let cache = answer.headers().get(reqwest::header::CACHE_CONTROL);
    let max_age = max_age(cache.and_then(|value| value.to_str().ok()).unwrap_or_default());
    let (status, mut body) = (answer.status(), Vec::new());
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            return Err(FetchError::Strange { url: url.to_owned(), what: format!("more than {LONGEST} bytes") });
        }
    }
    Ok(Answer { status, max_age, body })
}

/// Reads `max-age` of a `Cache-Control` header; between a minute and a day, an hour when there is none.
fn max_age(cache_control: &str) -> Duration {
    let seconds = cache_control
        .split(',')
        .find_map(|directive| directive.trim().strip_prefix("max-age="))
        .and_then(|seconds| seconds.trim().parse().ok())
        .unwrap_or(3_600);
    Duration::from_secs(u64::clamp(seconds, 60, 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_publisher_says_how_long_keys_are_good_within_reason() {
        for (header, seconds) in [
            ("public, max-age=19845, must-revalidate, no-transform", 19_845),
            ("max-age=0", 60),
            ("max-age=99999999", 86_400),
            ("no-store", 3_600),
            ("max-age=soon", 3_600),
        ] {
            assert_eq!(max_age(header), Duration::from_secs(seconds), "{header}");
        }
    }
}
