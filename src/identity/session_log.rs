//! Sessions in the audit log.

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::identity::sessions::{SessionAudit, SessionEvent};
use crate::store::{self, Tx};

/// How many digits of a session's hash name it in the log: enough to tell sessions apart.
const DIGITS: usize = 12;

/// Writes sessions into the audit log.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionLog;

#[async_trait]
impl SessionAudit for SessionLog {
    async fn record(
        &self,
        tx: &mut Tx,
        studio: &StudioId,
        event: SessionEvent<'_>,
        now: Timestamp,
    ) -> store::Result<()> {
        let event = match event {
            SessionEvent::Started { actor, session } => {
                Event::new(now, actor.person(), Action::SessionStarted, target(&session.key))
            }
            SessionEvent::Ended { by, session, why } => {
                Event::new(now, by.person(), Action::SessionEnded, target(&session.key))
                    .detail("why", why.code())
                    .detail("of", session.uid.as_str())
            }
            SessionEvent::Refused { refusal, identity } => {
                // Who was refused is a detail: nobody acted whom we know.
                let event = Event::new(now, Actor::system(studio, "web").person(), Action::SessionStarted, Target::Service)
                    .because(Reason::CredentialRefused)
                    .detail("why", refusal.code());
                match identity {
                    Some(identity) => event.detail("who", identity.uid().as_str()),
                    None => event,
                }
            }
        };
        tx.audit(studio, event).await?;
        Ok(())
    }
}

fn target(key: &Hash) -> Target {
    Target::Session(key.to_string().chars().take(DIGITS).collect())
}
