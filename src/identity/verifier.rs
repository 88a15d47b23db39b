//! Whose ID tokens are accepted, and the one way to check them.

use std::sync::Arc;

use jsonwebtoken::{Algorithm, Validation};
use serde::de::IgnoredAny;

use crate::domain::actor::Issuer;
use crate::domain::ids::Uid;
use crate::domain::staff::StaffRole;
use crate::domain::time::Timestamp;
use crate::identity::Refusal;
use crate::identity::key_source::KeySource;
use crate::identity::keys::KeyCache;
use crate::identity::token::{Expected, Unverified};

/// An issuer whose tokens are accepted.
#[derive(Debug)]
pub struct TrustedIssuer {
    word: Issuer,
    name: String,
    audience: String,
    keys: KeyCache,
    /// What its people's ids begin with here, so that they are nobody else's.
    prefix: &'static str,
}

impl TrustedIssuer {
    /// Firebase Authentication of a Google Cloud project.
    pub fn firebase(project: &str, keys: KeySource) -> Self {
        let name = format!("https://securetoken.google.com/{project}");
        Self { word: Issuer::Real, name, audience: project.to_owned(), keys: KeyCache::new(keys), prefix: "" }
    }

    /// The sandbox's identity provider. Whatever begins with its tokens is marked as made up.
    #[cfg(feature = "sandbox")]
    pub fn sandbox(name: &str, project: &str, keys: KeySource) -> Self {
        let (name, audience) = (name.to_owned(), project.to_owned());
        Self { word: Issuer::Sandbox, name, audience, keys: KeyCache::new(keys), prefix: "" }
    }

    /// An OpenID Connect provider, whose tokens are made for this client.
    pub fn openid(word: Issuer, name: &str, client: &str, keys: KeySource) -> Self {
        let (name, audience) = (name.to_owned(), client.to_owned());
        Self { word, name, audience, keys: KeyCache::new(keys), prefix: "oidc:" }
    }
}

/// Checks ID tokens. Clone it freely: clones share the fetched keys.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuers: Arc<[TrustedIssuer]>,
}

/// What a token proved. Only [`Verifier::verify`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedIdentity {
    pub(super) uid: Uid,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) claimed: Option<StaffRole>,
    pub(super) issuer: Issuer,
    pub(super) proved: Timestamp,
    pub(super) happened: Timestamp,
    /// The issuer's own name, and what it calls the person.
    pub(super) account: (String, String),
}

impl Verifier {
    /// Accepts tokens of these issuers.
    pub fn new(issuers: Vec<TrustedIssuer>) -> Self {
        Self { issuers: issuers.into() }
    }

    /// Checks a token: its form, algorithm, issuer, key and signature, and then every claim.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        self.check(token, None, now).await
    }

    /// The same for a token that answers one sign-in of ours, which this nonce names.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub async fn verify_answer(&self, token: &str, nonce: &str, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        self.check(token, Some(nonce), now).await
    }

    async fn check(&self, token: &str, nonce: Option<&str>, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        let Unverified { kid, claims } = Unverified::parse(token)?;
        let issuer = self.issuers.iter().find(|issuer| issuer.name == claims.iss).ok_or(Refusal::TokenIssuer)?;
        let key = issuer.keys.key(&kid, now).await?;
        // The claims are checked below, against our own clock; here only the signature counts.
        let mut signature = Validation::new(Algorithm::RS256);
        signature.validate_exp = false;
        signature.validate_aud = false;
        signature.required_spec_claims.clear();
        jsonwebtoken::decode::<IgnoredAny>(token, &key, &signature).map_err(|_| Refusal::TokenSignature)?;
        let accepted = claims.accept(&Expected { audience: &issuer.audience, nonce }, now)?;
        let subject = accepted.uid.to_string();
        let uid = format!("{}{subject}", issuer.prefix);
        Ok(VerifiedIdentity {
            uid: Uid::parse(uid).map_err(|_| Refusal::TokenSubject)?,
            happened: accepted.happened,
            account: (issuer.name.clone(), subject),
            name: accepted.name,
            email: accepted.email,
            claimed: accepted.claimed,
            issuer: issuer.word,
            proved: accepted.proved,
        })
    }
}

impl VerifiedIdentity {
    /// The person's id.
    pub const fn uid(&self) -> &Uid {
        &self.uid
    }

    /// The name to show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the identity provider says the person is, if anything. It does not let anyone in by itself.
    pub const fn claimed(&self) -> Option<StaffRole> {
        self.claimed
    }

    /// Whose word it is.
    pub const fn issuer(&self) -> Issuer {
        self.issuer
    }

    /// When the person proved who they are.
    pub const fn proved(&self) -> Timestamp {
        self.proved
    }
}
