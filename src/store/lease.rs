//! Tables `lease` and `lease_taking`: which box writes, as this start of the service has seen it.

use crate::domain::actor::Person;
use crate::domain::canonical;
use crate::domain::decision::Lease as Answer;
use crate::domain::lease::{Claim, Holder, Standing, Taking};
use crate::domain::proposal::GivenReason;
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx};

const TABLE: &str = "lease";

/// How many starts are remembered.
const KEPT: i64 = 100;

/// What this start has seen of the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// How this box stands to it.
    pub standing: Standing,
    /// Since when it stands so; `None` before the first look.
    pub since: Option<Timestamp>,
    /// When it was looked at last; `None` before the first look.
    pub at: Option<Timestamp>,
    /// Somebody's decision that this box takes it, as long as that is not carried out.
    pub taking: Option<Taking>,
}

impl Store {
    /// What this start has seen of the lease.
    pub async fn lease(&self) -> Result<Looked> {
        let me = self.me()?;
        let mut tx = self.readers.begin().await.doing("start to read the lease")?;
        looked(&mut tx, me).await
    }

    /// What the policies are told. It never fails: what can't be read is unknown.
    pub async fn lease_answer(&self) -> Answer {
        self.lease().await.map_or(Answer::Unknown, |looked| looked.standing.answer())
    }
}

impl Tx {
    /// What this start has seen of the lease, as this transaction sees it.
    pub async fn lease(&mut self, me: &Holder) -> Result<Looked> {
        looked(&mut self.inner, me).await
    }

    /// What the policies are told. It never fails: what can't be read is unknown.
    pub async fn lease_answer(&mut self, store: &Store) -> Answer {
        let Ok(me) = store.me() else { return Answer::Unknown };
        self.lease(me).await.map_or(Answer::Unknown, |looked| looked.standing.answer())
    }

