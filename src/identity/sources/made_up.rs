//! The sandbox's made-up people: no password is asked, and everything after that is as with real people.

use async_trait::async_trait;

use crate::domain::time::Timestamp;
use crate::identity::personas::Personas;
use crate::identity::sources::{Brought, IdentitySource, Offer};
use crate::identity::{Refusal, VerifiedIdentity, Verifier};

/// Lets anyone be one of these.
#[derive(Clone, Debug)]
pub struct MadeUp {
    personas: Personas,
    verifier: Verifier,
}

impl MadeUp {
    /// These people, whose tokens this verifier checks.
    pub const fn new(personas: Personas, verifier: Verifier) -> Self {
        Self { personas, verifier }
    }
}

#[async_trait]
impl IdentitySource for MadeUp {
    fn offer(&self) -> Option<Offer> {
        Some(Offer::Personas(self.personas.list.clone()))
    }

    fn takes(&self, brought: &Brought<'_>) -> bool {
        matches!(brought, Brought::Persona(_))
    }

    async fn prove(&self, brought: Brought<'_>, now: Timestamp) -> Result<VerifiedIdentity, Refusal> {
        match brought {
            Brought::Persona(id) => {
                let token = (self.personas.mint)(id, now)?;
                self.verifier.verify(&token, now).await
            }
            Brought::Token(_) | Brought::Code { .. } => Err(Refusal::SourceUnknown),
        }
    }
}
