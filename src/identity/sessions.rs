//! Signed-in browsers: begin, resume, end.
//!
//! # Guarantees
//! * The browser holds 256 random bits; we keep only their hash.
//! * Every sign-in gets a new secret, also when the browser was signed in before.
//! * A session begins, ends or is refused in the same transaction as its audit entry.
//! * Every request asks anew whether the person may be here. When the answer or the role changes, the session is over.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::actor::Actor;
use crate::domain::ids::{Hash, StudioId, Uid};
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::identity::staff::StaffList;
use crate::identity::{Refusal, VerifiedIdentity};
use crate::store::{self, Store, Tx};

/// How recently a person must have proved who they are to begin a session.
pub const PROVED_WITHIN: Duration = Duration::from_secs(5 * 60);

/// How long a session that is over is remembered: whoever comes back to an open form is known, and not let in.
const KEPT_AFTER: Duration = Duration::from_secs(24 * 3_600);

/// Use is noted once in this time, so that reading pages does not write with every request.
const NOTED_EVERY: Duration = Duration::from_secs(60);

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// The longest time a session may last.
    pub absolute: Duration,
    /// The longest time it may go unused.
    pub idle: Duration,
}

impl Default for SessionRules {
    fn default() -> Self {
        Self { absolute: Duration::from_secs(12 * 3_600), idle: Duration::from_secs(3_600) }
    }
}

/// What the browser holds. It is never shown, logged or kept.
pub struct SessionSecret([u8; 32]);

/// A session that a request was made in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRef {
    /// Names the session in the store.
    pub key: Hash,
    /// When the person last proved who they are, for acts that need it to be recent.
    pub proved: Timestamp,
    /// When the session began.
    pub began: Timestamp,
    /// When it ends at the latest.
    pub ends: Timestamp,
    /// When it ends unless it is used before.
    pub idles: Timestamp,
}

/// The browser in which somebody signs in.
#[derive(Default)]
pub struct Arrival<'a> {
    /// The session that it had, which ends.
    pub replaces: Option<&'a SessionSecret>,
    /// What it is in a few words, such as `Firefox on Linux`.
    pub browser: String,
}

/// A session that has just begun.
pub struct Started {
    /// Who signed in.
    pub actor: Actor,
    /// For the cookie.
    pub secret: SessionSecret,
    /// The session.
    pub session: SessionRef,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndReason {
    /// The person signed out.
    SignedOut,
    /// The same browser signed in again.
    Replaced,
    /// Someone else ended it.
    Revoked,
}

impl EndReason {
    /// The stable reason code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SignedOut => "SIGNED_OUT",
            Self::Replaced => "SESSION_REPLACED",
            Self::Revoked => "SESSION_REVOKED",
        }
    }
}

/// What the audit log is told.
#[derive(Clone, Copy, Debug)]
pub enum SessionEvent<'a> {
    /// Someone signed in.
    Started {
        /// Who.
        actor: &'a Actor,
        /// The session.
        session: &'a Session,
    },
    /// A session ended before its time.
    Ended {
        /// Who ended it.
        by: &'a Actor,
        /// The session.
        session: &'a Session,
        /// Why.
        why: EndReason,
    },
    /// Someone was not let in.
    Refused {
        /// Why.
        refusal: Refusal,
        /// Who, if their token was genuine.
        identity: Option<&'a VerifiedIdentity>,
    },
}

/// Writes the audit entry of a session's beginning, end or refusal, in the same transaction.
#[async_trait]
pub trait SessionAudit: Send + Sync {
    /// Appends the entry.
    async fn record(
        &self,
        tx: &mut Tx,
        studio: &StudioId,
        event: SessionEvent<'_>,
        now: Timestamp,
    ) -> store::Result<()>;
}

/// Begins, resumes and ends the sessions of one studio.
#[derive(Clone)]
pub struct Sessions {
    studio: StudioId,
    rules: SessionRules,
    staff: StaffList,
    audit: Arc<dyn SessionAudit>,
}

