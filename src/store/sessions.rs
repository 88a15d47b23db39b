//! Signed-in browsers.

use crate::domain::actor::Issuer;
use crate::domain::ids::{Hash, Uid};
use crate::domain::session::Session;
use crate::domain::staff::{StaffRole, StaffRule};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column, staff};

const TABLE: &str = "sessions";

/// Selects what [`Row`] needs; the caller adds the rest of the statement.
macro_rules! sessions {
    ($rest:literal $(, $argument:expr)*) => {
        sqlx::query_as!(
            Row,
            "select s.key, s.uid, s.role, s.claimed, s.name, s.email, s.issuer, s.proved_us, s.began_us, s.seen_us, \
             s.browser, t.verdict as \"rule_verdict?\", t.role as rule_role from sessions s left join staff t on t.uid = s.uid "
                + $rest
            $(, $argument)*
        )
    };
}

impl Store {
    /// The session with this key, however old, and the studio's own word on its person.
    pub async fn session(&self, key: &Hash) -> Result<Option<(Session, Option<StaffRule>)>> {
        let key = key.bytes().as_slice();
        let row = sessions!("where s.key = ?", key).fetch_optional(&self.readers).await.doing("read a session")?;
        row.map(Row::session).transpose()
    }

    /// Every session, the most recently used first.
    pub async fn sessions(&self) -> Result<Vec<Session>> {
        let rows = sessions!("order by s.seen_us desc, s.key").fetch_all(&self.readers).await;
        rows.doing("list the sessions")?.into_iter().map(|row| Ok(row.session()?.0)).collect()
    }
}

impl Tx {
    /// The session with this key, as this transaction sees it.
    pub async fn session(&mut self, key: &Hash) -> Result<Option<Session>> {
        let key = key.bytes().as_slice();
        let row = sessions!("where s.key = ?", key).fetch_optional(&mut *self.inner).await.doing("read a session")?;
        Ok(row.map(Row::session).transpose()?.map(|(session, _)| session))
    }

    /// Remembers a new session.
    pub async fn session_insert(&mut self, session: &Session) -> Result<()> {
        let key = session.key.bytes().as_slice();
        let (uid, role, claimed) =
            (session.uid.as_str(), session.role.as_str(), session.claimed.map(StaffRole::as_str));
        let (name, email, issuer) = (&session.name, &session.email, issuer_word(session.issuer));
        let (proved, began, seen) = (session.proved.micros(), session.began.micros(), session.seen.micros());
        sqlx::query!(
            "insert into sessions (key, uid, role, claimed, name, email, issuer, proved_us, began_us, seen_us, browser) \
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            key,
            uid,
            role,
            claimed,
            name,
            email,
            issuer,
            proved,
            began,
            seen,
            session.browser
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember a session")?;
        Ok(())
    }

    /// Notes that the session was used.
    pub async fn session_touch(&mut self, key: &Hash, now: Timestamp) -> Result<()> {
        let (key, now) = (key.bytes().as_slice(), now.micros());
        sqlx::query!("update sessions set seen_us = max(seen_us, ?) where key = ?", now, key)
            .execute(&mut *self.inner)
            .await
            .doing("note that a session was used")?;
        Ok(())
    }

    /// Forgets the session and its messages; says whether there was one.
    pub async fn session_delete(&mut self, key: &Hash) -> Result<bool> {
        let key = key.bytes().as_slice();
        let done = sqlx::query!("delete from sessions where key = ?", key).execute(&mut *self.inner).await;
        Ok(done.doing("end a session")?.rows_affected() > 0)
    }

    /// Every session of this person.
    pub async fn sessions_of(&mut self, uid: &Uid) -> Result<Vec<Session>> {
        let uid = uid.as_str();
        let rows = sessions!("where s.uid = ? order by s.began_us, s.key", uid).fetch_all(&mut *self.inner).await;
        rows.doing("list a person's sessions")?.into_iter().map(|row| Ok(row.session()?.0)).collect()
    }

    /// Forgets sessions that began at `began` or before, or were last used at `seen` or before; says how many.
    pub async fn sessions_expire(&mut self, began: Timestamp, seen: Timestamp) -> Result<u64> {
        let (began, seen) = (began.micros(), seen.micros());
        let done = sqlx::query!("delete from sessions where began_us <= ? or seen_us <= ?", began, seen)
            .execute(&mut *self.inner)
            .await;
        Ok(done.doing("forget old sessions")?.rows_affected())
    }
}

struct Row {
    key: Vec<u8>,
    uid: String,
    role: String,
    claimed: Option<String>,
    name: String,
    email: String,
    issuer: String,
    proved_us: i64,
    began_us: i64,
    seen_us: i64,
    browser: String,
    rule_verdict: Option<String>,
    rule_role: Option<String>,
}

impl Row {
    fn session(self) -> Result<(Session, Option<StaffRule>)> {
        let role = |word: &str| StaffRole::parse(word).ok_or("an unknown role").column(TABLE);
        let rule = self.rule_verdict.map(|verdict| staff::rule_column(&verdict, self.rule_role.as_deref()));
        let session = Session {
            key: hash_column(&self.key, TABLE)?,
            uid: Uid::parse(self.uid).column(TABLE)?,
            role: role(&self.role)?,
            claimed: self.claimed.as_deref().map(role).transpose()?,
            name: self.name,
            email: self.email,
            issuer: issuer_parse(&self.issuer).ok_or("an unknown issuer").column(TABLE)?,
            proved: Timestamp::from_micros(self.proved_us),
            began: Timestamp::from_micros(self.began_us),
            seen: Timestamp::from_micros(self.seen_us),
            browser: self.browser,
        };
        Ok((session, rule.transpose()?))
    }
}

const fn issuer_word(issuer: Issuer) -> &'static str {
    match issuer {
        Issuer::Real => "real",
        Issuer::Sandbox => "sandbox",
    }
}

fn issuer_parse(word: &str) -> Option<Issuer> {
    [Issuer::Real, Issuer::Sandbox].into_iter().find(|issuer| issuer_word(*issuer) == word)
}