    /// Stores what was seen of the lease. `since` moves only when this box stands otherwise than before.
    pub async fn lease_put(&mut self, me: &Holder, standing: &Standing, now: Timestamp) -> Result<()> {
        let (base, claim) = match standing {
            Standing::Unknown => return Ok(()),
            Standing::Free { base } => (*base, None),
            Standing::Ours(claim) | Standing::Second(claim) => {
                (Some(claim.base), Some(canonical::encode(&claim.fields())))
            }
        };
        let (start, word, base, now) = (&me.start, standing.word(), base.map(Timestamp::micros), now.micros());
        sqlx::query!(
            "insert into lease (start, standing, base_us, claim, since_us, looked_us) values (?, ?, ?, ?, ?, ?)
             on conflict (start) do update set
                 since_us = iif(standing = excluded.standing, since_us, excluded.since_us),
                 standing = excluded.standing, base_us = excluded.base_us, claim = excluded.claim,
                 looked_us = excluded.looked_us",
            start,
            word,
            base,
            claim,
            now,
            now,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store what the lease says")?;
        sqlx::query!(
            "delete from lease where rowid not in (select rowid from lease order by rowid desc limit ?)",
            KEPT
        )
        .execute(&mut *self.inner)
        .await
        .doing("forget old starts")?;
        Ok(())
    }

    /// Stores somebody's decision that this start takes the lease. A new one takes the place of an earlier one.
    pub async fn lease_taking_put(&mut self, me: &Holder, taking: &Taking) -> Result<()> {
        let (start, actor, at) = (&me.start, taking.by.to_string(), taking.at.micros());
        let reason = taking.reason.as_str();
        sqlx::query!(
            "insert or replace into lease_taking (start, actor, actor_name, reason, at_us) values (?, ?, ?, ?, ?)",
            start,
            actor,
            taking.by.name,
            reason,
            at,
        )
        .execute(&mut *self.inner)
        .await
        .doing("store who takes the lease")?;
        Ok(())
    }

    /// Ends every decision about taking the lease: this one is carried out, and others were of earlier starts.
    pub async fn lease_taking_end(&mut self) -> Result<()> {
        sqlx::query!("delete from lease_taking")
            .execute(&mut *self.inner)
            .await
            .doing("end the taking of the lease")?;
        Ok(())
    }
}

async fn looked(connection: &mut sqlx::SqliteConnection, me: &Holder) -> Result<Looked> {
    let start = &me.start;
    let taking = sqlx::query!("select actor, actor_name, reason, at_us from lease_taking where start = ?", start)
        .fetch_optional(&mut *connection)
        .await
        .doing("read who takes the lease")?;
    let taking = match taking {
        None => None,
        Some(row) => Some(Taking {
            by: Person::parse(&row.actor, &row.actor_name).ok_or("an actor is none").column("lease_taking")?,
            reason: GivenReason::parse(&row.reason).map_err(|reason| reason.code()).column("lease_taking")?,
            at: Timestamp::from_micros(row.at_us),
        }),
    };
    let row = sqlx::query!("select standing, base_us, claim, since_us, looked_us from lease where start = ?", start)
        .fetch_optional(connection)
        .await
        .doing("read what the lease says")?;
    let Some(row) = row else {
        return Ok(Looked { standing: Standing::Unknown, since: None, at: None, taking });
    };
    let base = row.base_us.map(Timestamp::from_micros);
    let claim = match (row.claim, base) {
        (Some(text), Some(base)) => Some(Claim::of(&canonical::decode(&text).column(TABLE)?, base)),
        (_, _) => None,
    };
    let standing = match (row.standing.as_str(), claim) {
        ("free", None) => Standing::Free { base },
        ("ours", Some(claim)) => Standing::Ours(claim),
        ("second", Some(claim)) => Standing::Second(claim),
        (_, _) => return Err("a standing is none").column(TABLE),
    };
    let moment = |micros| Some(Timestamp::from_micros(micros));
    Ok(Looked { standing, since: moment(row.since_us), at: moment(row.looked_us), taking })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Actor;
    use crate::domain::ids::StudioId;

    const NOW: Timestamp = Timestamp::from_micros(1_773_853_200_000_000);

    async fn open(directory: &std::path::Path) -> Store {
        Store::open(directory, &StudioId::parse("west").expect("a studio"), NOW).await.expect("opens")
    }

    async fn put(store: &Store, standing: &Standing, now: Timestamp) {
        let mut tx = store.begin().await.expect("begins");
        tx.lease_put(store.me().expect("it writes"), standing, now).await.expect("stores");
        tx.commit().await.expect("commits");
    }

    #[tokio::test]
    async fn what_was_seen_is_kept_for_this_start_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = open(directory.path()).await;
        assert_eq!(store.lease_answer().await, Answer::Unknown);
        let claim =
            Claim { holder: store.me().expect("it writes").clone(), claimed: Some(NOW), taken: None, base: NOW };
        let later = NOW.plus(std::time::Duration::from_secs(9));
        for (standing, at) in [(Standing::Free { base: None }, NOW), (Standing::Ours(claim.clone()), later)] {
            put(&store, &standing, at).await;
            let looked = store.lease().await.expect("reads");
            assert_eq!((looked.standing, looked.since, looked.at), (standing, Some(at), Some(at)));
        }
        put(&store, &Standing::Ours(claim), later.plus(std::time::Duration::from_secs(9))).await;
        assert_eq!(store.lease().await.expect("reads").since, Some(later), "it stands as before");
        assert_eq!(store.lease_answer().await, Answer::Ours);
        let mut tx = store.begin().await.expect("begins");
        assert_eq!(tx.lease_answer(&store).await, Answer::Ours);
        drop(tx);
        store.close().await;

        let again = open(directory.path()).await;
        assert_eq!(again.lease_answer().await, Answer::Unknown, "another start has not looked");
        let mut tx = again.begin().await.expect("begins");
        sqlx::query("drop table lease").execute(&mut *tx.inner).await.expect("works for an intruder");
        tx.commit().await.expect("commits");
        assert_eq!(again.lease_answer().await, Answer::Unknown, "what can't be read is no permission");
    }

    #[tokio::test]
    async fn a_decision_to_take_it_is_void_after_another_start() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = open(directory.path()).await;
        let reason = GivenReason::parse("The old box burned down.").expect("a reason");
        let taking = Taking { by: Actor::system(store.studio(), "test").person(), reason, at: NOW };
        let mut tx = store.begin().await.expect("begins");
        tx.lease_taking_put(store.me().expect("it writes"), &taking).await.expect("stores");
        tx.commit().await.expect("commits");
        assert_eq!(store.lease().await.expect("reads").taking, Some(taking));
        store.close().await;
        assert_eq!(open(directory.path()).await.lease().await.expect("reads").taking, None);
    }
}
