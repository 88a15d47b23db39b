//! `collections_found`: root collections that exist but are not mirrored, and when the server was last asked.

use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

/// A root collection that exists but is not mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCollection {
    /// Its id.
    pub collection: CollectionId,
    /// When it was first seen.
    pub found: Timestamp,
}

impl Store {
    /// The root collections that exist but are not mirrored, by name.
    pub async fn collections_found(&self) -> Result<Vec<FoundCollection>> {
        let rows = sqlx::query!(
            "select collection, found_us from collections_found
             where collection not in (select collection from targets) order by collection"
        )
        .fetch_all(&self.readers)
        .await
        .doing("read which collections are not mirrored")?;
        rows.into_iter()
            .map(|row| {
                let collection = CollectionId::parse(row.collection).column("collections_found")?;
                Ok(FoundCollection { collection, found: Timestamp::from_micros(row.found_us) })
            })
            .collect()
    }

    /// When the server was last asked which collections there are.
    pub async fn collections_looked(&self) -> Result<Option<Timestamp>> {
        let looked = sqlx::query_scalar!("select looked_us from discovery")
            .fetch_optional(&self.readers)
            .await
            .doing("read when collections were last looked for")?;
        Ok(looked.map(Timestamp::from_micros))
    }
}

impl Tx {
    /// Records which root collections there are now. One that is gone is forgotten.
    pub async fn collections_record(&mut self, found: &[CollectionId], now: Timestamp) -> Result<()> {
        let now = now.micros();
        let names: Vec<&str> = found.iter().map(CollectionId::as_str).collect();
        let names = serde_json::to_string(&names).expect("BUG: names are JSON");
        sqlx::query!("delete from collections_found where collection not in (select value from json_each(?))", names)
            .execute(&mut *self.inner)
            .await
            .doing("forget collections that are gone")?;
        sqlx::query!(
            "insert or ignore into collections_found (collection, found_us) select value, ? from json_each(?)",
            now,
            names
        )
        .execute(&mut *self.inner)
        .await
        .doing("record which collections there are")?;
        sqlx::query!(
            "insert into discovery (one, looked_us) values (1, ?) on conflict (one) do update set looked_us = excluded.looked_us",
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("record when collections were looked for")?;
        Ok(())
    }
}
