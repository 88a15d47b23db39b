//! What a transaction did to documents, and the leaves that it changes.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::SqliteConnection;

use crate::domain::digest::{Digest, Tally};
use crate::domain::ids::{CollectionId, DocPath};
use crate::store::digests::{MOST, TABLE, digest_column, stamp};
use crate::store::{Column as _, Doing as _, Result, Tx};

/// How many changes are added up at a time.
const AT_ONCE: i64 = 2_000;

/// What this connection does to documents is noted in a table of its own; other connections have no such triggers.
const NOTES: &str = "
    create temp table if not exists documents_noted (
        id integer primary key, collection text not null, path text not null,
        was_create integer, was_update integer, was_hash blob, now_create integer, now_update integer, now_hash blob
    );
    create temp trigger if not exists note_came after insert on main.documents
    when exists (select 1 from digest_trees where collection = new.collection)
    begin
        insert into documents_noted (collection, path, now_create, now_update, now_hash)
        values (new.collection, new.path, new.create_us, new.update_us, new.hash);
    end;
    create temp trigger if not exists note_changed after update on main.documents
    when exists (select 1 from digest_trees where collection = new.collection)
    begin
        insert into documents_noted (collection, path, was_create, was_update, was_hash, now_create, now_update, now_hash)
        values (new.collection, new.path, old.create_us, old.update_us, old.hash, new.create_us, new.update_us, new.hash);
    end;
    create temp trigger if not exists note_gone after delete on main.documents
    when exists (select 1 from digest_trees where collection = old.collection)
    begin
        insert into documents_noted (collection, path, was_create, was_update, was_hash)
        values (old.collection, old.path, old.create_us, old.update_us, old.hash);
    end;
    create temp trigger if not exists note_unreadable_came after insert on main.documents_unreadable
    when exists (select 1 from digest_trees where collection = new.collection)
    begin
        insert into documents_noted (collection, path, now_update) values (new.collection, new.path, new.update_us);
    end;
    create temp trigger if not exists note_unreadable_gone after delete on main.documents_unreadable
    when exists (select 1 from digest_trees where collection = old.collection)
    begin
        insert into documents_noted (collection, path, was_update) values (old.collection, old.path, old.update_us);
    end;
";

