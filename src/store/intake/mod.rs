//! Tables `intake_items` and `intake_decisions`: texts that wait for a review, and what people decided.
//!
//! # Guarantees
//! * A text that needs a review waits once, however often it is sent.
//! * The newest decision counts: a later denial beats an earlier grant.
//! * A decision is about one text of one subject in one category. Another text, or a graver find, waits anew.

/// Which requests were read.
mod scans;

/// The queue as people look through it.
mod look;

use crate::domain::actor::{Actor, Person};
use crate::domain::audit::{Action, Event, Target};
use crate::domain::ids::{Hash, StudioId};
use crate::domain::intake::{Category, Classification, IntakeStanding, ReviewCode, Risk, Ruling, may_review};
use crate::domain::proposal::GivenReason;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Decided, Doing as _, Result, Store, Tx, hash_column};

pub use look::IntakeQuery;

const TABLE: &str = "intake_items";

/// A text that had to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeItem {
    /// Its number.
    pub id: i64,
    /// What the text belongs to.
    pub subject: Target,
    /// Who wrote it.
    pub requester: Person,
    /// The hash of the text.
    pub hash: Hash,
    /// What it is about.
    pub category: Category,
    /// How sure the rules are, 0 to 100.
    pub score: u8,
    /// The rules that matched.
    pub rules: Vec<String>,
    /// The version of the rules.
    pub version: String,
    /// A few harmless words around the first find.
    pub excerpt: String,
    /// Since when it waits.
    pub at: Timestamp,
    /// The newest decision, if there is one.
    pub ruling: Option<Ruling>,
}

/// A decision that was taken about an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeDecision {
    /// The item's number.
    pub item: i64,
    /// What was checked, and with it what was decided.
    pub code: ReviewCode,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// A reviewer's decision.
#[derive(Clone, Copy, Debug)]
pub struct IntakeReview<'a> {
    /// The item's number.
    pub item: i64,
    /// Who decides: verified.
    pub by: &'a Actor,
    /// What was checked, and with it what is decided.
    pub code: ReviewCode,
    /// Why.
    pub reason: &'a GivenReason,
}

struct Row {
    id: i64,
    subject: String,
    requester: String,
    requester_name: String,
    text_hash: Vec<u8>,
    category: String,
    score: i64,
    rules: String,
    rules_version: String,
    excerpt: String,
    at_us: i64,
    ruling: Option<String>,
}

impl Row {
    fn item(self) -> Result<IntakeItem> {
        let requester = Person::parse(&self.requester, &self.requester_name);
        Ok(IntakeItem {
            id: self.id,
            subject: Target::parse(&self.subject).ok_or("a subject is none").column(TABLE)?,
            requester: requester.ok_or("a requester is none").column(TABLE)?,
            hash: hash_column(&self.text_hash, TABLE)?,
            category: Category::parse(&self.category).ok_or("a category is none").column(TABLE)?,
            score: u8::try_from(self.score).column(TABLE)?,
            rules: serde_json::from_str(&self.rules).column(TABLE)?,
            version: self.rules_version,
            excerpt: self.excerpt,
            at: Timestamp::from_micros(self.at_us),
            ruling: self.ruling.as_deref().map(ruling).transpose()?,
        })
    }
}

impl Tx {
    /// Takes note of a text when it comes in: what needs a review is put into the queue. Says where it stands.
    pub async fn intake_record(
        &mut self,
        studio: &StudioId,
        subject: &Target,
        requester: &Person,
        found: &Classification,
        now: Timestamp,
    ) -> Result<IntakeStanding> {
        let action = match found.risk {
            Risk::High => Action::IntakeRoutedToReview,
            Risk::Low => Action::IntakeClassified,
        };
        let event = Event::new(now, requester.clone(), action, subject.clone())
            .input(found.hash)
            .detail("category", found.category.word())
            .detail("score", found.score.to_string())
            .detail("rules", found.rules.join(" "))
            .detail("rules_version", &found.version);
        let is_new = match found.risk {
            Risk::High => self.intake_insert(subject, requester, found, now).await?,
            Risk::Low => !found.rules.is_empty(),
        };
        if is_new {
            self.audit(studio, event).await?;
        }
        self.intake_standing(subject, found).await
    }

