//! An identity provider for made-up people. Its key is fresh, its tokens are real, and its name is marked as invalid
//! (RFC 6761), so that nothing it says can be taken for Firebase's word.

/// The same people behind an OpenID Connect provider.
pub mod provider;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::identity::Refusal;
use crate::identity::key_source::{KeySource, PublishedKeys};
use crate::identity::personas::{Persona, Personas};
use crate::identity::verifier::TrustedIssuer;

/// How long a token lasts: as long as Firebase's.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// (uid, name, claims of the role, the role in words, what to try)
const PEOPLE: [(&str, &str, &str, &str, &str); 4] = [
    ("uid_staff_ines", "Ines Okafor", "staff", "Staff", "Propose a fix, then sign in as a colleague to approve it."),
    ("uid_staff_dov", "Dov Halpern", "staff", "Staff, kiln lead", "Approve or reject what a colleague proposed."),
    ("uid_admin_juno", "Juno Reyes", "admin", "Administrator", "See everything that staff sees, and run the studio."),
    ("uid_mara_quill", "Mara Quill", "member", "Member, not staff", "Try to sign in: the studio refuses members."),
];

/// The sandbox's identity provider. Clone it freely: clones share the key.
#[derive(Clone)]
pub struct SandboxIdentity {
    issuer: String,
    project: String,
    keys: Arc<RwLock<Keys>>,
}

struct Keys {
    signing: EncodingKey,
    kid: String,
    published: JwkSet,
}

/// The key could not be made.
#[derive(Debug, thiserror::Error)]
#[error("could not make a key for the sandbox's identity provider")]
pub struct NoKey;

impl SandboxIdentity {
    /// A provider for one project, with a fresh key.
    pub fn start(project: &str) -> Result<Self, NoKey> {
        let issuer = format!("https://identity.sandbox.invalid/{project}");
        Ok(Self { issuer, project: project.to_owned(), keys: Arc::new(RwLock::new(Keys::fresh()?)) })
    }

    /// Its name, as tokens say it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The public keys, as a JWK set.
    pub fn jwks(&self) -> JwkSet {
        self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner()).published.clone()
    }

    /// Replaces the key, as Google does every few days: tokens of the old one are worth nothing from now on.
    pub fn rotate(&self) -> Result<(), NoKey> {
        *self.keys.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Keys::fresh()?;
        Ok(())
    }

    /// This provider as one that a verifier trusts.
    pub fn trusted(&self) -> TrustedIssuer {
        let provider = self.clone();
        let keys = KeySource::Local(Arc::new(move || {
            Ok(PublishedKeys { keys: provider.jwks(), max_age: Duration::from_secs(3_600) })
        }));
        TrustedIssuer::sandbox(&self.issuer, &self.project, keys)
    }

    /// Everyone one can be, and the way to their tokens.
    pub fn personas(&self) -> Personas {
        let persona = |(id, name, _, role, about): (&str, &str, &str, &str, &str)| Persona {
            id: id.to_owned(),
            name: name.to_owned(),
            role: role.to_owned(),
            about: about.to_owned(),
        };
        let provider = self.clone();
        let mint = Arc::new(move |id: &str, now| provider.token_for(id, now));
        Personas { list: PEOPLE.into_iter().map(persona).collect(), mint }
    }

    /// A token for one of the people.
    pub fn token_for(&self, uid: &str, now: Timestamp) -> Result<String, Refusal> {
        let claims = self.claims_of(uid, now).ok_or(Refusal::PersonaUnknown)?;
        Ok(self.sign(&claims))
    }

    /// What a token of this person claims, in the shape of Firebase's.
    pub fn claims_of(&self, uid: &str, now: Timestamp) -> Option<Value> {
        let (uid, name, role, ..) = PEOPLE.into_iter().find(|person| person.0 == uid)?;
        let email = format!("{}@studio.example", name.to_lowercase().replace(' ', "."));
        let (seconds, _) = now.parts();
        let mut claims = json!({
            "iss": self.issuer,
            "aud": self.project,
            "sub": uid,
            "user_id": uid,
            "auth_time": seconds,
            "iat": seconds,
            "exp": now.plus(LIFETIME).parts().0,
            "name": name,
            "email": email,
            "email_verified": true,
            "firebase": { "identities": { "email": [email] }, "sign_in_provider": "password" },
        });
        // Both shapes that the studio's rules know: a flag, and a list.
        match role {
            "staff" => claims["staff"] = json!(true),
            "admin" => claims["roles"] = json!(["staff", "admin"]),
            _ => {}
        }
        Some(claims)
    }

    /// Signs any claims with the current key: for tests of what a verifier refuses.
    pub fn sign(&self, claims: &Value) -> String {
        let keys = self.keys.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        let header = Header { kid: Some(keys.kid.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, claims, &keys.signing).expect("BUG: our own key signs")
    }
}

impl std::fmt::Debug for SandboxIdentity {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "SandboxIdentity({})", self.issuer)
    }
}

impl Keys {
    fn fresh() -> Result<Self, NoKey> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|Unspecified| NoKey)?;
        let pkcs8: Pkcs8V1Der<'static> = pair.as_der().map_err(|Unspecified| NoKey)?;
        // `from_rsa_der` wants the key without its PKCS #8 envelope; `from_rsa_pem` opens it.
        let base64 = STANDARD.encode(pkcs8.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
        let signing = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| NoKey)?;
        let kid = hex::encode(rand::random::<[u8; 20]>());
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::RS256).map_err(|_| NoKey)?;
        public.common.key_id = Some(kid.clone());
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { signing, kid, published: JwkSet { keys: vec![public] } })
    }
}
