//! Table `intake_scans`: which versions of requests the intake has read.

use crate::domain::canonical;
use crate::domain::document::Document;
use crate::domain::ids::DocPath;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Mirrored, Result, Store, Tx, hash_column};

const TABLE: &str = "documents";

impl Store {
    /// Requests that the intake has not read as they are now, by the rules of this version.
    pub async fn requests_unread(&self, version: &str, limit: u16) -> Result<Vec<Mirrored>> {
        let limit = i64::from(limit);
        let rows = sqlx::query!(
            "select d.path, d.fields, d.hash, d.create_us, d.update_us, d.read_us from documents d
             left join intake_scans s on s.path = d.path
             where d.collection = 'agentRequests' and (s.hash is not d.hash or s.rules_version is not ?)
                 and not exists (select 1 from targets where collection = 'agentRequests' and read_us is null)
             order by d.path limit ?",
            version,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("look for requests that were not read")?;
        rows.into_iter()
            .map(|row| {
                let document = Document {
                    path: DocPath::parse(row.path).column(TABLE)?,
                    fields: canonical::decode(&row.fields).column(TABLE)?,
                    create_time: Timestamp::from_micros(row.create_us),
                    update_time: Timestamp::from_micros(row.update_us),
                };
                let hash = hash_column(&row.hash, TABLE)?;
                Ok(Mirrored { document, hash, read_time: Timestamp::from_micros(row.read_us) })
            })
            .collect()
    }
}

impl Tx {
    /// Records that the intake has read this version of a request.
    pub async fn request_read(&mut self, request: &Mirrored, version: &str) -> Result<()> {
        let (path, hash) = (request.document.path.as_str(), request.hash.bytes().as_slice());
        sqlx::query!(
            "insert into intake_scans (path, hash, rules_version) values (?, ?, ?)
             on conflict do update set hash = excluded.hash, rules_version = excluded.rules_version",
            path,
            hash,
            version
        )
        .execute(&mut *self.inner)
        .await
        .doing("record that a request was read")?;
        Ok(())
    }
}
