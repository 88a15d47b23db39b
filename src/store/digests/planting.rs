//! Planting a tree and cutting its leaves.

use serde_json::json;

use crate::domain::digest::{Digest, Tally};
use crate::domain::ids::{CollectionId, DocPath};
use crate::domain::time::Timestamp;
use crate::store::digests::{Fields, Keys, MOST, Placed, Row, USUAL, rows_between};
use crate::store::{Column as _, Doing as _, Result, Tx};

/// How many rows are read at a time when a tree is planted from the rows that are there.
const PAGE: usize = 2_000;

/// A leaf that is to be made.
struct NewLeaf {
    first_key: Vec<u8>,
    first: DocPath,
    tally: Tally,
}

impl NewLeaf {
    /// Cuts what stands in the order of names into leaves of about the same size.
    fn cut<T>(rows: &[T], size: usize, of: impl Fn(&T) -> (Vec<u8>, DocPath, Tally)) -> Vec<Self> {
        let parts = rows.len().div_ceil(size).max(1);
        let chunks = rows.chunks(rows.len().div_ceil(parts).max(1));
        let leaf = |chunk: &[T]| {
            let mut members = chunk.iter().map(&of);
            let (first_key, first, tally) = members.next()?;
            Some(Self { first_key, first, tally: members.fold(tally, |sum, (_, _, one)| sum.plus(one)) })
        };
        chunks.filter_map(leaf).collect()
    }

    fn of_rows(rows: &[Placed]) -> Vec<Self> {
        Self::cut(rows, USUAL, |row| (row.key.clone(), row.path.clone(), row.tally()))
    }
}

impl Tx {
    /// Keeps the digests of documents that a first backfill just put into the mirror, in the order of names.
    pub(in crate::store) async fn leaves_stage(
        &mut self,
        collection: &CollectionId,
        rows: &[(&str, Digest)],
    ) -> Result<()> {
        let mut placed = Vec::with_capacity(rows.len());
        for (path, digest) in rows {
            let path = DocPath::parse(*path).column("documents")?;
            placed.push((path.name_key(), path, Tally::one(*digest)));
        }
        let leaves = NewLeaf::cut(&placed, MOST * 2 / 3, Clone::clone);
        self.leaves_make(collection, &leaves).await
    }