    /// Where a text stands. Ask again in the transaction that approves or claims: only the newest decision counts.
    pub async fn intake_standing(&mut self, subject: &Target, found: &Classification) -> Result<IntakeStanding> {
        let standing = self.intake_standings(&[(subject, found)]).await?;
        standing.first().copied().ok_or("no answer").column(TABLE)
    }

    /// Where texts stand, in their order.
    pub async fn intake_standings(&mut self, texts: &[(&Target, &Classification)]) -> Result<Vec<IntakeStanding>> {
        let asked: Vec<_> = texts
            .iter()
            .map(|(subject, found)| (subject.to_string(), found.hash.to_string(), found.category.word()))
            .collect();
        let asked = serde_json::to_string(&asked).expect("BUG: texts are JSON");
        let deny = Ruling::Deny.word();
        let rows = sqlx::query!(
            r#"select
                 exists (select 1 from intake_items i
                     where i.subject = asked.value ->> 0 and i.text_hash = unhex(asked.value ->> 1) and ?2 =
                         (select choice from intake_decisions d where d.item = i.id order by d.id desc limit 1)
                 ) as "denied!: bool",
                 (select (select choice from intake_decisions d where d.item = i.id order by d.id desc limit 1)
                     from intake_items i
                     where i.subject = asked.value ->> 0 and i.text_hash = unhex(asked.value ->> 1)
                         and i.category = asked.value ->> 2
                 ) as "own?: String"
             from json_each(?1) as asked order by asked.key"#,
            asked,
            deny,
        )
        .fetch_all(&mut *self.inner)
        .await
        .doing("read where texts stand")?;
        rows.into_iter()
            .zip(texts)
            .map(|(row, (_, found))| {
                if row.denied {
                    return Ok(IntakeStanding::Denied);
                }
                let own = row.own.as_deref().map(ruling).transpose()?;
                Ok(match (found.risk, own) {
                    (Risk::Low, _) => IntakeStanding::Clear,
                    (Risk::High, Some(Ruling::Grant)) => IntakeStanding::Granted,
                    (Risk::High, Some(Ruling::Deny)) => IntakeStanding::Denied,
                    (Risk::High, None) => IntakeStanding::Waiting,
                })
            })
            .collect()
    }

