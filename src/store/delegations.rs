//! What owners let agents do in their name: the mirrored documents of the collection `delegations`.

use std::time::Duration;

use crate::domain::canonical;
use crate::domain::delegation::MirrorAge;
use crate::domain::document::Document;
use crate::domain::ids::{DocPath, Uid};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "documents";

/// The most documents that are looked at: an agent with more delegations of one owner names the one it means.
const MOST: i64 = 100;

/// What the mirror says about acting in an owner's name, as of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Delegations {
    /// The documents that may say what the owner delegates to the agent, and the one that the agent names, whosever it
    /// is; the newest first. None while the collection was never read whole: the age says so too.
    pub documents: Vec<Document>,
    /// How old the mirror of the delegations is.
    pub age: MirrorAge,
    /// The document that it is about, if the mirror has it.
    pub subject: Option<Document>,
}

impl Tx {
    /// What the mirror says about `agent` acting in the name of `owner`, with one statement; `bound` is how old the
    /// mirror may be.
    pub async fn delegations(
        &mut self,
        (owner, agent): (&Uid, &Uid),
        named: Option<&str>,
        subject: &DocPath,
        bound: Duration,
    ) -> Result<Delegations> {
        let (owner, agent, subject) = (owner.as_str(), agent.as_str(), subject.as_str());
        let named = named.map(|id| format!("delegations/{id}"));
        // One row: the thread that reads is woken once, not for every document.
        let row = sqlx::query!(
            r#"select
                 (select read_us from targets where collection = 'delegations') as "read_us?: i64",
                 (select json_group_array(json_array(path, fields, create_us, update_us) order by update_us desc) from (
                     select path, fields, create_us, update_us from (
                         select path, fields, create_us, update_us from documents
                         where collection = 'delegations' and path = ?3
                         union
                         select path, fields, create_us, update_us from documents
                         where collection = 'delegations'
                             and json_extract(fields, '$.agentClientId.stringValue') = ?1
                             and json_extract(fields, '$.ownerUid.stringValue') = ?2
                     )
                     where not exists (select 1 from targets where collection = 'delegations' and read_us is null)
                     order by update_us desc limit ?4
                 )) as "documents!: String",
                 (select json_array(path, fields, create_us, update_us) from documents
                     where path = ?5 and collection not in (select collection from targets where read_us is null)
                 ) as "subject?: String""#,
            agent,
            owner,
            named,
            MOST,
            subject,
        )
        .fetch_one(&mut *self.inner)
        .await
        .doing("look for delegations")?;
        let documents: Vec<Stored> = serde_json::from_str(&row.documents).column(TABLE)?;
        let subject: Option<Stored> = row.subject.as_deref().map(serde_json::from_str).transpose().column(TABLE)?;
        Ok(Delegations {
            documents: documents.into_iter().map(parse).collect::<Result<_>>()?,
            age: MirrorAge { read: row.read_us.map(Timestamp::from_micros), bound },
            subject: subject.map(parse).transpose()?,
        })
    }
}

impl Store {
    /// What owners let this agent do, as their documents say it; the newest first.
    pub async fn delegations_to(&self, agent: &Uid) -> Result<Vec<Document>> {
        let agent = agent.as_str();
        let rows = sqlx::query!(
            "select path, fields, create_us, update_us from documents
             where collection = 'delegations' and json_extract(fields, '$.agentClientId.stringValue') = ?1
                 and not exists (select 1 from targets where collection = 'delegations' and read_us is null)
             order by update_us desc limit ?2",
            agent,
            MOST,
        )
        .fetch_all(&self.readers)
        .await
        .doing("read what is delegated to an agent")?;
        rows.into_iter().map(|row| parse((row.path, row.fields, row.create_us, row.update_us))).collect()
    }
}

/// A document's path, fields, and when it was made and changed.
type Stored = (String, String, i64, i64);

