//! What a browser is told once.

use std::collections::BTreeMap;

use crate::domain::ids::Hash;
use crate::domain::session::{Flash, FlashKind};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "flashes";

impl Store {
    /// Is there anything to tell this session? Asked with every page, so it only reads.
    pub async fn flashes_waiting(&self, session: &Hash) -> Result<bool> {
        let session = session.bytes().as_slice();
        let row = sqlx::query!("select exists (select 1 from flashes where session = ?) as found", session)
            .fetch_one(&self.readers)
            .await
            .doing("look for messages")?;
        Ok(row.found != 0)
    }
}

impl Tx {
    /// Leaves a message for the session's next page.
    pub async fn flash_add(&mut self, session: &Hash, flash: &Flash, now: Timestamp) -> Result<()> {
        let json = |map: &BTreeMap<String, String>| serde_json::to_string(map).expect("BUG: texts are always JSON");
        let (session, now) = (session.bytes().as_slice(), now.micros());
        let (kind, code) = (flash.kind.as_str(), &flash.code);
        let (parameters, form) = (json(&flash.parameters), json(&flash.form));
        sqlx::query!(
            "insert into flashes (session, kind, code, parameters_json, form_json, made_us) values (?, ?, ?, ?, ?, ?)",
            session,
            kind,
            code,
            parameters,
            form,
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("leave a message")?;
        Ok(())
    }

    /// Takes every message for the session, the oldest first. They are told once.
    pub async fn flashes_take(&mut self, session: &Hash) -> Result<Vec<Flash>> {
        let session = session.bytes().as_slice();
        let rows = sqlx::query!(
            "select kind, code, parameters_json, form_json from flashes where session = ? order by id",
            session
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read messages")?;
        sqlx::query!("delete from flashes where session = ?", session)
            .execute(&mut *self.inner)
            .await
            .doing("forget told messages")?;
        let texts = |json: &str| serde_json::from_str::<BTreeMap<String, String>>(json).column(TABLE);
        rows.into_iter()
            .map(|row| {
                Ok(Flash {
                    kind: FlashKind::parse(&row.kind).ok_or("an unknown kind").column(TABLE)?,
                    code: row.code,
                    parameters: texts(&row.parameters_json)?,
                    form: texts(&row.form_json)?,
                })
            })
            .collect()
    }
}
