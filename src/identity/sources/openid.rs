//! An OpenID Connect provider: the authorization code flow with PKCE (RFC 7636), which needs no script.
//!
//! The token is checked by our own verifier like every other, so that there is one way to check a token; what is left of
//! the protocol is one address to send a browser to, and one request.

use std::sync::Arc;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use tracing::warn;

use crate::domain::actor::Issuer;
use crate::domain::sign_in::{Attempt, Proof};
use crate::domain::time::Timestamp;
use crate::identity::key_source::{FetchError, KeySource, asked};
use crate::identity::sources::discovery::Discovery;
use crate::identity::sources::{Brought, IdentitySource, Offer, Question};
use crate::identity::token::CLOCK_SKEW;
use crate::identity::verifier::TrustedIssuer;
use crate::identity::{Refusal, VerifiedIdentity, Verifier};

/// Asks the provider to say when the person proved who they are: some, such as Google, do not say it unasked.
const CLAIMS: &str = r#"{"id_token":{"auth_time":{"essential":true}}}"#;

/// What has to be known about a provider.
#[derive(Clone, Debug)]
pub struct OpenIdSettings {
    /// What people call it, such as `Google`.
    pub name: String,
    /// What it calls itself, such as `https://accounts.google.com`.
    pub issuer: String,
    /// What it calls us.
    pub client: String,
    /// What only it and we know; a public client has none.
    pub secret: Option<SecretString>,
    /// Whether its people are real.
    pub word: Issuer,
}

/// Signs in at a provider.
#[derive(Clone, Debug)]
pub struct OpenId {
    settings: OpenIdSettings,
    discovery: Arc<Discovery>,
    verifier: Verifier,
}

/// What is read of the answer to a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl OpenId {
    /// This provider. Nothing is asked yet.
    ///
    /// # Errors
    /// The client could not be made.
    pub fn new(settings: OpenIdSettings) -> Result<Self, FetchError> {
        let discovery = Arc::new(Discovery::of(&settings.issuer)?);
        let keys = KeySource::Discovered(Arc::clone(&discovery));
        let issuer = TrustedIssuer::openid(settings.word, &settings.issuer, &settings.client, keys);
        Ok(Self { settings, discovery, verifier: Verifier::new(vec![issuer]) })
    }

    /// What the provider wants to be told for a token.
    fn form(&self, code: &str, back: &str, attempt: &Attempt) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", back)
            .append_pair("client_id", &self.settings.client)
            .append_pair("code_verifier", &attempt.verifier);
        if let Some(secret) = &self.settings.secret {
            form.append_pair("client_secret", secret.expose_secret());
        }
        form.finish()
    }

    async fn exchange(&self, code: &str, back: &str, attempt: &Attempt, now: Timestamp) -> Result<String, Refusal> {
        let metadata = self.discovery.metadata(now).await.map_err(unavailable)?;
        let url = &metadata.token_endpoint;
        let request = self
            .discovery
            .client()
            .post(url)
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(reqwest::header::ACCEPT, "application/json")
            .body(self.form(code, back, attempt));
        let answer = asked(request, url).await.map_err(unavailable)?;
        if answer.status.is_client_error() {
            warn!(event = "session.code_refused", status = answer.status.as_u16(), "The provider refused a code");
            return Err(Refusal::CodeRefused);
        }
        if !answer.status.is_success() {
            warn!(event = "session.provider_down", status = answer.status.as_u16(), "The provider gave no token");
            return Err(Refusal::ProviderUnavailable);
        }
        let tokens: Tokens = serde_json::from_slice(&answer.body).map_err(|_| Refusal::CodeRefused)?;
        Ok(tokens.id_token)
    }
}

#[async_trait]
impl IdentitySource for OpenId {
    fn offer(&self) -> Option<Offer> {
        Some(Offer::Provider { name: self.settings.name.clone(), issuer: self.settings.issuer.clone() })
    }

    fn takes(&self, brought: &Brought<'_>) -> bool {
        matches!(brought, Brought::Code { .. })
    }

    async fn place(&self, question: &Question<'_>, now: Timestamp) -> Result<Option<String>, Refusal> {
        let metadata = self.discovery.metadata(now).await.map_err(unavailable)?;
        let mut place =
            reqwest::Url::parse(&metadata.authorization_endpoint).map_err(|_| Refusal::ProviderUnavailable)?;
        place
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client)
            .append_pair("redirect_uri", question.back)
            .append_pair("scope", "openid email profile")
            .append_pair("state", question.state)
            .append_pair("nonce", question.nonce)
            .append_pair("code_challenge", question.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("claims", CLAIMS);
        match question.proof {
            Proof::Any => {}
            Proof::Fresh => {
                place.query_pairs_mut().append_pair("prompt", "login").append_pair("max_age", "0");
            }
        }
        Ok(Some(place.into()))
    }

    async fn prove(&self, brought: Brought<'_>, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        let (code, back, attempt) = match brought {
            Brought::Code { code, back, attempt } => (code, back, attempt),
            Brought::Token(_) | Brought::Persona(_) => return Err(Refusal::SourceUnknown),
        };
        let token = self.exchange(code, back, attempt, now).await?;
        let identity = self.verifier.verify_answer(&token, &attempt.nonce, now).await?;
        match attempt.proof {
            Proof::Fresh if identity.proved() < attempt.began.minus(CLOCK_SKEW) => Err(Refusal::ProofNotFresh),
            Proof::Fresh | Proof::Any => Ok(identity),
        }
    }
}

fn unavailable(error: FetchError) -> Refusal {
    warn!(event = "session.provider_down", "{:#}", anyhow::Error::new(error));
    Refusal::ProviderUnavailable
}
