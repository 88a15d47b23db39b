//! The mirror's documents as people look for them: by how their ids begin, and by what their titles hold.

use crate::domain::ids::{CollectionId, DocPath};
use crate::store::documents::{Row, TABLE};
use crate::store::{Column as _, Doing as _, Mirrored, Result, Store};

/// How many titles one search looks through: what is further away is a step further.
pub const LOOKED_THROUGH: u32 = 4_000;

/// What somebody looks for in a collection.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The collection.
    pub collection: &'a CollectionId,
    /// How the id begins.
    pub id: &'a str,
    /// What the title holds, in any case of letters.
    pub title: Option<&'a str>,
    /// Do names of people count as titles?
    pub with_names: bool,
    /// Only documents after this one.
    pub after: Option<&'a DocPath>,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The documents, in the order of their paths.
    pub documents: Vec<Mirrored>,
    /// The path after which to go on, if there is more.
    pub next: Option<DocPath>,
    /// Was only a part looked through?
    pub is_part: bool,
}

impl Store {
    /// Up to `limit` documents that somebody looks for, in the order of their paths.
    pub async fn documents_wanted(&self, wanted: Wanted<'_>, limit: u16) -> Result<Found> {
        let first = format!("{}/{}", wanted.collection.as_str(), wanted.id);
        // No character of an id is larger, so that this is just after the last one that begins so.
        let end = format!("{first}\u{10ffff}");
        let after = wanted.after.map_or("", DocPath::as_str);
        let (collection, most) = (wanted.collection.as_str(), i64::from(limit) + 1);
        let window = i64::from(if wanted.title.is_some() { LOOKED_THROUGH } else { u32::from(limit) + 1 });
        let (title, with_names) = (wanted.title.map(str::to_lowercase), wanted.with_names);
        let rows = sqlx::query_as!(
            Row,
            r#"select path as "path!: String", fields as "fields!: String", hash as "hash!: Vec<u8>",
                   create_us as "create_us!: i64", update_us as "update_us!: i64", read_us as "read_us!: i64"
               from (
                   select path, fields, hash, create_us, update_us, read_us from documents
                   where collection = ?1 and path > ?2 and path >= ?3 and path < ?4
                       and collection not in (select collection from targets where read_us is null)
                   order by path limit ?5
               )
               where ?6 is null or instr(lower(coalesce(
                   json_extract(fields, '$.title.stringValue'),
                   case when ?7 then json_extract(fields, '$.displayName.stringValue') end,
                   json_extract(fields, '$.name.stringValue'),
                   ''
               )), ?6) > 0
               order by path limit ?8"#,
            collection,
            after,
            first,
            end,
            window,
            title,
            with_names,
            most,
        )
        .fetch_all(&self.readers)
        .await
        .doing("look for documents of the mirror")?;
        let mut documents = rows.into_iter().map(Row::parse).collect::<Result<Vec<_>>>()?;
        if documents.len() > usize::from(limit) {
            documents.truncate(usize::from(limit));
            let next = documents.last().map(|last| last.document.path.clone());
            return Ok(Found { documents, next, is_part: false });
        }
        if wanted.title.is_none() {
            return Ok(Found { documents, next: None, is_part: false });
        }
        let last = window - 1;
        let next = sqlx::query_scalar!(
            "select path from documents
             where collection = ?1 and path > ?2 and path >= ?3 and path < ?4 order by path limit 1 offset ?5",
            collection,
            after,
            first,
            end,
            last,
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look where a search stopped")?;
        let next = next.map(|path| DocPath::parse(path).column(TABLE)).transpose()?;
        Ok(Found { documents, is_part: next.is_some(), next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::Document;
    use crate::domain::ids::StudioId;
    use crate::domain::time::Timestamp;
    use crate::domain::value::{Fields, Value};

    #[tokio::test]
    async fn documents_are_found_by_how_their_ids_begin_and_by_their_titles() {
        let directory = tempfile::tempdir().expect("a directory");
        let now = Timestamp::from_micros(1);
        let store = Store::open(directory.path(), &StudioId::parse("west").expect("legal"), now).await.expect("opens");
        let mut tx = store.begin().await.expect("begins");
        let kept = [
            ("batches/a-1", "title", "Two tall vases"),
            ("batches/a-2", "displayName", "Vase Smith"),
            ("batches/b-1", "title", "Wide VASE"),
            ("batchesold/a-1", "title", "A vase elsewhere"),
        ];
        for (path, field, title) in kept {
            let fields = Fields::from([(field.to_owned(), Value::text(title))]);
            let path = DocPath::parse(path).expect("legal");
            tx.document_put(&Document { path, fields, create_time: now, update_time: now }, now).await.expect("puts");
        }
        tx.commit().await.expect("commits");
        let collection = CollectionId::parse("batches").expect("legal");
        let look = async |id: &str, title: Option<&str>, with_names: bool, after: Option<&DocPath>, limit: u16| {
            let wanted = Wanted { collection: &collection, id, title, with_names, after };
            let found = store.documents_wanted(wanted, limit).await.expect("readable");
            let ids: Vec<String> = found.documents.iter().map(|one| one.document.path.id().to_owned()).collect();
            (ids, found.next)
        };
        assert_eq!(look("", None, false, None, 9).await, (vec!["a-1".into(), "a-2".into(), "b-1".into()], None));
        assert_eq!(look("a-", None, false, None, 9).await.0, ["a-1", "a-2"]);
        assert_eq!(look("", Some("Vase"), false, None, 9).await.0, ["a-1", "b-1"], "a person's name is no title");
        assert_eq!(look("", Some("vase"), true, None, 9).await.0, ["a-1", "a-2", "b-1"]);
        let (first, next) = look("", None, false, None, 2).await;
        assert_eq!((first.len(), next.as_ref().map(DocPath::id)), (2, Some("a-2")));
        assert_eq!(look("", None, false, next.as_ref(), 2).await, (vec!["b-1".to_owned()], None));
    }
}
