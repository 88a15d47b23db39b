//! Seals the audit log: signs the head of its tree when there is news, and anchors what it signed outside of this box.
//!
//! # Guarantees
//! * What it signs is a continuation of what it signed before: it proves that to itself first.
//! * A new key comes into force only after the one before has signed the entry that names it.
//! * Trouble with an anchor is told and tried again, and never keeps anything from being recorded or sealed.

/// The key's files.
mod keys;

/// Keeping checkpoints outside.
mod anchor;

use std::time::Duration;

use anyhow::Context as _;

use crate::authority::Authority;
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::checkpoint::{Checkpoint, PublicKey, SealKey};
use crate::domain::audit::tree::is_consistent;
use crate::domain::audit::walk::KEY;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::StudioId;
use crate::domain::time::Timestamp;
use crate::gate::Gate;
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::store::audit::ChainState;
use crate::telemetry::{ReasonCode, names};

pub use keys::{KeyError, KeyFiles};

/// How often news is sealed at most, and an anchor is tried again.
const EVERY: Duration = Duration::from_secs(60);

/// How often the whole log is walked along.
const WALK_EVERY: Duration = Duration::from_secs(3_600);

/// How long the last checkpoint may take to be anchored when the service stops.
const LAST_ANCHOR: Duration = Duration::from_secs(3);

/// A checkpoint was signed.
const SEALED: ReasonCode = ReasonCode::new("sealed");

/// The log does not hold.
const BROKEN: ReasonCode = ReasonCode::new("audit_broken");

/// The job that seals. There is one per studio, and nothing else has the key.
#[derive(Debug)]
pub struct Seal {
    store: Store,
    authority: Authority,
    clock: Clock,
    gate: Gate,
    files: KeyFiles,
    studio: StudioId,
    me: Actor,
    /// When there was a look at the key, the checkpoints and the anchors, and not before.
    sealed: Option<Timestamp>,
    walked: Option<Timestamp>,
    looked: bool,
    /// An anchor that failed is not tried before.
    anchor_after: Timestamp,
    wait: Duration,
}

