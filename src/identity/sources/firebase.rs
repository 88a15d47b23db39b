//! ID tokens of Firebase Authentication.
//!
//! The browser gets one from Firebase's own script, which the sign-in page loads from its vendor when the configuration
//! says from where. Whoever has a token by other means, such as a program in a test, posts it just the same.

use async_trait::async_trait;

use crate::domain::time::Timestamp;
use crate::identity::sources::{Brought, IdentitySource, Offer};
use crate::identity::{Refusal, VerifiedIdentity, Verifier};

/// Where Firebase's script is, and what it has to be told. None of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirebaseScript {
    /// The folder that holds `firebase-app.js` and `firebase-auth.js`, such as
    /// `https://www.gstatic.com/firebasejs/12.6.0`.
    pub folder: String,
    /// The project's key for browsers.
    pub api_key: String,
    /// The host on which Firebase asks who it is, such as `monsoon-west.firebaseapp.com`.
    pub auth_domain: String,
    /// The project.
    pub project: String,
}

/// Takes ID tokens.
#[derive(Clone, Debug)]
pub struct FirebaseTokens {
    verifier: Verifier,
    script: Option<FirebaseScript>,
}

impl FirebaseTokens {
    /// Takes what this verifier accepts; the page offers it if there is a script.
    pub const fn new(verifier: Verifier, script: Option<FirebaseScript>) -> Self {
        Self { verifier, script }
    }
}

#[async_trait]
impl IdentitySource for FirebaseTokens {
    fn offer(&self) -> Option<Offer> {
        self.script.clone().map(Offer::Firebase)
    }

    fn takes(&self, brought: &Brought<'_>) -> bool {
        matches!(brought, Brought::Token(_))
    }

    async fn prove(&self, brought: Brought<'_>, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        match brought {
            Brought::Token(token) => self.verifier.verify(token, now).await,
            Brought::Persona(_) | Brought::Code { .. } => Err(Refusal::SourceUnknown),
        }
    }
}
