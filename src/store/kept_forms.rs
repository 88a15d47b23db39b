//! Table `kept_forms`: forms that wait until their person has signed in again.

use crate::domain::ids::{Hash, Uid};
use crate::domain::sign_in::{FORM_LASTS, KeptForm, MOST_FORMS};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "kept_forms";

impl Store {
    /// The form that this browser sent, if it is this person's.
    pub async fn kept_form(&self, browser: &Hash, uid: &Uid) -> Result<Option<KeptForm>> {
        let (key, person) = (browser.bytes().as_slice(), uid.as_str());
        let row = sqlx::query!(
            "select uid, path, page, fields, kept_us from kept_forms where browser = ? and uid = ?",
            key,
            person
        )
        .fetch_optional(&self.readers)
        .await
        .doing("look for a kept form")?;
        row.map(|row| {
            Ok(KeptForm {
                browser: *browser,
                uid: Uid::parse(row.uid).column(TABLE)?,
                path: row.path,
                page: row.page,
                fields: row.fields,
                kept: Timestamp::from_micros(row.kept_us),
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Keeps a form. Old ones go, and so does the oldest of somebody who has too many.
    pub async fn kept_form_insert(&mut self, form: &KeptForm) -> Result<()> {
        let over = form.kept.minus(FORM_LASTS).micros();
        let (key, uid, kept) = (form.browser.bytes().as_slice(), form.uid.as_str(), form.kept.micros());
        sqlx::query!(
            "insert or replace into kept_forms (browser, uid, path, page, fields, kept_us) values (?, ?, ?, ?, ?, ?)",
            key,
            uid,
            form.path,
            form.page,
            form.fields,
            kept
        )
        .execute(&mut *self.inner)
        .await
        .doing("keep a form")?;
        let most = i64::from(MOST_FORMS);
        sqlx::query!(
            "delete from kept_forms where kept_us <= ?1 or browser in \
             (select browser from kept_forms where uid = ?2 order by kept_us desc, browser limit -1 offset ?3)",
            over,
            uid,
            most
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old forms")?;
        Ok(())
    }

    /// Forgets the form that this browser sent, if it was sent to `path`, or whatever it is; says whether there was one.
    pub async fn kept_form_delete(&mut self, browser: &Hash, path: Option<&str>) -> Result<bool> {
        let key = browser.bytes().as_slice();
        let done = sqlx::query!("delete from kept_forms where browser = ?1 and (?2 is null or path = ?2)", key, path)
            .execute(&mut *self.inner)
            .await;
        Ok(done.doing("forget a form")?.rows_affected() > 0)
    }
}
