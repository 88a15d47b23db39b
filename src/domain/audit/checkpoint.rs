//! Signed heads of the tree: C2SP tlog-checkpoints, which are signed notes with Ed25519, and the keys that sign them.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use secrecy::{ExposeSecret as _, SecretString};
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList, key_id, new_ed25519_verifier_key};

use crate::domain::ids::{Hash, StudioId};

/// Stands before the bytes of an Ed25519 key in a signed note's keys.
const ED25519: u8 = 1;

/// What a studio's checkpoints begin with, and what its keys are called.
pub fn origin(studio: &StudioId) -> String {
    format!("studio-brain/{studio}")
}

/// The text is no key of a signed note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key: one looks like `studio-brain/monsoon-west+1a2b3c4d+AW…`")]
pub struct BadKey;

/// The public key that checkpoints are verified with, as a signed note has it: `name+id+base64`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(String);

impl PublicKey {
    /// Reads a key.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        StandardVerifier::new(text).map(|_| Self(text.to_owned())).map_err(|_| BadKey)
    }

    /// As a signed note has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn verifiers(&self) -> VerifierList {
        VerifierList::new(vec![Box::new(StandardVerifier::new(&self.0).expect("BUG: the key was parsed"))])
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

/// The key that signs checkpoints. It is never shown and never in the database.
#[derive(Clone)]
pub struct SealKey {
    text: SecretString,
    signer: StandardSigner,
    public: PublicKey,
}

impl SealKey {
    /// The studio's key with this seed, which has to be random.
    pub fn from_seed(studio: &StudioId, seed: [u8; 32]) -> Self {
        let name = origin(studio);
        let public = SigningKey::from_bytes(&seed).verifying_key();
        let id = key_id(&name, &[&[ED25519], public.as_bytes().as_slice()].concat());
        let secret = BASE64_STANDARD.encode([&[ED25519], seed.as_slice()].concat());
        let text = SecretString::from(format!("PRIVATE+KEY+{name}+{id:08x}+{secret}"));
        Self::parse(&text).expect("BUG: a key that was just made can be read")
    }

    /// Reads a key, as [`SealKey::text`] has it.
    ///
    /// # Errors
    /// The text is none.
    pub fn parse(text: &SecretString) -> Result<Self, BadKey> {
        let text = SecretString::from(text.expose_secret().trim().to_owned());
        let signer = StandardSigner::new(text.expose_secret()).map_err(|_| BadKey)?;
        let mut parts = text.expose_secret().splitn(5, '+').skip(2);
        let (name, _, secret) = (parts.next(), parts.next(), parts.next());
        let (name, secret) = name.zip(secret).ok_or(BadKey)?;
        let secret = BASE64_STANDARD.decode(secret).map_err(|_| BadKey)?;
        let seed: [u8; 32] = secret.get(1..).and_then(|seed| seed.try_into().ok()).ok_or(BadKey)?;
        let public = new_ed25519_verifier_key(name, &SigningKey::from_bytes(&seed).verifying_key());
        let public = PublicKey(public);
        Ok(Self { text, signer, public })
    }

    /// As it is kept in its file.
    pub const fn text(&self) -> &SecretString {
        &self.text
    }

    /// What its signatures are verified with.
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SealKey({})", self.public)
    }
}

/// Why a text is no checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCheckpoint {
    /// It is no signed note, or not written as one has to be.
    #[error("it is no signed note")]
    Note,
    /// What is signed is no checkpoint.
    #[error("what is signed is no tlog-checkpoint")]
    Body,
}

/// A head of the tree, signed by one key. Whether the signature is right is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    note: String,
}

