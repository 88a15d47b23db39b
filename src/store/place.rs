//! How far the audit log and the mirror have come: two numbers that only grow.

use crate::domain::audit::Action;
use crate::store::{Column as _, Doing as _, Result, Store};

const TABLE: &str = "audit";

/// How far the audit log and the mirror have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sequence of the newest audit entry; 0 before the first.
    pub audit: u64,
    /// How often a document of the mirror came, changed or went.
    pub feed: u64,
}

impl Store {
    /// Where everything stands now.
    pub async fn place(&self) -> Result<Place> {
        let row = sqlx::query!(
            r#"select (select coalesce(max(sequence), 0) from audit_tree) as "audit!: i64",
                 coalesce((select seq from sqlite_sequence where name = 'feed'), 0) as "feed!: i64""#
        )
        .fetch_one(&self.readers)
        .await
        .doing("read how far the audit log and the mirror have come")?;
        Ok(Place { audit: u64::try_from(row.audit).column(TABLE)?, feed: u64::try_from(row.feed).column(TABLE)? })
    }

    /// The sequences and the actions of up to `limit` entries after this one, the earliest first.
    ///
    /// The action is `None` where the entry's payload was dropped, or is of another release.
    pub async fn audit_actions_after(&self, after: u64, limit: u16) -> Result<Vec<(u64, Option<Action>)>> {
        let (after, limit) = (i64::try_from(after).unwrap_or(i64::MAX), i64::from(limit));
        let rows = sqlx::query!(
            r#"select sequence, action as "action?: String" from audit where sequence > ? order by sequence limit ?"#,
            after,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what was done since")?;
        let parsed = rows.into_iter().map(|row| {
            let action = row.action.and_then(|word| Action::parse(&word));
            Ok((u64::try_from(row.sequence).column(TABLE)?, action))
        });
        parsed.collect()
    }
}
