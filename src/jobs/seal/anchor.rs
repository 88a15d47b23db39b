//! Keeping checkpoints outside: a line of the service's log, and a document in Firestore.
//!
//! The document is the one write of ours that nobody approves: it holds nothing of the studio's business, its name is
//! never used twice, and it obeys the configuration and the kill switch as every write does.

use crate::authority::CommitError;
use crate::domain::audit::Action;
use crate::domain::document::Document;
use crate::domain::ids::{CollectionId, DocPath, Hash};
use crate::domain::value::{Fields, Value};
use crate::domain::write::Write;
use crate::gate::Writes;
use crate::jobs::seal::{EVERY, Seal};
use crate::store::audit::{AnchorStanding, Sealed, Standing};
use crate::telemetry::names;

/// The collection of the anchors.
const ANCHORS: &str = "studioBrainCheckpoints";

/// How many anchors that are not known to be ours are looked at.
const MOST: u32 = 50;

impl Seal {
    /// Writes the newest checkpoint to the service's log, once.
    pub(super) async fn log(&mut self) -> anyhow::Result<()> {
        let Some(sealed) = self.store.audit_sealed().await?.filter(|sealed| sealed.logged.is_none()) else {
            return Ok(());
        };
        let checkpoint = &sealed.checkpoint;
        tracing::info!(
            event = "audit.sealed",
            severity = "NOTICE",
            insert_id = format!("audit-{}-{:020}", self.studio, checkpoint.size()),
            studio.id = %self.studio,
            audit.size = checkpoint.size(),
            audit.root = %checkpoint.root(),
            audit.checkpoint = checkpoint.note(),
            "Sealed {} entries of the audit log",
            checkpoint.size()
        );
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.audit_logged(sealed.number, now).await?;
        Ok(tx.commit().await?)
    }

    /// Anchors the newest checkpoint in Firestore, if writes may leave. Trouble is told, kept and tried again later.
    pub(super) async fn anchor(&mut self) -> anyhow::Result<()> {
        let Some(sealed) = self.store.audit_sealed().await?.filter(|sealed| sealed.anchored.is_none()) else {
            return Ok(());
        };
        let now = self.now();
        match self.gate.settings().writes {
            Writes::Off => return Ok(()),
            Writes::On if now < self.anchor_after => return Ok(()),
            Writes::On => self.anchor_after = now.plus(EVERY),
        }
        if self.look().await?.is_none() {
            return Ok(());
        }
        let trouble = match self.gate.depart().await? {
            Err(reason) => reason.sentence().to_owned(),
            Ok(departure) => {
                let answer = self.authority.commit(&[self.document(&sealed).await?]).await;
                drop(departure);
                fail::fail_point!("seal::after-anchor", |_| std::process::abort());
                match answer {
                    Ok(_) => return self.anchored(&sealed).await,
                    Err(CommitError::Precondition(_)) => return self.is_taken(&sealed).await,
                    Err(error @ (CommitError::Refused(_) | CommitError::NotApplied(_) | CommitError::Unknown(_))) => {
                        error.cause().chain()
                    }
                }
            }
        };
        self.trouble(trouble).await
    }

    /// A look at the anchors at the start: trouble is no reason to stop.
    pub(super) async fn look_around(&mut self) -> anyhow::Result<()> {
        self.looked = true;
        self.look().await.map(|_| ())
    }

    /// How do the anchors that we don't know stand to this log? `None` when Firestore could not be asked.
    async fn look(&mut self) -> anyhow::Result<Option<AnchorStanding>> {
        let known = self.store.audit_newest_anchor().await?.map_or(0, |sealed| sealed.checkpoint.size());
        let collection = CollectionId::parse(ANCHORS)?;
        let page = match self.authority.page(&collection, Some(&self.path(known)?), MOST, None).await {
            Ok(page) => page,
            Err(error) => {
                self.trouble(error.chain()).await?;
                return Ok(None);
            }
        };
        let size = self.store.audit_size().await?;
        let (mut anchors, mut at) = (AnchorStanding::Consistent, known);
        for sighting in page.documents {
            let Some(document) = sighting.readable() else { continue };
            let Some((anchored, root)) = self.read(&document) else { continue };
            if anchored > size {
                (anchors, at) = (AnchorStanding::Behind, anchored);
            } else if self.store.audit_root(anchored).await? != Some(root) {
                (anchors, at) = (AnchorStanding::Forked, anchored);
                break;
            }
        }
        self.stand(anchors, at, None).await?;
        Ok(Some(anchors))
    }

