//! What everything that was counted comes to, and the documents behind a number.

use std::collections::BTreeMap;

use serde_json::json;

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::snapshot::{Knowledge, Number, Profile, Source, Sum};
use crate::domain::time::Timestamp;
use crate::store::facts::changes::profiles;
use crate::store::facts::{TABLE, tally};
use crate::store::{Column as _, Doing as _, Result, Store, TargetState, Tx};

/// A document behind a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The document.
    pub path: DocPath,
    /// Since when it is open.
    pub since: Option<Timestamp>,
    /// By when it should be over.
    pub due: Option<Timestamp>,
    /// What it is worth.
    pub cents: Option<i64>,
}

impl Tx {
    /// Every mirrored collection with what is known of it, and what the documents come to.
    ///
    /// Only after everything that moved was taken in is this the documents as they are.
    pub async fn state_parts(&mut self, now: Timestamp) -> Result<(Vec<Source>, Vec<(Profile, Sum)>)> {
        let unreadable = self.unreadable_counts().await?;
        let now = now.micros();
        let rows = sqlx::query!(
            r#"select target.collection, target.state, target.read_us as "read_us: i64", target.error,
                   source.documents as "documents?: i64", source.digest as "digest?: Vec<u8>",
                   (select min(since_us) from facts where source = source.id and since_us is not null)
                       as "oldest_us: i64",
                   (select count(*) from facts where source = source.id and due_us <= ?) as "over!: i64",
                   (select min(due_us) from facts where source = source.id and due_us is not null)
                       as "first_due_us: i64"
               from targets as target left join fact_sources as source on source.collection = target.collection
               order by target.collection"#,
            now
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read what the studio's state is made of")?;
        let mut sources = Vec::with_capacity(rows.len());
        for row in rows {
            let collection = CollectionId::parse(row.collection).column("targets")?;
            let is_refused = row.state == TargetState::Refused.as_str();
            let error = row.error.map(|error| format!(": {error}")).unwrap_or_default();
            let knowledge = match (row.read_us, row.documents.zip(row.digest)) {
                _ if is_refused => Knowledge::Unknown { why: format!("the cloud refuses it{error}") },
                (None, _) => Knowledge::Unknown { why: format!("it was not read yet{error}") },
                (Some(_), None) => Knowledge::Unknown { why: "it is not counted yet".to_owned() },
                (Some(read_us), Some((documents, digest))) => Knowledge::Counted {
                    read_time: Timestamp::from_micros(read_us),
                    tally: tally(documents, &digest)?,
                    unreadable: unreadable.get(&collection).copied().unwrap_or_default(),
                    oldest_open: row.oldest_us.map(Timestamp::from_micros),
                    over_deadline: row.over,
                    oldest_over_deadline: row.first_due_us.filter(|due| *due <= now).map(Timestamp::from_micros),
                },
            };
            sources.push(Source { collection, knowledge });
        }
        Ok((sources, self.state_sums().await?))
    }

    async fn state_sums(&mut self) -> Result<Vec<(Profile, Sum)>> {
        sqlx::query!("select profile, documents, cents from fact_profiles where documents <> 0 order by profile")
            .fetch_all(&mut *self.inner)
            .await
            .doing("read what documents come to")?
            .into_iter()
            .map(|row| {
                let profile = serde_json::from_str(&row.profile).column("fact_profiles")?;
                Ok((profile, Sum { documents: row.documents, cents: row.cents }))
            })
            .collect()
    }

    async fn unreadable_counts(&mut self) -> Result<BTreeMap<CollectionId, i64>> {
        sqlx::query!(
            r#"select collection, count(*) as "documents!: i64" from documents_unreadable group by collection"#
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("count what can't be kept")?
        .into_iter()
        .map(|row| Ok((CollectionId::parse(row.collection).column("documents_unreadable")?, row.documents)))
        .collect()
    }
}

impl Store {
    /// Up to `limit` documents behind a number, in the order of their paths, those after `after`.
    pub async fn documents_behind(
        &self,
        number: &Number,
        now: Timestamp,
        after: Option<&DocPath>,
        limit: u32,
    ) -> Result<Vec<Behind>> {
        let mut tx = self.readers.begin().await.doing("start to read the documents behind a number")?;
        let (after, limit) = (after.map_or("", DocPath::as_str), i64::from(limit));
        if let Number::Unreadable(collection) = number {
            let name = collection.as_str();
            let paths = sqlx::query_scalar!(
                "select path from documents_unreadable where collection = ? and path > ? order by path limit ?",
                name,
                after,
                limit
            )
            .fetch_all(&mut *tx)
            .await
            .doing("read what can't be kept")?;
            return paths.into_iter().map(|path| behind(path, None, None, None)).collect();
        }
        let wanted = profiles(&mut tx).await?.into_iter().filter(|(_, profile)| number.has(profile));
        let wanted = json!(wanted.map(|(id, _)| id).collect::<Vec<i64>>()).to_string();
        let over = match number {
            Number::Overdue(_) => Some(now.micros()),
            Number::Figure(_)
            | Number::Amount(_, _)
            | Number::Documents(_)
            | Number::Unreadable(_)
            | Number::Standing(_, _)
            | Number::Word(_, _, _) => None,
        };
        sqlx::query!(
            r#"select path as "path!", since_us as "since_us: i64", due_us as "due_us: i64", cents as "cents: i64" from facts
               where profile in (select value from json_each(?1)) and path > ?2 and (?3 is null or due_us <= ?3)
               order by path limit ?4"#,
            wanted,
            after,
            over,
            limit
        )
        .fetch_all(&mut *tx)
        .await
        .doing("read the documents behind a number")?
        .into_iter()
        .map(|row| behind(row.path, row.since_us, row.due_us, row.cents))
        .collect()
    }
}

fn behind(path: String, since_us: Option<i64>, due_us: Option<i64>, cents: Option<i64>) -> Result<Behind> {
    let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
    Ok(Behind { path: DocPath::parse(path).column(TABLE)?, since: at(since_us), due: at(due_us), cents })
}
