//! Where public keys come from: an address on the web, or a provider in this process.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::jwk::JwkSet;

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
    /// A provider in this process.
    Local(LocalKeys),
}

/// Why the keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The client could not be made.
    #[error("could not prepare to fetch public keys")]
    Client(#[source] reqwest::Error),
    /// Nobody answered.
    #[error("could not fetch the public keys at `{url}`")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// Something else than keys was answered.
    #[error("`{url}` did not answer with public keys: {what}")]
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
            Self::Local(_) => out.write_str("KeySource(this process)"),
        }
    }
}

impl KeySource {
    /// The keys at an address. Nothing is fetched yet.
    pub fn web(url: &str) -> Result<Self, FetchError> {
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(FetchError::Client)?;
        Ok(Self::Web { url: url.to_owned(), client })
    }

    /// Asks for the keys.
    pub(super) async fn fetch(&self) -> Result<PublishedKeys, FetchError> {
        match self {
            Self::Local(ask) => ask(),
            Self::Web { url, client } => {
                let unreachable = |source| FetchError::Unreachable { url: url.clone(), source };
                let strange = |what: String| FetchError::Strange { url: url.clone(), what };
                let mut answer = client.get(url).send().await.map_err(unreachable)?;
                if !answer.status().is_success() {
                    return Err(strange(format!("status {}", answer.status())));
                }
                let cache = answer.headers().get(reqwest::header::CACHE_CONTROL);
                let max_age = max_age(cache.and_then(|value| value.to_str().ok()).unwrap_or_default());
                let mut body = Vec::new();
                while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
                    body.extend_from_slice(&chunk);
                    if body.len() > LONGEST {
                        return Err(strange(format!("more than {LONGEST} bytes")));
                    }
                }
                let keys = serde_json::from_slice(&body).map_err(|error| strange(error.to_string()))?;
                Ok(PublishedKeys { keys, max_age })
            }
        }
    }
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