impl fmt::Debug for Sessions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sessions").field("studio", &self.studio).field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl Sessions {
    /// Sessions of `studio`, for whom `staff` and the store let in.
    pub fn new(studio: StudioId, rules: SessionRules, staff: StaffList, audit: Arc<dyn SessionAudit>) -> Self {
        Self { studio, rules, staff, audit }
    }

    /// The longest time a session may last: how long the browser should keep the cookie.
    pub const fn longest(&self) -> Duration {
        self.rules.absolute
    }

    /// Begins a session for a verified identity, and ends the one that the browser had.
    ///
    /// Commit the transaction in either case: a refusal is audited too.
    pub async fn start(
        &self,
        tx: &mut Tx,
        identity: &VerifiedIdentity,
        arrival: Option<Arrival<'_>>,
        now: Timestamp,
    ) -> store::Result<Result<Started, Refusal>> {
        let arrival = arrival.unwrap_or_default();
        let account = (identity.account.0.as_str(), identity.account.1.as_str());
        // Whoever came by another door before is the same person here, and never their own colleague.
        let uid = tx.identity_of(account, &identity.email).await?.unwrap_or_else(|| identity.uid.clone());
        let rule = tx.staff_rule(&uid).await?;
        let role = if now > identity.happened.plus(PROVED_WITHIN) {
            Err(Refusal::SignInTooOld)
        } else {
            self.staff.decide(&uid, &identity.email, identity.claimed, rule)
        };
        let role = match role {
            Ok(role) => role,
            Err(refusal) => {
                self.refused(tx, refusal, Some(identity), now).await?;
                return Ok(Err(refusal));
            }
        };
        tx.identity_remember(account, (&uid, &identity.email), now).await?;
        if let Some(old) = arrival.replaces {
            self.end_own(tx, &old.key(), EndReason::Replaced, now).await?;
        }
        let (absolute, idle) = (self.rules.absolute + KEPT_AFTER, self.rules.idle + KEPT_AFTER);
        tx.sessions_expire(now.minus(absolute), now.minus(idle)).await?;
        let secret = SessionSecret(rand::random());
        let session = Session {
            key: secret.key(),
            uid,
            role,
            claimed: identity.claimed,
            name: identity.name.clone(),
            email: identity.email.clone(),
            issuer: identity.issuer,
            proved: identity.proved,
            began: now,
            seen: now,
            browser: arrival.browser,
        };
        tx.session_insert(&session).await?;
        let actor = self.actor(&session);
        self.audit.record(tx, &self.studio, SessionEvent::Started { actor: &actor, session: &session }, now).await?;
        Ok(Ok(Started { actor, secret, session: self.reference(&session) }))
    }

    /// Remembers that a sign-in was refused.
    pub async fn refused(
        &self,
        tx: &mut Tx,
        refusal: Refusal,
        identity: Option<&VerifiedIdentity>,
        now: Timestamp,
    ) -> store::Result<()> {
        self.audit.record(tx, &self.studio, SessionEvent::Refused { refusal, identity }, now).await
    }

    /// Who is behind this secret now.
    pub async fn resume(
        &self,
        store: &Store,
        secret: &SessionSecret,
        now: Timestamp,
    ) -> store::Result<Result<(Actor, SessionRef), Refusal>> {
        let mut session = match self.standing(store, &secret.key(), now).await? {
            Ok(session) => session,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if now.since(session.seen) >= NOTED_EVERY {
            let mut tx = store.begin().await?;
            tx.session_touch(&session.key, now).await?;
            tx.commit().await?;
            session.seen = now;
        }
        Ok(Ok((self.actor(&session), self.reference(&session))))
    }

    /// The same without using the session: one that is only looked at goes idle all the same.
    pub async fn look(
        &self,
        store: &Store,
        key: &Hash,
        now: Timestamp,
    ) -> store::Result<Result<(Actor, SessionRef), Refusal>> {
        let standing = self.standing(store, key, now).await?;
        Ok(standing.map(|session| (self.actor(&session), self.reference(&session))))
    }

    async fn standing(&self, store: &Store, key: &Hash, now: Timestamp) -> store::Result<Result<Session, Refusal>> {
        let Some((session, rule)) = store.session(key).await? else {
            return Ok(Err(Refusal::SessionUnknown));
        };
        if now.since(session.began) >= self.rules.absolute {
            return Ok(Err(Refusal::SessionExpired));
        }
        if now.since(session.seen) >= self.rules.idle {
            return Ok(Err(Refusal::SessionIdle));
        }
        Ok(match self.staff.decide(&session.uid, &session.email, session.claimed, rule) {
            Ok(role) if role == session.role => Ok(session),
            Ok(_) => Err(Refusal::RoleChanged),
            Err(refusal) => Err(refusal),
        })
    }

    /// Ends the session of the person who asks for it; says whether there was one.
    pub async fn end(&self, tx: &mut Tx, secret: &SessionSecret, now: Timestamp) -> store::Result<bool> {
        self.end_own(tx, &secret.key(), EndReason::SignedOut, now).await
    }

    /// Ends anyone's session, as `by`; says whether there was one.
    pub async fn revoke(&self, tx: &mut Tx, by: &Actor, key: &Hash, now: Timestamp) -> store::Result<bool> {
        let Some(session) = tx.session(key).await? else { return Ok(false) };
        tx.session_delete(key).await?;
        let event = SessionEvent::Ended { by, session: &session, why: EndReason::Revoked };
        self.audit.record(tx, &self.studio, event, now).await?;
        Ok(true)
    }

    async fn end_own(&self, tx: &mut Tx, key: &Hash, why: EndReason, now: Timestamp) -> store::Result<bool> {
        let Some(session) = tx.session(key).await? else { return Ok(false) };
        tx.session_delete(key).await?;
        let by = self.actor(&session);
        self.audit.record(tx, &self.studio, SessionEvent::Ended { by: &by, session: &session, why }, now).await?;
        Ok(true)
    }

    /// Whose session this was, although it may be over.
    pub async fn owner(&self, store: &Store, secret: &SessionSecret) -> store::Result<Option<Uid>> {
        Ok(store.session(&secret.key()).await?.map(|(session, _)| session.uid))
    }

    /// The sessions that are not over, the most recently used first.
    pub async fn open(&self, store: &Store, now: Timestamp) -> store::Result<Vec<Session>> {
        let mut sessions = store.sessions().await?;
        sessions.retain(|session| {
            now.since(session.began) < self.rules.absolute && now.since(session.seen) < self.rules.idle
        });
        Ok(sessions)
    }

    /// When a session ends if nobody uses it any more.
    pub fn ends(&self, session: &Session) -> Timestamp {
        session.began.plus(self.rules.absolute).min(session.seen.plus(self.rules.idle))
    }

    fn actor(&self, session: &Session) -> Actor {
        let (uid, name) = (session.uid.clone(), session.name.clone());
        Actor::verified(uid, session.role.kind(), name, self.studio.clone(), session.issuer).proved_at(session.proved)
    }

    fn reference(&self, session: &Session) -> SessionRef {
        let ends = session.began.plus(self.rules.absolute);
        let idles = session.seen.plus(self.rules.idle);
        SessionRef { key: session.key, proved: session.proved, began: session.began, ends, idles }
    }
}

impl SessionSecret {
    /// Reads what a cookie holds.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
    }

    /// What the cookie is to hold. Show it to the browser only.
    pub fn expose(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What names the session in the store.
    pub fn key(&self) -> Hash {
        Hash::of(self.0)
    }
}