    /// Records a reviewer's decision.
    pub async fn intake_review(
        &mut self,
        studio: &StudioId,
        review: &IntakeReview<'_>,
        now: Timestamp,
    ) -> Result<Decided<()>> {
        let (by, code) = (review.by.person(), review.code.word());
        let action = match review.code.ruling() {
            Ruling::Grant => Action::IntakeGranted,
            Ruling::Deny => Action::IntakeDenied,
        };
        let event = |target| {
            Event::new(now, by.clone(), action, target)
                .detail("item", review.item.to_string())
                .detail("code", code)
                .detail("reason", review.reason.as_str())
        };
        let Some(item) = self.intake_item(review.item).await? else {
            return self.denied(studio, event(Target::Other("intake".to_owned())), Reason::InputInvalid).await;
        };
        let event = event(item.subject.clone()).input(item.hash).detail("category", item.category.word());
        if let Err(reason) = may_review(review.by, &item.requester, item.category, review.code) {
            return self.denied(studio, event, reason).await;
        }
        let (choice, reason, actor) = (review.code.ruling().word(), review.reason.as_str(), by.to_string());
        let at = now.micros();
        sqlx::query!(
            "insert into intake_decisions (item, choice, code, reason, actor, actor_name, at_us)
             values (?, ?, ?, ?, ?, ?, ?)",
            review.item,
            choice,
            code,
            reason,
            actor,
            by.name,
            at,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store a review")?;
        self.audit(studio, event).await?;
        Ok(Ok(()))
    }

    /// An item by its number.
    pub async fn intake_item(&mut self, id: i64) -> Result<Option<IntakeItem>> {
        let row = sqlx::query_as!(
            Row,
            r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version, excerpt,
                 at_us, (select choice from intake_decisions d where d.item = i.id order by d.id desc limit 1)
                 as "ruling?: String"
             from intake_items i where id = ?"#,
            id
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("read an item of the review queue")?;
        row.map(Row::item).transpose()
    }

    async fn intake_insert(
        &mut self,
        subject: &Target,
        requester: &Person,
        found: &Classification,
        now: Timestamp,
    ) -> Result<bool> {
        let (subject, requester_label, category) = (subject.to_string(), requester.to_string(), found.category.word());
        let (hash, score, at) = (found.hash.bytes().as_slice(), i64::from(found.score), now.micros());
        let rules = serde_json::to_string(&found.rules).expect("BUG: a list of texts is JSON");
        let done = sqlx::query!(
            "insert into intake_items (subject, requester, requester_name, text_hash, category, score, rules,
                 rules_version, excerpt, at_us)
             values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            subject,
            requester_label,
            requester.name,
            hash,
            category,
            score,
            rules,
            found.version,
            found.excerpt,
            at,
        )
        .execute(&mut *self.inner)
        .await
        .doing("put a text into the review queue")?;
        Ok(done.rows_affected() > 0)
    }
}

impl Store {
    /// What nobody has decided yet, oldest first.
    pub async fn intake_queue(&self, limit: u16) -> Result<Vec<IntakeItem>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version, excerpt,
                 at_us, null as "ruling?: String"
             from intake_items i where not exists (select 1 from intake_decisions d where d.item = i.id)
             order by id limit ?"#,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read the review queue")?;
        rows.into_iter().map(Row::item).collect()
    }

    /// What was decided, newest items first.
    pub async fn intake_reviewed(&self, limit: u16) -> Result<Vec<IntakeItem>> {
        let limit = i64::from(limit);
        let rows = sqlx::query_as!(
            Row,
            r#"select id, subject, requester, requester_name, text_hash, category, score, rules, rules_version, excerpt,
                 at_us, (select choice from intake_decisions d where d.item = i.id order by d.id desc limit 1)
                 as "ruling?: String"
             from intake_items i where exists (select 1 from intake_decisions d where d.item = i.id)
             order by id desc limit ?"#,
            limit
        )
        .fetch_all(&self.readers)
        .await
        .doing("read reviewed texts")?;
        rows.into_iter().map(Row::item).collect()
    }

    /// Every decision about these items, in the order in which they were taken.
    pub async fn intake_decisions(&self, items: &[i64]) -> Result<Vec<IntakeDecision>> {
        let items = serde_json::to_string(items).expect("BUG: a list of numbers is JSON");
        let rows = sqlx::query!(
            "select item, code, reason, actor, actor_name, at_us from intake_decisions
             where item in (select value from json_each(?)) order by id",
            items
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what was decided about texts")?;
        rows.into_iter()
            .map(|row| {
                let by = Person::parse(&row.actor, &row.actor_name);
                Ok(IntakeDecision {
                    item: row.item,
                    code: ReviewCode::parse(&row.code).ok_or("a code is none").column("intake_decisions")?,
                    reason: row.reason,
                    by: by.ok_or("an actor is none").column("intake_decisions")?,
                    at: Timestamp::from_micros(row.at_us),
                })
            })
            .collect()
    }
}

fn ruling(word: &str) -> Result<Ruling> {
    Ruling::parse(word).ok_or("a decision is none").column("intake_decisions")
}

#[cfg(test)]
mod tests;
