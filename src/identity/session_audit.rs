//! What the audit log says about sessions.

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::domain::reason::Reason;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::identity::sessions::{SessionAudit, SessionEvent};
use crate::store::{self, Tx};

/// Writes sessions' entries into the audit log.
#[derive(Clone, Copy, Debug)]
pub struct AuditedSessions;

#[async_trait]
impl SessionAudit for AuditedSessions {
    async fn record(
        &self,
        tx: &mut Tx,
        studio: &StudioId,
        event: SessionEvent<'_>,
        now: Timestamp,
    ) -> store::Result<()> {
        let event = match event {
            SessionEvent::Started { actor, session } => {
                Event::new(now, actor.person(), Action::SessionStarted, target(session))
            }
            SessionEvent::Ended { by, session, why } => {
                let event = Event::new(now, by.person(), Action::SessionEnded, target(session));
                event.detail("why", why.code()).detail("session_of", session.uid.as_str())
            }
            SessionEvent::Refused { refusal, identity } => {
                // Nobody came in, so the entry is the service's own; whose token it was is a detail.
                let service = Actor::system(studio, "identity").person();
                let event = Event::new(now, service, Action::SessionStarted, Target::Service)
                    .because(Reason::CredentialRefused)
                    .detail("refusal", refusal.code());
                match identity {
                    Some(identity) => event.detail("uid", identity.uid().as_str()),
                    None => event,
                }
            }
        };
        tx.audit(studio, event).await?;
        Ok(())
    }
}

/// Names a session by the first digits of its hash: enough to find it, too little to use it.
fn target(session: &Session) -> Target {
    Target::Session(session.key.to_string().chars().take(12).collect())
}
