//! Tables `sign_in_attempts` and `identities`: who is expected back from a provider, and who is whom at several.

use crate::domain::ids::{Hash, Uid};
use crate::domain::sign_in::{ATTEMPT_LASTS, Attempt, Proof};
use crate::domain::time::Timestamp;
use crate::store::{Column as _, Doing as _, Result, Store, Tx, hash_column};

const TABLE: &str = "sign_in_attempts";

/// An account of a person at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIdentity {
    /// Who it is here.
    pub uid: Uid,
    /// The verified address of the first time, in lower case.
    pub email: String,
}

impl Store {
    /// Every account that ever signed in here, by person.
    pub async fn identities(&self) -> Result<Vec<KnownIdentity>> {
        let rows =
            sqlx::query!("select distinct uid as \"uid!\", email as \"email!\" from identities order by uid, email")
                .fetch_all(&self.readers)
                .await
                .doing("list who has signed in")?;
        rows.into_iter()
            .map(|row| Ok(KnownIdentity { uid: Uid::parse(row.uid).column("identities")?, email: row.email }))
            .collect()
    }
}

impl Tx {
    /// Remembers that somebody has gone to the provider, and forgets who never came back.
    pub async fn attempt_insert(&mut self, attempt: &Attempt) -> Result<()> {
        let over = attempt.began.minus(ATTEMPT_LASTS).micros();
        sqlx::query!("delete from sign_in_attempts where began_us <= ?", over)
            .execute(&mut *self.inner)
            .await
            .doing("forget attempts to sign in")?;
        let (state, browser) = (attempt.state.bytes().as_slice(), attempt.browser.bytes().as_slice());
        let (proof, began) = (attempt.proof.as_str(), attempt.began.micros());
        sqlx::query!(
            "insert into sign_in_attempts (state, browser, nonce, verifier, proof, next, began_us) \
             values (?, ?, ?, ?, ?, ?, ?)",
            state,
            browser,
            attempt.nonce,
            attempt.verifier,
            proof,
            attempt.next,
            began
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember an attempt to sign in")?;
        Ok(())
    }

    /// Takes the attempt with this state, so that nobody can take it again.
    pub async fn attempt_take(&mut self, state: &Hash) -> Result<Option<Attempt>> {
        let key = state.bytes().as_slice();
        let row = sqlx::query!(
            "select browser, nonce, verifier, proof, next, began_us from sign_in_attempts where state = ?",
            key
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("read an attempt to sign in")?;
        sqlx::query!("delete from sign_in_attempts where state = ?", key)
            .execute(&mut *self.inner)
            .await
            .doing("take an attempt to sign in")?;
        row.map(|row| {
            Ok(Attempt {
                state: *state,
                browser: hash_column(&row.browser, TABLE)?,
                nonce: row.nonce,
                verifier: row.verifier,
                proof: Proof::parse(&row.proof).ok_or("an unknown proof").column(TABLE)?,
                next: row.next,
                began: Timestamp::from_micros(row.began_us),
            })
        })
        .transpose()
    }

    /// Whoever has this account: the one it was before, or the one with the same address at another provider.
    pub async fn identity_of(&mut self, (issuer, subject): (&str, &str), email: &str) -> Result<Option<Uid>> {
        let known = sqlx::query_scalar!(
            "select uid as \"uid!\" from identities where (issuer = ?1 and subject = ?2) or (issuer <> ?1 and email = ?3) \
             order by (issuer = ?1 and subject = ?2) desc, since_us, issuer limit 1",
            issuer,
            subject,
            email
        )
        .fetch_optional(&mut *self.inner)
        .await
        .doing("look who has an account")?;
        known.map(|known| Uid::parse(known).column("identities")).transpose()
    }

    /// Remembers whose account it is; what is known already stays.
    pub async fn identity_remember(
        &mut self,
        (issuer, subject): (&str, &str),
        (uid, email): (&Uid, &str),
        now: Timestamp,
    ) -> Result<()> {
        let (uid, since) = (uid.as_str(), now.micros());
        sqlx::query!(
            "insert into identities (issuer, subject, uid, email, since_us) values (?, ?, ?, ?, ?) \
             on conflict (issuer, subject) do nothing",
            issuer,
            subject,
            uid,
            email,
            since
        )
        .execute(&mut *self.inner)
        .await
        .doing("remember whose account it is")?;
        Ok(())
    }
}
