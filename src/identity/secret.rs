//! What a browser holds, and nobody else: 256 random bits, of which we keep the hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::domain::ids::Hash;

/// 256 random bits for a cookie or an address. It is never logged or kept.
pub struct BrowserSecret([u8; 32]);

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("could not get random bytes from the operating system for a sign-in")]
pub struct NoRandomness(#[source] rand::rngs::SysError);

impl BrowserSecret {
    /// A new one.
    pub fn new() -> Result<Self, NoRandomness> {
        let mut bits = [0; 32];
        SysRng.try_fill_bytes(&mut bits).map_err(NoRandomness)?;
        Ok(Self(bits))
    }

    /// Reads what a browser sent.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// What the browser is to hold. Show it to nobody else.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is kept of it.
    pub fn hash(&self) -> Hash {
        Hash::of(self.0)
    }
}