    /// The name is taken: by our own commit whose answer was lost, or by another log.
    async fn is_taken(&mut self, sealed: &Sealed) -> anyhow::Result<()> {
        let path = self.path(sealed.checkpoint.size())?;
        let found = match self.authority.get(std::slice::from_ref(&path), None).await {
            Ok(mut lookup) => lookup.found.pop().and_then(|document| self.read(&document)),
            Err(error) => return self.trouble(error.chain()).await,
        };
        if found == Some((sealed.checkpoint.size(), sealed.checkpoint.root())) {
            return self.anchored(sealed).await;
        }
        self.stand(AnchorStanding::Forked, sealed.checkpoint.size(), None).await
    }

    async fn anchored(&mut self, sealed: &Sealed) -> anyhow::Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.audit_anchored(sealed.number, now).await?;
        tx.commit().await?;
        let size = sealed.checkpoint.size() as f64;
        metrics::gauge!(names::AUDIT_ANCHORED, "studio" => self.studio.to_string()).set(size);
        Ok(())
    }

    async fn trouble(&mut self, why: String) -> anyhow::Result<()> {
        tracing::warn!(event = "audit.unanchored", "The newest checkpoint is not anchored in Firestore: {why}");
        metrics::counter!(names::AUDIT_ANCHOR_FAILURES, "studio" => self.studio.to_string()).increment(1);
        let known = self.store.audit_standing().await?;
        let (anchors, size) = known.map_or((AnchorStanding::Consistent, 0), |known| (known.anchors, known.size));
        self.stand(anchors, size, Some(why)).await
    }

    /// Keeps how the anchors stand. That they are of another log is told at every start, and recorded when it is news.
    async fn stand(&mut self, anchors: AnchorStanding, size: u64, trouble: Option<String>) -> anyhow::Result<()> {
        let (now, known) = (self.now(), self.store.audit_standing().await?);
        let is_news = known.as_ref().map(|known| (known.anchors, known.size)) != Some((anchors, size));
        let mut tx = self.store.begin().await?;
        match anchors {
            AnchorStanding::Consistent => {}
            AnchorStanding::Behind | AnchorStanding::Forked => {
                let word = anchors.word();
                tracing::error!(
                    event = "audit.anchor_mismatch",
                    audit.size = size,
                    standing = word,
                    "An anchor of {size} entries in Firestore is not of this log ({word}): this database is an older \
                     copy, or another box writes for this studio"
                );
                if is_news {
                    let event = self.event(Action::AuditAnchorMismatch).detail("standing", word);
                    tx.audit(&self.studio, event.detail("anchor", size.to_string())).await?;
                }
            }
        }
        tx.audit_stand(&Standing { checked: now, anchors, size, trouble }).await?;
        tx.commit().await?;
        let well = f64::from(u8::from(anchors == AnchorStanding::Consistent));
        metrics::gauge!(names::AUDIT_CONSISTENT, "studio" => self.studio.to_string()).set(well);
        Ok(())
    }

    /// Names sort by size, and those of two studios don't mix.
    fn path(&self, size: u64) -> anyhow::Result<DocPath> {
        Ok(DocPath::parse(format!("{ANCHORS}/{}.{size:020}", self.studio))?)
    }

    async fn document(&self, sealed: &Sealed) -> anyhow::Result<Write> {
        let checkpoint = &sealed.checkpoint;
        let fields = Fields::from([
            ("version".to_owned(), Value::Integer(1)),
            ("studio".to_owned(), Value::text(self.studio.as_str())),
            ("box".to_owned(), Value::text(self.store.box_id().await?.to_string())),
            ("size".to_owned(), Value::Integer(i64::try_from(checkpoint.size())?)),
            ("root".to_owned(), Value::text(checkpoint.root().to_string())),
            ("checkpoint".to_owned(), Value::text(checkpoint.note())),
            ("sealedAt".to_owned(), Value::Timestamp(sealed.at)),
        ]);
        Ok(Write::Create { path: self.path(checkpoint.size())?, fields })
    }

    /// Size and root of an anchor of this studio.
    fn read(&self, document: &Document) -> Option<(u64, Hash)> {
        let ours = document.path.id().strip_prefix(self.studio.as_str())?.starts_with('.');
        let size = match document.fields.get("size") {
            Some(Value::Integer(size)) if ours => u64::try_from(*size).ok()?,
            _ => return None,
        };
        let root = match document.fields.get("root") {
            Some(Value::Text(root)) => root.parse().ok()?,
            _ => return None,
        };
        Some((size, root))
    }
}
