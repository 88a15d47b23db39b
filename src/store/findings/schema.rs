//! Table `schema_fields`: fields and types that collections are known to have.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

/// The fields of a collection, each with the types that it is known to have.
pub type KnownFields = BTreeMap<String, BTreeSet<String>>;

impl Store {
    /// The known fields of every collection that was looked at as a whole before.
    pub async fn schema_known(&self) -> Result<BTreeMap<CollectionId, KnownFields>> {
        let rows = sqlx::query!("select collection, field, type as kind from schema_fields")
            .fetch_all(&self.readers)
            .await
            .doing("read what collections are made of")?;
        let mut known: BTreeMap<CollectionId, KnownFields> = BTreeMap::new();
        for row in rows {
            let collection = CollectionId::parse(row.collection).column("schema_fields")?;
            known.entry(collection).or_default().entry(row.field).or_default().insert(row.kind);
        }
        Ok(known)
    }
}

impl Tx {
    /// Learns that a collection has these fields.
    pub async fn schema_learn(
        &mut self,
        collection: &CollectionId,
        fields: &KnownFields,
        now: Timestamp,
    ) -> Result<()> {
        let (collection, now) = (collection.as_str(), now.micros());
        for (field, kind) in fields.iter().flat_map(|(field, kinds)| kinds.iter().map(move |kind| (field, kind))) {
            sqlx::query!(
                "insert or ignore into schema_fields (collection, field, type, since_us) values (?, ?, ?, ?)",
                collection,
                field,
                kind,
                now,
            )
            .execute(&mut *self.inner)
            .await
            .doing("learn what a collection is made of")?;
        }
        Ok(())
    }
}
