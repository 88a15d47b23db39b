//! The studio's own word on who may sign in.

use crate::domain::actor::Actor;
use crate::domain::ids::Uid;
use crate::domain::staff::{StaffRole, StaffRule};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "staff";

/// The studio's own word on one person, and whose word it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffRow {
    /// On whom.
    pub uid: Uid,
    /// What.
    pub rule: StaffRule,
    /// Why.
    pub reason: String,
    /// Who said so, such as `admin:uid_admin_juno`.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The studio's own words, the newest first.
    pub async fn staff_table(&self) -> Result<Vec<StaffRow>> {
        let rows = sqlx::query!(
            "select uid, verdict, role, reason, changed_by, changed_us from staff order by changed_us desc, uid"
        )
        .fetch_all(&self.readers)
        .await;
        rows.doing("list the staff table")?
            .into_iter()
            .map(|row| {
                Ok(StaffRow {
                    uid: Uid::parse(row.uid).column(TABLE)?,
                    rule: rule_column(&row.verdict, row.role.as_deref())?,
                    reason: row.reason,
                    by: row.changed_by,
                    at: Timestamp::from_micros(row.changed_us),
                })
            })
            .collect()
    }

    /// Everybody on whom the studio has a word of its own, by id.
    pub async fn staff_rules(&self) -> Result<Vec<(Uid, StaffRule)>> {
        let rows = sqlx::query!("select uid, verdict, role from staff order by uid").fetch_all(&self.readers).await;
        rows.doing("list the staff rules")?
            .into_iter()
            .map(|row| Ok((Uid::parse(row.uid).column(TABLE)?, rule_column(&row.verdict, row.role.as_deref())?)))
            .collect()
    }
}

impl Tx {
    /// The studio's own word on this person, if it has one.
    pub async fn staff_rule(&mut self, uid: &Uid) -> Result<Option<StaffRule>> {
        let uid = uid.as_str();
        let row = sqlx::query!("select verdict, role from staff where uid = ?", uid)
            .fetch_optional(&mut *self.inner)
            .await
            .doing("read a staff rule")?;
        row.map(|row| rule_column(&row.verdict, row.role.as_deref())).transpose()
    }

    /// Sets the studio's word on this person. It holds from the next request on.
    pub async fn staff_rule_set(
        &mut self,
        by: &Actor,
        uid: &Uid,
        rule: StaffRule,
        reason: &str,
        now: Timestamp,
    ) -> Result<()> {
        let (verdict, role) = match rule {
            StaffRule::Allow(role) => ("allow", Some(role.as_str())),
            StaffRule::Deny => ("deny", None),
        };
        let (uid, by, now) = (uid.as_str(), by.person().to_string(), now.micros());
        sqlx::query!(
            "insert into staff (uid, verdict, role, reason, changed_by, changed_us) values (?, ?, ?, ?, ?, ?) \
             on conflict (uid) do update set verdict = excluded.verdict, role = excluded.role, \
             reason = excluded.reason, changed_by = excluded.changed_by, changed_us = excluded.changed_us",
            uid,
            verdict,
            role,
            reason,
            by,
            now
        )
        .execute(&mut *self.inner)
        .await
        .doing("set a staff rule")?;
        Ok(())
    }

    /// Takes the studio's word on this person back; says whether there was one.
    pub async fn staff_rule_clear(&mut self, uid: &Uid) -> Result<bool> {
        let uid = uid.as_str();
        let done = sqlx::query!("delete from staff where uid = ?", uid).execute(&mut *self.inner).await;
        Ok(done.doing("clear a staff rule")?.rows_affected() > 0)
    }
}

pub(super) fn rule_column(verdict: &str, role: Option<&str>) -> Result<StaffRule> {
    let rule = match (verdict, role.map(StaffRole::parse)) {
        ("allow", Some(Some(role))) => Ok(StaffRule::Allow(role)),
        ("deny", None) => Ok(StaffRule::Deny),
        _ => Err("a verdict that does not fit its role"),
    };
    rule.column(TABLE)
}
