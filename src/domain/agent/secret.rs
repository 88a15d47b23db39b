use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::ids::Hash;

/// What every key begins with, so that scanners for leaked secrets can know it.
const MARK: &str = "sbak1";

/// The part of a key that names it, in the database and in the log: 16 hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// From random bytes.
    pub fn from_random(bytes: [u8; 8]) -> Self {
        Self(hex::encode(bytes))
    }

    /// Reads what it displays.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        (text.len() == 16 && is_hex).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// What an agent proves itself with: 256 random bits and the name of the key. It is shown once and never kept.
pub struct AgentSecret {
    prefix: KeyPrefix,
    secret: [u8; 32],
}

impl AgentSecret {
    /// From random bytes.
    pub fn from_random(prefix: [u8; 8], secret: [u8; 32]) -> Self {
        Self { prefix: KeyPrefix::from_random(prefix), secret }
    }

    /// Reads what an agent sent. There is one way to write a key.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(MARK)?.strip_prefix('_')?;
        let (prefix, secret) = rest.split_once('_')?;
        let prefix = KeyPrefix::parse(prefix)?;
        let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        Some(Self { prefix, secret })
    }

    /// The name of the key.
    pub const fn prefix(&self) -> &KeyPrefix {
        &self.prefix
    }

    /// What is kept of it. The bits are random, so a plain hash can't be guessed back.
    pub fn hash(&self) -> Hash {
        Hash::of(self.secret)
    }

    /// The key as its agent needs it. Show it once, to the person who issued it; never log it.
    pub fn reveal(&self) -> String {
        format!("{MARK}_{}_{}", self.prefix, URL_SAFE_NO_PAD.encode(self.secret))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_survives_its_text(prefix in any::<[u8; 8]>(), secret in any::<[u8; 32]>()) {
            let key = AgentSecret::from_random(prefix, secret);
            let again = AgentSecret::parse(&key.reveal()).expect("a key");
            prop_assert_eq!((again.prefix(), again.hash()), (key.prefix(), key.hash()));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "(sbak1_)?.{0,80}") {
            let _ = AgentSecret::parse(&text);
        }
    }

    #[test]
    fn only_one_way_of_writing_is_a_key() {
        let text = AgentSecret::from_random([1; 8], [2; 32]).reveal();
        assert!(AgentSecret::parse(&text).is_some());
        for bad in [
            String::new(),
            format!("{text} "),
            format!(" {text}"),
            format!("{text}="),
            text.to_uppercase(),
            text.replace("sbak1", "sbak2"),
            text[..text.len() - 1].to_owned(),
        ] {
            assert!(AgentSecret::parse(&bad).is_none(), "{bad}");
        }
    }
}