impl Checkpoint {
    /// Signs the head of the studio's tree.
    pub fn sign(studio: &StudioId, size: u64, root: Hash, key: &SealKey) -> Self {
        let origin = origin(studio);
        let body = tlog_tiles::Checkpoint::new(&origin, size, tlog_tiles::Hash(*root.bytes()), "");
        let body = body.expect("BUG: an origin is not empty, and there is no extension").to_bytes();
        let mut note = Note::new(&body, &[]).expect("BUG: a checkpoint is the text of a note");
        note.add_sigs(&[&key.signer]).expect("BUG: Ed25519 signs everything");
        let note = String::from_utf8(note.to_bytes()).expect("BUG: a note is text");
        Self { origin, size, root, note }
    }

    /// Reads a signed note. It does not look at the signature: ask [`Checkpoint::is_signed_by`].
    ///
    /// # Errors
    /// [`BadCheckpoint`] says what the text is not. A note has exactly one way to be written.
    pub fn parse(text: &str) -> Result<Self, BadCheckpoint> {
        let note = Note::from_bytes(text.as_bytes()).map_err(|_| BadCheckpoint::Note)?;
        if note.to_bytes() != text.as_bytes() {
            return Err(BadCheckpoint::Note);
        }
        let body = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| BadCheckpoint::Body)?;
        if body.to_bytes() != note.text() || !body.extension().is_empty() {
            return Err(BadCheckpoint::Body);
        }
        let root = Hash::from_bytes(body.hash().0);
        Ok(Self { origin: body.origin().to_owned(), size: body.size(), root, note: text.to_owned() })
    }

    /// Is it signed by this key, and by no other?
    pub fn is_signed_by(&self, key: &PublicKey) -> bool {
        let Ok(note) = Note::from_bytes(self.note.as_bytes()) else { return false };
        let verified = note.verify(&key.verifiers());
        verified.is_ok_and(|(known, unknown)| known.len() == 1 && unknown.is_empty() && known[0].name() == self.origin)
    }

    /// Whose log it is about.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries it covers.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of their tree.
    pub const fn root(&self) -> Hash {
        self.root
    }

    /// The signed note.
    pub fn note(&self) -> &str {
        &self.note
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn studio() -> StudioId {
        StudioId::parse("monsoon-west").expect("legal")
    }

    #[test]
    fn a_checkpoint_is_signed_by_its_key_and_by_no_other() {
        let (key, other) = (SealKey::from_seed(&studio(), [7; 32]), SealKey::from_seed(&studio(), [8; 32]));
        let signed = Checkpoint::sign(&studio(), 42, Hash::of("root"), &key);
        let read = Checkpoint::parse(signed.note()).expect("is one");
        assert_eq!(read, signed);
        assert!(read.is_signed_by(key.public()) && !read.is_signed_by(other.public()));
        let body = signed.note().split("\n\n").next().expect("a body");
        assert!(signed.note().starts_with("studio-brain/monsoon-west\n42\n"), "{}", signed.note());
        assert_eq!(Checkpoint::parse(body), Err(BadCheckpoint::Note), "unsigned");
        let grown = Checkpoint::parse(&signed.note().replace("\n42\n", "\n43\n")).expect("is one");
        assert!(!grown.is_signed_by(key.public()));
        let both = format!(
            "{}{}",
            signed.note(),
            Checkpoint::sign(&studio(), 42, Hash::of("root"), &other)
                .note()
                .rsplit("\n\n")
                .next()
                .expect("a signature")
        );
        assert!(!Checkpoint::parse(&both).expect("is one").is_signed_by(key.public()), "one signature, not two");
    }

    #[test]
    fn a_key_survives_its_text_and_is_never_shown() {
        let key = SealKey::from_seed(&studio(), [7; 32]);
        let again = SealKey::parse(key.text()).expect("is one");
        assert_eq!(again.public(), key.public());
        assert_eq!(PublicKey::parse(&format!("{}\n", key.public())), Ok(key.public().clone()));
        assert!(!format!("{key:?}").contains(key.text().expose_secret()) && !format!("{key:?}").contains("PRIVATE"));
        assert_eq!(PublicKey::parse(key.text().expose_secret()), Err(BadKey));
        assert!(SealKey::parse(&SecretString::from("x".to_owned())).is_err());
    }
}
