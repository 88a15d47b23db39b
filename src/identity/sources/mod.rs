//! Every way to sign in, behind one trait.
//!
//! # Guarantees
//! * Each way is configured or absent; an absent one lets nobody in.
//! * Each ends with the same [`Verifier`](crate::identity::Verifier), and so with an ID token whose every claim was
//!   checked.

/// ID tokens of Firebase Authentication, which a script of Firebase's got.
pub mod firebase;

/// What an OpenID Connect provider says about itself.
pub mod discovery;

/// An OpenID Connect provider: the authorization code flow with PKCE.
pub mod openid;

/// The sandbox's made-up people.
pub mod made_up;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::sign_in::{Attempt, Proof};
use crate::domain::time::Timestamp;
use crate::identity::personas::Persona;
use crate::identity::{Refusal, VerifiedIdentity};

pub use firebase::{FirebaseScript, FirebaseTokens};
pub use made_up::MadeUp;
pub use openid::{OpenId, OpenIdSettings};

/// One way to sign in.
#[async_trait]
pub trait IdentitySource: fmt::Debug + Send + Sync {
    /// How the sign-in page offers it; none where only programs use it.
    fn offer(&self) -> Option<Offer>;

    /// Is what the browser brought for this source?
    fn takes(&self, brought: &Brought<'_>) -> bool;

    /// Where the browser has to go to bring something; none where it needs nothing but what the page has.
    ///
    /// # Errors
    /// The place can't be told at the moment.
    async fn place(&self, _question: &Question<'_>, _now: Timestamp) -> Result<Option<String>, Refusal> {
        Ok(None)
    }

    /// Who it is that brought this.
    ///
    /// # Errors
    /// Why it proves nothing.
    async fn prove(&self, brought: Brought<'_>, now: Timestamp) -> Result<VerifiedIdentity, Refusal>;
}

/// How the sign-in page offers a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A button that leads to a provider.
    Provider {
        /// What people call it, such as `Google`.
        name: String,
        /// Its issuer, whose origin the browser is sent to.
        issuer: String,
    },
    /// A button that a script of Firebase's answers.
    Firebase(FirebaseScript),
    /// A button for each of these.
    Personas(Vec<Persona>),
}

/// What a browser brings.
pub enum Brought<'a> {
    /// An ID token.
    Token(&'a str),
    /// The id of a made-up person.
    Persona(&'a str),
    /// A code of the provider, in answer to an attempt.
    Code {
        /// The code.
        code: &'a str,
        /// Where the provider sent the browser back to.
        back: &'a str,
        /// The attempt that it answers.
        attempt: &'a Attempt,
    },
}

/// What a provider is asked.
pub struct Question<'a> {
    /// Comes back beside the code.
    pub state: &'a str,
    /// Comes back inside the token.
    pub nonce: &'a str,
    /// The hash of what will prove that we asked.
    pub challenge: &'a str,
    /// Where to send the browser back to.
    pub back: &'a str,
    /// How sure the provider has to be.
    pub proof: Proof,
}

/// The ways to sign in here. Clone it freely.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Arc<dyn IdentitySource>>);

impl Sources {
    /// These ways, in the order in which the page offers them.
    pub fn new(sources: Vec<Arc<dyn IdentitySource>>) -> Self {
        Self(sources)
    }

    /// What the sign-in page offers.
    pub fn offers(&self) -> Vec<Offer> {
        self.0.iter().filter_map(|source| source.offer()).collect()
    }

    /// Is there a source that takes this?
    pub fn takes(&self, brought: &Brought<'_>) -> bool {
        self.0.iter().any(|source| source.takes(brought))
    }

    /// Where the browser has to go to sign in at a provider.
    ///
    /// # Errors
    /// There is none, or it can't be reached.
    pub async fn place(&self, question: &Question<'_>, now: Timestamp) -> Result<String, Refusal> {
        for source in &self.0 {
            if let Some(place) = source.place(question, now).await? {
                return Ok(place);
            }
        }
        Err(Refusal::SourceUnknown)
    }

    /// Who it is that brought this.
    ///
    /// # Errors
    /// Why it proves nothing.
    pub async fn prove(&self, brought: Brought<'_>, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        match self.0.iter().find(|source| source.takes(&brought)) {
            Some(source) => source.prove(brought, now).await,
            None => Err(Refusal::SourceUnknown),
        }
    }
}