impl Seal {
    /// The job of a studio, with its key in these files.
    pub fn new(store: Store, authority: Authority, clock: Clock, gate: Gate, files: KeyFiles) -> Self {
        let studio = store.studio().clone();
        let me = Actor::system(&studio, Self::NAME);
        Self {
            store,
            authority,
            clock,
            gate,
            files,
            studio,
            me,
            sealed: None,
            walked: None,
            looked: false,
            anchor_after: Timestamp::from_micros(i64::MIN),
            wait: EVERY,
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Signs everything there is, if there is news. Nothing leaves the box.
    ///
    /// # Errors
    /// The key can't be used, the database failed, or the log is no continuation of what was signed before.
    pub async fn seal(&mut self) -> anyhow::Result<bool> {
        let (mut key, changed) = self.key().await?;
        let requested = self.store.audit_newest_of([Action::AuditKeyRotationRequested; 2]).await?;
        if requested > changed {
            key = self.rotate(&key).await?;
        }
        let done = self.sign(&key).await?;
        // Whoever reads it may rely on it: it has signed everything there is.
        self.files.publish(key.public())?;
        self.sealed = Some(self.now());
        Ok(done)
    }

    /// Seals and anchors what is left, for a service that stops. Trouble with the anchor is told, and no error.
    ///
    /// # Errors
    /// As [`Seal::seal`].
    pub async fn close(&mut self) -> anyhow::Result<()> {
        self.seal().await?;
        self.log().await?;
        match tokio::time::timeout(LAST_ANCHOR, self.anchor()).await {
            Ok(anchored) => anchored,
            Err(_) => {
                tracing::warn!(event = "audit.unanchored", "The last checkpoint could not be anchored in time");
                Ok(())
            }
        }
    }

    /// The key that is in force, and the entry that says so. The first start makes one.
    async fn key(&mut self) -> anyhow::Result<(SealKey, u64)> {
        let (mut changed, mut named) = self.named_key().await?;
        let current = match self.files.current()? {
            Some(current) => current,
            None => self.files.create(&self.studio)?,
        };
        if named.as_ref() == Some(current.public()) {
            return Ok((current, changed));
        }
        if let Some(next) = self.files.next()?.filter(|next| named.as_ref() == Some(next.public())) {
            // The service died between the entry that names the next key and the moment it comes into force.
            return Ok((self.bring_into_force(&current, next, changed).await?, changed));
        }
        let replaced = named.take();
        let mut event = self.event(Action::AuditKeyCreated).detail(KEY, current.public().as_str());
        if let Some(replaced) = replaced {
            tracing::error!(
                event = "audit.key_replaced",
                "The audit log goes on with another key, and the one before did not vouch for it"
            );
            event = event.detail("before", replaced.as_str());
        }
        let mut tx = self.store.begin().await?;
        changed = tx.audit(&self.studio, event).await?.sequence;
        tx.commit().await?;
        Ok((current, changed))
    }

    /// The newest key that the log names, with its entry.
    async fn named_key(&self) -> anyhow::Result<(u64, Option<PublicKey>)> {
        let changed = self.store.audit_newest_of([Action::AuditKeyCreated, Action::AuditKeyRotated]).await?;
        let entry = self.store.audit_entry(changed).await?;
        let key = entry.and_then(|entry| PublicKey::parse(entry.event.details.get(KEY)?).ok());
        Ok((changed, key))
    }

    /// Replaces the key, as somebody asked.
    async fn rotate(&mut self, current: &SealKey) -> anyhow::Result<SealKey> {
        let next = match self.files.next()? {
            Some(next) => next,
            None => self.files.create_next(&self.studio)?,
        };
        fail::fail_point!("seal::before-rotation", |_| std::process::abort());
        let event = self.event(Action::AuditKeyRotated).detail(KEY, next.public().as_str());
        let mut tx = self.store.begin().await?;
        let entry = tx.audit(&self.studio, event.detail("before", current.public().as_str())).await?;
        tx.commit().await?;
        fail::fail_point!("seal::after-rotation", |_| std::process::abort());
        self.bring_into_force(current, next, entry.sequence).await
    }

    /// The key before signs the entry that names the next one, which then takes its place.
    async fn bring_into_force(&mut self, current: &SealKey, next: SealKey, named: u64) -> anyhow::Result<SealKey> {
        let sealed = self.store.audit_sealed().await?;
        if sealed.is_none_or(|sealed| sealed.checkpoint.size() < named) {
            self.sign(current).await?;
        }
        fail::fail_point!("seal::before-promotion", |_| std::process::abort());
        self.files.promote()?;
        tracing::info!(
            event = "audit.key_rotated",
            severity = "NOTICE",
            "The audit log has a new key: {}",
            next.public()
        );
        Ok(next)
    }

    /// Signs the head of the tree, unless this key has signed it already.
    async fn sign(&mut self, key: &SealKey) -> anyhow::Result<bool> {
        let size = self.store.audit_size().await?;
        let root = self.store.audit_root(size).await?.context("the tree of the audit log has no head")?;
        if let Some(sealed) = self.store.audit_sealed().await? {
            let older = (sealed.checkpoint.size(), sealed.checkpoint.root());
            if older.0 == size && sealed.checkpoint.is_signed_by(key.public()) {
                anyhow::ensure!(older.1 == root, "the audit log is not what was signed: nothing more is signed");
                return Ok(false);
            }
            let proof = match size.cmp(&older.0) {
                std::cmp::Ordering::Greater => self.store.audit_consistency(size, older.0).await?,
                std::cmp::Ordering::Equal => Vec::new(),
                std::cmp::Ordering::Less => anyhow::bail!("the audit log is shorter than what was signed"),
            };
            let goes_on = if size == older.0 { older.1 == root } else { is_consistent(&proof, (size, root), older) };
            anyhow::ensure!(goes_on, "the audit log is no continuation of what was signed: nothing more is signed");
        }
        let (checkpoint, now) = (Checkpoint::sign(&self.studio, size, root, key), self.now());
        fail::fail_point!("seal::before-checkpoint", |_| std::process::abort());
        let mut tx = self.store.begin().await?;
        tx.audit_seal(&checkpoint, now).await?;
        tx.commit().await?;
        fail::fail_point!("seal::after-checkpoint", |_| std::process::abort());
        metrics::gauge!(names::AUDIT_SEALED, "studio" => self.studio.to_string()).set(size as f64);
        Ok(true)
    }

    /// Walks along the whole log now and then; says whether it holds.
    async fn walk(&mut self) -> anyhow::Result<bool> {
        let now = self.now();
        if self.walked.is_some_and(|walked| now.since(walked) < WALK_EVERY) {
            return Ok(true);
        }
        let state = self.store.audit_walk(now).await?;
        self.walked = Some(now);
        let holds = match state {
            ChainState::Holds { .. } => true,
            ChainState::Broken { sequence, fault } => {
                let said = fault.to_string();
                tracing::error!(
                    event = "audit.broken",
                    audit.sequence = sequence,
                    "The audit log does not hold: {said}"
                );
                false
            }
        };
        metrics::gauge!(names::AUDIT_HOLDS, "studio" => self.studio.to_string()).set(f64::from(u8::from(holds)));
        Ok(holds)
    }

    fn event(&self, action: Action) -> Event {
        Event::new(self.now(), self.me.person(), action, Target::Other("audit log".to_owned()))
    }
}

impl Job for Seal {
    const NAME: &'static str = "seal";
    const ABOUT: &'static str =
        "Signs the head of the audit log when there is news, keeps it outside, and walks along the log every hour.";

    fn period(&self) -> Duration {
        self.wait
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        let now = self.now();
        let holds = self.walk().await?;
        let size = self.store.audit_size().await?;
        let sealed = self.store.audit_sealed().await?.map_or(0, |sealed| sealed.checkpoint.size());
        let wish = self.store.audit_newest_of([Action::AuditExported, Action::AuditKeyRotationRequested]).await?;
        let waited = self.sealed.map(|last| now.since(last));
        let is_due = waited.is_none_or(|waited| waited >= EVERY && size > sealed);
        self.wait = match waited {
            Some(waited) if size > sealed => EVERY.saturating_sub(waited).max(Duration::from_millis(100)),
            Some(_) | None => EVERY,
        };
        let mut worked = false;
        if is_due || wish > sealed {
            worked = self.seal().await?;
            self.wait = EVERY;
        }
        self.log().await?;
        if !self.looked {
            self.look_around().await?;
        }
        self.anchor().await?;
        Ok(match (holds, worked) {
            (false, _) => Pass::Worked(BROKEN),
            (true, true) => Pass::Worked(SEALED),
            (true, false) => Pass::Idle,
        })
    }
}
