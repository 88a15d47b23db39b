//! Applying what moved: as many rows as documents, whatever the collection's size.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::domain::vocabulary::Vocabulary;
use crate::store::facts::counting::fact;
use crate::store::facts::{Deltas, ProfileIds, Stored, TABLE};
use crate::store::{Column as _, Doing as _, Result, Tx, hash_column};

/// What a document counted as, and counts as now.
type Pair = (Option<Stored>, Option<Stored>);

impl Tx {
    /// Counts documents as they are now instead of as they were.
    pub(super) async fn facts_apply(
        &mut self,
        vocabulary: &Vocabulary,
        moved: &[&DocPath],
        now: Timestamp,
    ) -> Result<()> {
        if moved.is_empty() {
            return Ok(());
        }
        let names = json!(moved.iter().map(|path| path.as_str()).collect::<Vec<_>>()).to_string();
        let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
        for was in self.facts_of(&names).await? {
            pairs.insert(was.path.clone(), (Some(was), None));
        }
        for is in self.facts_now(vocabulary, &names, now).await? {
            let path = is.path.clone();
            pairs.entry(path).or_default().1 = Some(is);
        }
        let (mut deltas, mut fresh, mut gone, mut changed) = (Deltas::default(), Vec::new(), Vec::new(), Vec::new());
        for (path, (was, is)) in pairs {
            was.iter().for_each(|fact| deltas.take(fact));
            is.iter().for_each(|fact| deltas.add(fact));
            if says(was.as_ref()) != says(is.as_ref()) {
                changed.push((path.clone(), was.clone(), is.clone()));
            }
            match is {
                Some(is) => fresh.push(is),
                None => gone.push(path),
            }
        }
        self.facts_write(&fresh).await?;
        let gone = json!(gone).to_string();
        sqlx::query!("delete from facts where path in (select value from json_each(?))", gone)
            .execute(&mut *self.inner)
            .await
            .doing("forget documents that are gone")?;
        self.deltas_write(&deltas).await?;
        self.fact_changes_note(&changed, now).await
    }

    /// What is remembered of these documents; `names` is a JSON list of their paths.
    async fn facts_of(&mut self, names: &str) -> Result<Vec<Stored>> {
        sqlx::query!(
            r#"select path as "path!", source as "source!: i64", profile as "profile!: i64", hash as "hash!: Vec<u8>",
                   since_us as "since_us: i64", due_us as "due_us: i64", cents as "cents: i64"
               from facts where path in (select value from json_each(?))"#,
            names
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read what documents counted as")?
        .into_iter()
        .map(|row| {
            Ok(Stored {
                hash: hash_column(&row.hash, TABLE)?,
                path: row.path,
                source: row.source,
                profile: row.profile,
                since_us: row.since_us,
                due_us: row.due_us,
                cents: row.cents,
            })
        })
        .collect()
    }

    /// What these documents count as now.
    async fn facts_now(&mut self, vocabulary: &Vocabulary, names: &str, now: Timestamp) -> Result<Vec<Stored>> {
        let rows = sqlx::query!(
            r#"select path as "path!", collection as "collection!", fields as "fields!", hash as "hash!: Vec<u8>"
               from documents
               where path in (select value from json_each(?))
                   and collection not in (select collection from targets where read_us is null)"#,
            names
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read documents that moved")?;
        let mut sources: HashMap<String, Option<i64>> = HashMap::new();
        let (mut known, mut facts) = (ProfileIds::default(), Vec::with_capacity(rows.len()));
        for row in rows {
            let source = match sources.get(&row.collection) {
                Some(source) => *source,
                None => {
                    let collection = CollectionId::parse(row.collection.as_str()).column("documents")?;
                    let source = self.source_of(&collection, now).await?;
                    sources.insert(row.collection.clone(), source);
                    source
                }
            };
            let Some(source) = source else { continue };
            let collection = CollectionId::parse(row.collection).column("documents")?;
            let fact = fact(vocabulary, &collection, &row.fields, hash_column(&row.hash, "documents")?)?;
            facts.push(self.stored(&mut known, (row.path, source), fact).await?);
        }
        Ok(facts)
    }

    /// The id of a collection that is counted. One that is not yet is counted from nothing, with all its documents.
    async fn source_of(&mut self, collection: &CollectionId, now: Timestamp) -> Result<Option<i64>> {
        let name = collection.as_str();
        let id = sqlx::query_scalar!(r#"select id as "id!: i64" from fact_sources where collection = ?"#, name)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("look whether a collection is counted")?;
        if id.is_none() {
            self.source_begin(collection, now).await?;
        }
        Ok(id)
    }
}

/// What of a fact any number depends on.
fn says(fact: Option<&Stored>) -> Option<(i64, Option<i64>, Option<i64>)> {
    fact.map(|fact| (fact.profile, fact.due_us, fact.cents))
}
