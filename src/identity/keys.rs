//! Public keys, and how long they are believed.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, JwkSet, PublicKeyUse};
use tokio::sync::Mutex;
use tracing::{info, warn};

use crate::domain::time::Timestamp;
use crate::identity::Refusal;
use crate::identity::key_source::KeySource;

/// At most one fetch in this time, whatever tokens come in.
pub const REFETCH_PAUSE: Duration = Duration::from_secs(30);

/// How long the last good keys are used when their publisher can't be reached.
pub const LAST_GOOD: Duration = Duration::from_secs(24 * 3_600);

/// The keys of one issuer, fetched when needed.
///
/// # Guarantees
/// * Keys are used without asking again for as long as their publisher said.
/// * A key we do not know is worth one fetch in [`REFETCH_PAUSE`]: a forger can't make us hammer the publisher.
/// * When the publisher can't be reached, the last good keys are used for [`LAST_GOOD`], and not longer.
#[derive(Debug)]
pub struct KeyCache {
    source: KeySource,
    held: RwLock<Option<Arc<Held>>>,
    /// The last time we asked; the lock makes one caller ask and the others wait for the answer.
    asked: Mutex<Option<Timestamp>>,
}

#[derive(Debug)]
struct Held {
    keys: HashMap<String, DecodingKey>,
    fetched: Timestamp,
    fresh_until: Timestamp,
}

impl KeyCache {
    /// Knows no keys yet.
    pub fn new(source: KeySource) -> Self {
        Self { source, held: RwLock::new(None), asked: Mutex::new(None) }
    }

    /// The key named `kid`.
    pub(super) async fn key(&self, kid: &str, now: Timestamp) -> Result<DecodingKey, Refusal> {
        if let Some(key) = self.fresh_key(kid, now) {
            return Ok(key);
        }
        let mut asked = self.asked.lock().await;
        if let Some(key) = self.fresh_key(kid, now) {
            return Ok(key);
        }
        if asked.is_none_or(|last| now >= last.plus(REFETCH_PAUSE)) {
            *asked = Some(now);
            self.fetch(now).await;
        }
        let held = self.held().filter(|held| now < held.fetched.plus(LAST_GOOD));
        let held = held.ok_or(Refusal::TokenKeysUnavailable)?;
        held.keys.get(kid).cloned().ok_or(Refusal::TokenUnknownKey)
    }

    async fn fetch(&self, now: Timestamp) {
        match self.source.fetch(now).await {
            Ok(published) => {
                let keys = usable(&published.keys);
                info!(keys.count = keys.len(), "Fetched {} public keys from {:?}", keys.len(), self.source);
                let held = Held { keys, fetched: now, fresh_until: now.plus(published.max_age) };
                *self.held.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(Arc::new(held));
            }
            Err(error) => warn!("{:#}; the last good keys stay in use for a while", anyhow::Error::new(error)),
        }
    }

    fn held(&self) -> Option<Arc<Held>> {
        self.held.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    fn fresh_key(&self, kid: &str, now: Timestamp) -> Option<DecodingKey> {
        self.held().filter(|held| now < held.fresh_until)?.keys.get(kid).cloned()
    }
}

/// The RSA keys for signatures; others, which a publisher may add one day, are passed over.
fn usable(keys: &JwkSet) -> HashMap<String, DecodingKey> {
    let rsa = |key: &&jsonwebtoken::jwk::Jwk| {
        matches!(key.algorithm, AlgorithmParameters::RSA(_))
            && matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature))
    };
    keys.keys
        .iter()
        .filter(rsa)
        .filter_map(|key| Some((key.common.key_id.clone()?, DecodingKey::from_jwk(key).ok()?)))
        .collect()
}