fn parse((path, fields, create_us, update_us): Stored) -> Result<Document> {
    Ok(Document {
        path: DocPath::parse(path).column(TABLE)?,
        fields: canonical::decode(&fields).column(TABLE)?,
        create_time: Timestamp::from_micros(create_us),
        update_time: Timestamp::from_micros(update_us),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::agent::AgentScope;
    use crate::domain::delegation::{Ask, DelegationRefusal, permits};
    use crate::domain::ids::StudioId;
    use crate::domain::value::{Fields, Value};

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);
    const BOUND: Duration = Duration::from_secs(60);

    fn uid(text: &str) -> Uid {
        Uid::parse(text).expect("a uid")
    }

    async fn insert(tx: &mut Tx, id: &str, owner: &str, agent: &str, status: &str) {
        let fields = Fields::from([
            ("ownerUid".to_owned(), Value::text(owner)),
            ("agentClientId".to_owned(), Value::text(agent)),
            ("scopes".to_owned(), Value::Array(vec![Value::text("batches:read")])),
            ("status".to_owned(), Value::text(status)),
            ("expiresAt".to_owned(), Value::Timestamp(NOW.plus(BOUND))),
        ]);
        let (path, text) = (format!("delegations/{id}"), canonical::encode(&fields));
        sqlx::query(
            "insert into documents (path, collection, fields, hash, create_us, update_us, read_us)
             values (?, 'delegations', ?, zeroblob(32), 1, 1, 1)",
        )
        .bind(path)
        .bind(text)
        .execute(&mut *tx.inner)
        .await
        .expect("inserts");
    }

    async fn read_at(tx: &mut Tx, read: Option<Timestamp>) {
        sqlx::query(
            "insert into targets (collection, target_id, fingerprint, state, generation, read_us, backfill_documents)
             values ('delegations', 1, 'x', 'current', 1, ?, 0)
             on conflict do update set read_us = excluded.read_us",
        )
        .bind(read.map(Timestamp::micros))
        .execute(&mut *tx.inner)
        .await
        .expect("inserts");
    }

    async fn why(tx: &mut Tx, owner: &str, agent: &str, named: Option<&str>) -> Option<DelegationRefusal> {
        let (owner, agent) = (uid(owner), uid(agent));
        let scope = AgentScope::parse("batches:read").expect("a scope");
        let resource = DocPath::parse("batches/b-1").expect("a path");
        let found = tx.delegations((&owner, &agent), named, &resource, BOUND).await.expect("reads");
        let ask = Ask {
            owner: &owner,
            agent: &agent,
            scope: &scope,
            resource: &resource,
            resource_owner: Some(&owner),
            delegation: named,
            now: NOW,
        };
        permits(&found.documents, &ask, found.age).err().map(|refused| refused.why)
    }

    #[tokio::test]
    async fn only_the_mirror_says_what_is_delegated() {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        let mut tx = store.begin().await.expect("begins");
        insert(&mut tx, "d-1", "mara", "sweeper", "active").await;
        insert(&mut tx, "d-2", "theo", "sweeper", "revoked").await;
        insert(&mut tx, "d-3", "mara", "clerk", "active").await;
        assert_eq!(why(&mut tx, "mara", "sweeper", None).await, Some(DelegationRefusal::StaleMirror), "never read");
        read_at(&mut tx, None).await;
        assert_eq!(why(&mut tx, "mara", "sweeper", None).await, Some(DelegationRefusal::StaleMirror), "not whole");
        read_at(&mut tx, Some(NOW)).await;
        assert_eq!(why(&mut tx, "mara", "sweeper", None).await, None);
        assert_eq!(why(&mut tx, "mara", "sweeper", Some("d-1")).await, None);
        assert_eq!(why(&mut tx, "mara", "sweeper", Some("d-3")).await, Some(DelegationRefusal::AgentMismatch));
        assert_eq!(why(&mut tx, "mara", "sweeper", Some("d-9")).await, Some(DelegationRefusal::Missing));
        assert_eq!(why(&mut tx, "theo", "sweeper", None).await, Some(DelegationRefusal::Revoked));
        assert_eq!(why(&mut tx, "ines", "sweeper", None).await, Some(DelegationRefusal::Missing));
        read_at(&mut tx, Some(NOW.minus(BOUND + BOUND))).await;
        assert_eq!(why(&mut tx, "mara", "sweeper", None).await, Some(DelegationRefusal::StaleMirror));
    }

    #[tokio::test]
    async fn delegations_are_found_by_their_index() {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, NOW).await.expect("opens");
        let mut tx = store.begin().await.expect("begins");
        let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(
            "explain query plan select path from documents where collection = 'delegations'
                 and json_extract(fields, '$.agentClientId.stringValue') = 'a'
                 and json_extract(fields, '$.ownerUid.stringValue') = 'b'",
        )
        .fetch_all(&mut *tx.inner)
        .await
        .expect("explains");
        assert!(plan.iter().any(|(.., line)| line.contains("documents_by_delegation")), "{plan:?}");
    }
}