    /// From now on the leaves that a first backfill made are kept, if they are of all that it read.
    pub(in crate::store) async fn tree_plant_staged(
        &mut self,
        collection: &CollectionId,
        read_time: Timestamp,
    ) -> Result<()> {
        let (name, read) = (collection.as_str(), read_time.micros());
        let is_whole = sqlx::query_scalar!(
            r#"select (select coalesce(sum(documents), 0) from digest_leaves where collection = ?1)
                   + (select count(*) from documents_staged where collection = ?1 and why is not null)
                   = (select backfill_documents from targets where collection = ?1) as "whole!: bool""#,
            name
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("compare a first backfill with its digests")?;
        if is_whole { self.tree_root(collection, read, "stream").await } else { self.tree_fell(collection).await }
    }

    /// Plants a collection's tree from the rows that are there, if it has none. Says whether it had none.
    pub async fn tree_plant(&mut self, collection: &CollectionId) -> Result<bool> {
        let name = collection.as_str();
        let known = sqlx::query!(
            r#"select (select count(*) from digest_trees where collection = ?1) as "planted!: i64",
                   (select read_us from targets where collection = ?1) as "read_us: i64""#,
            name
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("look for a collection's digests")?;
        let Some(read) = known.read_us.filter(|_| known.planted == 0) else { return Ok(false) };
        self.tree_fell(collection).await?;
        self.leaves_from_rows(collection).await?;
        self.tree_root(collection, read, "rows").await?;
        Ok(true)
    }

    /// Forgets a collection's digests.
    pub(in crate::store) async fn tree_fell(&mut self, collection: &CollectionId) -> Result<()> {
        let name = collection.as_str();
        sqlx::query!("delete from digest_trees where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's digest tree")?;
        sqlx::query!("delete from digest_leaves where collection = ?", name)
            .execute(&mut *self.inner)
            .await
            .doing("forget a collection's digests")?;
        Ok(())
    }

    /// Starts to keep digests: with one leaf before all others, so that every name belongs to one.
    async fn tree_root(&mut self, collection: &CollectionId, read_us: i64, origin: &str) -> Result<()> {
        let name = collection.as_str();
        sqlx::query!(
            "insert or ignore into digest_leaves (collection, first_key, documents, digest) values (?, x'', 0, zeroblob(32))",
            name
        )
        .execute(&mut *self.inner)
        .await
        .doing("make a collection's first leaf")?;
        sqlx::query!(
            "insert into digest_trees (collection, planted_us, origin) values (?, ?, ?)",
            name,
            read_us,
            origin
        )
        .execute(&mut *self.inner)
        .await
        .doing("plant a collection's digest tree")?;
        Ok(())
    }

    /// Makes leaves of every row of a collection: numbers first, then the others as they stand.
    async fn leaves_from_rows(&mut self, collection: &CollectionId) -> Result<()> {
        let numbers = Keys { from: &[], until: Some(&[1]) };
        let rows = rows_between(&mut self.inner, collection, numbers, Fields::Left).await?;
        self.leaves_make(collection, &NewLeaf::of_rows(&rows)).await?;
        let (name, mut after) = (collection.as_str(), String::new());
        loop {
            let limit = PAGE as i64;
            let page = sqlx::query_as!(
                Row,
                r#"select path as "path!", create_us as "create_us: i64", update_us as "update_us!: i64",
                       hash as "hash: Vec<u8>", null as "fields: String"
                   from (
                       select path, create_us, update_us, hash from documents where collection = ?1 and path > ?2
                       union all
                       select path, null, update_us, null from documents_unreadable where collection = ?1 and path > ?2
                   )
                   order by path limit ?3"#,
                name,
                after,
                limit
            )
            .fetch_all(&mut *self.inner)
            .await
            .doing("read a collection to keep its digests")?;
            let Some(last) = page.last() else { return Ok(()) };
            after.clone_from(&last.path);
            let is_last = page.len() < PAGE;
            let mut rows = page.into_iter().map(Row::place).collect::<Result<Vec<_>>>()?;
            rows.retain(|row| !row.path.is_numeric());
            self.leaves_make(collection, &NewLeaf::of_rows(&rows)).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Cuts a leaf that has grown too large. Not one whose rows do not come to what was kept: that is for a look to find.
    pub(super) async fn leaf_cut(
        &mut self,
        collection: &CollectionId,
        id: i64,
        first_key: &[u8],
        kept: Tally,
    ) -> Result<()> {
        let name = collection.as_str();
        let until = sqlx::query_scalar!(
            "select first_key from digest_leaves where collection = ? and first_key > ? order by first_key limit 1",
            name,
            first_key
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("find the leaf after one")?;
        let keys = Keys { from: first_key, until: until.as_deref() };
        let rows = rows_between(&mut self.inner, collection, keys, Fields::Left).await?;
        let mut leaves = NewLeaf::of_rows(&rows);
        if leaves.is_empty() || leaves.iter().map(|leaf| leaf.tally).sum::<Tally>() != kept {
            return Ok(());
        }
        let first = leaves.remove(0);
        self.leaf_write(id, first.tally).await?;
        self.leaves_make(collection, &leaves).await
    }

    /// Makes the leaves of a range again, of the rows that are there: they were compared with the server's documents, or
    /// have come from it since.
    pub async fn leaves_replant(
        &mut self,
        collection: &CollectionId,
        from: Option<&DocPath>,
        until: Option<&DocPath>,
    ) -> Result<()> {
        self.digests_settle().await?;
        let from = from.map(DocPath::name_key).unwrap_or_default();
        let until = until.map(DocPath::name_key);
        let keys = Keys { from: &from, until: until.as_deref() };
        let rows = rows_between(&mut self.inner, collection, keys, Fields::Left).await?;
        let (name, start, end) = (collection.as_str(), keys.from, keys.until);
        sqlx::query!(
            "delete from digest_leaves where collection = ?1 and first_key > ?2 and (?3 is null or first_key < ?3)",
            name,
            start,
            end
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget the leaves of a range")?;
        let mut leaves = NewLeaf::of_rows(&rows);
        let first = if leaves.is_empty() { Tally::default() } else { leaves.remove(0).tally };
        let id = sqlx::query_scalar!(
            r#"select id as "id!: i64" from digest_leaves where collection = ? and first_key = ?"#,
            name,
            start
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("find the first leaf of a range")?;
        if let Some(id) = id {
            self.leaf_write(id, first).await?;
        }
        self.leaves_make(collection, &leaves).await
    }

    async fn leaf_write(&mut self, id: i64, tally: Tally) -> Result<()> {
        let (documents, digest) = (tally.documents, tally.digest.bytes());
        let digest = &digest[..];
        sqlx::query!("update digest_leaves set documents = ?, digest = ? where id = ?", documents, digest, id)
            .execute(&mut *self.inner)
            .await
            .doing("write a leaf")?;
        Ok(())
    }

    pub(super) async fn leaf_drop(&mut self, id: i64) -> Result<()> {
        sqlx::query!("delete from digest_leaves where id = ?", id)
            .execute(&mut *self.inner)
            .await
            .doing("forget an empty leaf")?;
        Ok(())
    }

    async fn leaves_make(&mut self, collection: &CollectionId, leaves: &[NewLeaf]) -> Result<()> {
        if leaves.is_empty() {
            return Ok(());
        }
        let text = |leaf: &NewLeaf| {
            let NewLeaf { first_key, first, tally } = leaf;
            (hex::encode(first_key), first.as_str().to_owned(), tally.documents, hex::encode(tally.digest.bytes()))
        };
        let leaves: Vec<_> = leaves.iter().map(text).collect();
        let (name, leaves) = (collection.as_str(), json!(leaves).to_string());
        sqlx::query!(
            "insert into digest_leaves (collection, first_key, first, documents, digest)
             select ?, unhex(value ->> 0), value ->> 1, value ->> 2, unhex(value ->> 3) from json_each(?) where true
             on conflict (collection, first_key) do update set documents = excluded.documents, digest = excluded.digest",
            name,
            leaves
        )
        .execute(&mut *self.inner)
        .await
        .doing("make leaves")?;
        Ok(())
    }
}
