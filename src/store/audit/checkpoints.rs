//! Tables `audit_checkpoints`, `audit_anchors` and `audit_standing`: signed heads of the tree, and where they are anchored.

use crate::domain::audit::checkpoint::Checkpoint;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "audit_checkpoints";

/// A checkpoint with its place, and where it is anchored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Its number, from 1.
    pub number: u64,
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// When it was signed.
    pub at: Timestamp,
    /// When it was written to the service's log.
    pub logged: Option<Timestamp>,
    /// When Firestore was known to have it.
    pub anchored: Option<Timestamp>,
}

/// How what is anchored in Firestore stands to this log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnchorStanding {
    /// Every anchor that was looked at is the head of a beginning of this log.
    Consistent,
    /// There is an anchor of more entries than this log has: the database is older than it.
    Behind,
    /// There is an anchor of another log than this one.
    Forked,
}

impl AnchorStanding {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Consistent, Self::Behind, Self::Forked];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Consistent => "consistent",
            Self::Behind => "behind",
            Self::Forked => "forked",
        }
    }
}

/// What the last look at the anchors came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When.
    pub checked: Timestamp,
    /// How they stand to this log.
    pub anchors: AnchorStanding,
    /// How many entries the anchor that tells so covers; 0 when there is none.
    pub size: u64,
    /// Why the newest checkpoint is not anchored, if that was tried in vain.
    pub trouble: Option<String>,
}

struct Row {
    number: i64,
    note: String,
    sealed_us: i64,
    logged_us: Option<i64>,
    firestore_us: Option<i64>,
}

impl Row {
    fn sealed(self) -> Result<Sealed> {
        Ok(Sealed {
            number: u64::try_from(self.number).column(TABLE)?,
            checkpoint: Checkpoint::parse(&self.note).column(TABLE)?,
            at: Timestamp::from_micros(self.sealed_us),
            logged: self.logged_us.map(Timestamp::from_micros),
            anchored: self.firestore_us.map(Timestamp::from_micros),
        })
    }
}

impl Tx {
    /// Keeps a checkpoint; its number.
    pub async fn audit_seal(&mut self, checkpoint: &Checkpoint, now: Timestamp) -> Result<u64> {
        let (size, note, now) = (i64::try_from(checkpoint.size()).column(TABLE)?, checkpoint.note(), now.micros());
        let number = sqlx::query_scalar!(
            r#"insert into audit_checkpoints (number, size, note)
             values ((select coalesce(max(number), 0) + 1 from audit_checkpoints), ?, ?) returning number as "number!: i64""#,
            size,
            note
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("keep a checkpoint of the audit log")?;
        sqlx::query!("insert into audit_anchors (number, sealed_us) values (?, ?)", number, now)
            .execute(&mut *self.inner)
            .await
            .doing("note when a checkpoint was signed")?;
        u64::try_from(number).column(TABLE)
    }

    /// A checkpoint was written to the service's log.
    pub async fn audit_logged(&mut self, number: u64, now: Timestamp) -> Result<()> {
        let (number, now) = (i64::try_from(number).column(TABLE)?, now.micros());
        sqlx::query!("update audit_anchors set logged_us = ? where number = ?", now, number)
            .execute(&mut *self.inner)
            .await
            .doing("note that a checkpoint is logged")?;
        Ok(())
    }

    /// Firestore has a checkpoint.
    pub async fn audit_anchored(&mut self, number: u64, now: Timestamp) -> Result<()> {
        let (number, now) = (i64::try_from(number).column(TABLE)?, now.micros());
        sqlx::query!("update audit_anchors set firestore_us = ? where number = ?", now, number)
            .execute(&mut *self.inner)
            .await
            .doing("note that a checkpoint is anchored")?;
        Ok(())
    }

    /// Keeps what a look at the anchors came to.
    pub async fn audit_stand(&mut self, standing: &Standing) -> Result<()> {
        let (checked, word, trouble) = (standing.checked.micros(), standing.anchors.word(), &standing.trouble);
        let size = i64::try_from(standing.size).column("audit_standing")?;
        sqlx::query!(
            "insert into audit_standing (one, checked_us, standing, size, trouble) values (1, ?, ?, ?, ?)
             on conflict (one) do update set checked_us = excluded.checked_us, standing = excluded.standing,
                 size = excluded.size, trouble = excluded.trouble",
            checked,
            word,
            size,
            trouble
        )
        .execute(&mut *self.inner)
        .await
        .doing("note how the anchors stand")?;
        Ok(())
    }
}

impl Store {
    /// How many entries the log has.
    pub async fn audit_size(&self) -> Result<u64> {
        let size = sqlx::query_scalar!(r#"select coalesce(max(sequence), 0) as "size!: i64" from audit_tree"#)
            .fetch_one(&self.readers)
            .await
            .doing("read the end of the audit log")?;
        u64::try_from(size).column("audit_tree")
    }

    /// The newest checkpoint.
    pub async fn audit_sealed(&self) -> Result<Option<Sealed>> {
        let row = sqlx::query_as!(
            Row,
            "select number, note, sealed_us, logged_us, firestore_us
             from audit_checkpoints join audit_anchors using (number) order by number desc limit 1"
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the newest checkpoint")?;
        row.map(Row::sealed).transpose()
    }

    /// The newest checkpoint that Firestore has.
    pub async fn audit_newest_anchor(&self) -> Result<Option<Sealed>> {
        let row = sqlx::query_as!(
            Row,
            "select number, note, sealed_us, logged_us, firestore_us
             from audit_anchors join audit_checkpoints using (number)
             where firestore_us is not null order by number desc limit 1"
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the newest anchored checkpoint")?;
        row.map(Row::sealed).transpose()
    }

    /// The first checkpoint that covers an entry.
    pub async fn audit_sealed_with(&self, sequence: u64) -> Result<Option<Sealed>> {
        let Ok(sequence) = i64::try_from(sequence) else { return Ok(None) };
        let row = sqlx::query_as!(
            Row,
            "select number, note, sealed_us, logged_us, firestore_us
             from audit_checkpoints join audit_anchors using (number) where size >= ? order by number limit 1",
            sequence
        )
        .fetch_optional(&self.readers)
        .await
        .doing("read the checkpoint of an entry")?;
        row.map(Row::sealed).transpose()
    }

    /// What the last look at the anchors came to; `None` when there was none.
    pub async fn audit_standing(&self) -> Result<Option<Standing>> {
        let row = sqlx::query!("select checked_us, standing, size, trouble from audit_standing")
            .fetch_optional(&self.readers)
            .await
            .doing("read how the anchors stand")?;
        let Some(row) = row else { return Ok(None) };
        let anchors = AnchorStanding::ALL.into_iter().find(|anchors| anchors.word() == row.standing);
        Ok(Some(Standing {
            checked: Timestamp::from_micros(row.checked_us),
            anchors: anchors.ok_or("a standing is none").column("audit_standing")?,
            size: u64::try_from(row.size).column("audit_standing")?,
            trouble: row.trouble,
        }))
    }
}
