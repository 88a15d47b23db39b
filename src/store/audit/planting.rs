//! Table `audit_chained`: the log of before the tree. Its rows become the first leaves, word for word as they were hashed.

use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Chained, Event, GENESIS, Target};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, hash_column};

const TABLE: &str = "audit_chained";

/// How many rows are read at once.
const PAGE: i64 = 1_000;

struct Row {
    sequence: i64,
    at_us: i64,
    studio: String,
    actor: String,
    actor_name: String,
    action: String,
    target: String,
    reason: String,
    input: Option<Vec<u8>>,
    output: Option<Vec<u8>>,
    details: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

impl Row {
    fn chained(self) -> Result<Chained> {
        let hash = |bytes: Option<Vec<u8>>| bytes.map(|bytes| hash_column(&bytes, TABLE)).transpose();
        Ok(Chained {
            sequence: u64::try_from(self.sequence).column(TABLE)?,
            at: Timestamp::from_micros(self.at_us),
            studio: self.studio,
            actor: self.actor,
            name: self.actor_name,
            action: self.action,
            target: self.target,
            reason: self.reason,
            input: hash(self.input)?,
            output: hash(self.output)?,
            details: serde_json::from_str(&self.details).column(TABLE)?,
            previous: hash_column(&self.previous, TABLE)?,
            hash: hash_column(&self.hash, TABLE)?,
        })
    }
}

impl Store {
    /// Plants the rows of before the tree, once: all of them or none. Whether their chain held is recorded.
    pub(in crate::store) async fn audit_plant(&self, now: Timestamp) -> Result<()> {
        let waiting = sqlx::query_scalar!(r#"select count(*) as "count!: i64" from audit_chained"#)
            .fetch_one(&self.readers)
            .await
            .doing("look for an audit log of before the tree")?;
        if waiting == 0 {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let mut frontier = tx.audit_frontier().await?;
        let (mut sequence, mut head): (u64, Hash) = (0, GENESIS);
        let mut broken = None;
        loop {
            let after = i64::try_from(sequence).column(TABLE)?;
            let rows = sqlx::query_as!(
                Row,
                "select sequence, at_us, studio, actor, actor_name, action, target, reason, input, output, details,
                     previous, hash
                 from audit_chained where sequence > ? order by sequence limit ?",
                after,
                PAGE,
            )
            .fetch_all(&mut *tx.inner)
            .await
            .doing("read an audit log of before the tree")?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                let row = row.chained()?;
                if !row.follows(sequence, head) {
                    broken.get_or_insert(row.sequence);
                }
                (sequence, head) = (row.sequence, row.hash);
                tx.audit_put(&mut frontier, row.canonical()).await?;
            }
        }
        tx.appending.frontier = Some(frontier);
        let chain = broken.map_or_else(|| "holds".to_owned(), |broken| format!("broken at {broken}"));
        if broken.is_some() {
            tracing::error!(event = "audit.planted", chain, "The audit log of before the tree does not hold: {chain}");
        }
        let actor = Actor::system(&self.studio, "store").person();
        let event = Event::new(now, actor, Action::AuditPlanted, Target::Other("audit log".to_owned()))
            .detail("entries", waiting.to_string())
            .detail("head", head.to_string())
            .detail("chain", chain);
        tx.audit(&self.studio, event).await?;
        sqlx::query!("delete from audit_chained").execute(&mut *tx.inner).await.doing("put an old audit log away")?;
        tx.commit().await
    }
}