/// Lets a connection note what it does to documents, if the database has the tables for it yet.
pub(in crate::store) async fn take_note(connection: &mut SqliteConnection) -> std::result::Result<(), sqlx::Error> {
    let ready: Option<i64> =
        sqlx::query_scalar("select 1 from sqlite_master where type = 'table' and name = 'digest_trees'")
            .fetch_optional(&mut *connection)
            .await?;
    if ready.is_some() {
        sqlx::raw_sql(NOTES).execute(connection).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Noted {
    id: i64,
    collection: String,
    path: String,
    was_create: Option<i64>,
    was_update: Option<i64>,
    was_hash: Option<Vec<u8>>,
    now_create: Option<i64>,
    now_update: Option<i64>,
    now_hash: Option<Vec<u8>>,
}

impl Noted {
    /// What it adds to its leaf.
    fn tally(&self) -> Result<Tally> {
        let one = |create: Option<i64>, update: Option<i64>, hash: Option<&[u8]>| {
            let Some(update) = update else { return Ok(Tally::default()) };
            Ok(Tally::one(Digest::of_path(&self.path, stamp(create, update, hash)?)))
        };
        let was = one(self.was_create, self.was_update, self.was_hash.as_deref())?;
        let now = one(self.now_create, self.now_update, self.now_hash.as_deref())?;
        Ok(now.minus(was))
    }
}

impl Tx {
    /// Counts what this transaction did to documents into the leaves.
    pub(in crate::store) async fn digests_settle(&mut self) -> Result<()> {
        loop {
            let noted: Vec<Noted> = sqlx::query_as(
                "select id, collection, path, was_create, was_update, was_hash, now_create, now_update, now_hash
                 from documents_noted order by id limit ?",
            )
            .bind(AT_ONCE)
            .fetch_all(&mut *self.inner)
            .await
            .doing("read what a transaction did")?;
            let Some(last) = noted.last() else { return Ok(()) };
            let (last, is_all) = (last.id, (noted.len() as i64) < AT_ONCE);
            self.digests_add(&noted).await?;
            sqlx::query("delete from documents_noted where id <= ?")
                .bind(last)
                .execute(&mut *self.inner)
                .await
                .doing("forget what a transaction did")?;
            if is_all {
                return Ok(());
            }
        }
    }

    async fn digests_add(&mut self, noted: &[Noted]) -> Result<()> {
        let mut wanted = Vec::with_capacity(noted.len());
        for note in noted {
            let path = DocPath::parse(note.path.as_str()).column("documents")?;
            wanted.push((note.collection.as_str(), hex::encode(path.name_key())));
        }
        let mut changed: BTreeMap<i64, Changed> = BTreeMap::new();
        for (place, leaf) in self.leaves_of(&json!(wanted).to_string()).await? {
            // A collection whose tree was felled in this very transaction has no leaves any more.
            let Some(note) = usize::try_from(place).ok().and_then(|place| noted.get(place)) else { continue };
            let leaf = changed.entry(leaf.id).or_insert(leaf);
            leaf.tally = leaf.tally.plus(note.tally()?);
        }
        self.leaves_write(changed.iter().map(|(id, leaf)| (*id, leaf.tally))).await?;
        for leaf in changed.into_values() {
            if leaf.tally.documents > MOST as i64 {
                let collection = CollectionId::parse(leaf.collection).column(TABLE)?;
                self.leaf_cut(&collection, leaf.id, &leaf.first_key, leaf.tally).await?;
            } else if leaf.tally == Tally::default() && !leaf.first_key.is_empty() {
                self.leaf_drop(leaf.id).await?;
            }
        }
        Ok(())
    }

    /// The leaves of documents, each with which of those that were asked for it holds.
    async fn leaves_of(&mut self, wanted: &str) -> Result<Vec<(i64, Changed)>> {
        let rows = sqlx::query!(
            r#"select wanted.key + 0 as "place!: i64", leaf.id as "id!: i64", leaf.collection, leaf.first_key,
                   leaf.documents as "documents!: i64", leaf.digest
               from json_each(?) as wanted
               join digest_leaves as leaf on leaf.id = (
                   select id from digest_leaves
                   where collection = wanted.value ->> 0 and first_key <= unhex(wanted.value ->> 1)
                   order by first_key desc limit 1
               )"#,
            wanted
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read the leaves that a transaction changes")?;
        rows.into_iter()
            .map(|row| {
                let tally = Tally { documents: row.documents, digest: digest_column(&row.digest)? };
                let (id, collection, first_key) = (row.id, row.collection, row.first_key);
                Ok((row.place, Changed { id, collection, first_key, tally }))
            })
            .collect()
    }

    /// Writes what leaves come to now.
    async fn leaves_write(&mut self, leaves: impl Iterator<Item = (i64, Tally)>) -> Result<()> {
        let leaves: Vec<(i64, i64, String)> =
            leaves.map(|(id, tally)| (id, tally.documents, hex::encode(tally.digest.bytes()))).collect();
        let leaves = json!(leaves).to_string();
        sqlx::query!(
            "update digest_leaves set documents = fresh.documents, digest = fresh.digest
             from (
                 select value ->> 0 as id, value ->> 1 as documents, unhex(value ->> 2) as digest from json_each(?)
             ) as fresh
             where digest_leaves.id = fresh.id",
            leaves
        )
        .execute(&mut *self.inner)
        .await
        .doing("count documents into their leaves")?;
        Ok(())
    }
}

/// A leaf that a transaction changes.
struct Changed {
    id: i64,
    collection: String,
    first_key: Vec<u8>,
    tally: Tally,
}
