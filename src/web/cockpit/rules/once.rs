//! What a form came to, for who sends it twice; and keys on their way to the one page that shows them.
//!
//! # Guarantees
//! * A form that is sent twice with the same key by the same session does its work once, also when both come at once:
//!   the second one waits, and is told what the first one came to. A form that was refused may be sent again.
//! * A secret is kept in memory only, for its session only, and given out once or not at all.
//!
//! A restart forgets both: then a second sending counts as a new one, and a key that nobody saw has to be revoked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::domain::agent::{AgentSecret, KeyPrefix};
use crate::domain::ids::Hash;
use crate::domain::time::Timestamp;
use crate::web::cockpit::rules::told::Ruled;

/// How long it is remembered what a form came to.
const REMEMBERED: Duration = Duration::from_secs(3_600);

/// How long a key waits for the page that shows it.
const SHOWN_WITHIN: Duration = Duration::from_secs(120);

/// The most that is remembered of either.
const MOST: usize = 1_000;

/// What a form came to: a message, and the page that tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) told: Ruled,
    pub(super) to: String,
}

#[derive(Debug)]
struct Slot {
    made: Timestamp,
    outcome: Arc<OnceCell<Outcome>>,
}

/// What forms came to, and keys that nobody has seen yet.
#[derive(Default)]
pub(in crate::web) struct Once {
    forms: Mutex<HashMap<(Hash, String), Slot>>,
    secrets: Mutex<HashMap<(Hash, KeyPrefix), (Timestamp, AgentSecret)>>,
}

impl Once {
    /// Does it, or tells what it came to before. A form without a key is done in any case.
    pub(super) async fn run<E>(
        &self,
        (session, key): (&Hash, &str),
        now: Timestamp,
        act: impl Future<Output = Result<Outcome, E>>,
    ) -> Result<Outcome, E> {
        let key = key.trim();
        if key.is_empty() {
            return act.await;
        }
        let slot = {
            let mut forms = self.forms.lock().unwrap_or_else(PoisonError::into_inner);
            forms.retain(|_, slot| now.since(slot.made) < REMEMBERED);
            make_room(&mut forms, |slot| slot.made);
            let slot = forms.entry((*session, key.chars().take(80).collect()));
            Arc::clone(&slot.or_insert_with(|| Slot { made: now, outcome: Arc::default() }).outcome)
        };
        let mut is_first = false;
        let outcome = slot
            .get_or_try_init(|| {
                is_first = true;
                act
            })
            .await?;
        let told = if is_first { outcome.told } else { Ruled::SentBefore };
        Ok(Outcome { told, to: outcome.to.clone() })
    }

    /// Keeps a key for the page that shows it.
    pub(super) fn keep(&self, session: &Hash, secret: AgentSecret, now: Timestamp) {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.retain(|_, (kept, _)| now.since(*kept) < SHOWN_WITHIN);
        make_room(&mut secrets, |(kept, _)| *kept);
        secrets.insert((*session, secret.prefix().clone()), (now, secret));
    }

    /// Gives a key out, if this session has it to see and it is not too late. It is gone then.
    pub(super) fn take(&self, session: &Hash, prefix: &KeyPrefix, now: Timestamp) -> Option<String> {
        let mut secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        let (kept, secret) = secrets.remove(&(*session, prefix.clone()))?;
        (now.since(kept) < SHOWN_WITHIN).then(|| secret.reveal())
    }
}

impl std::fmt::Debug for Once {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Once").finish_non_exhaustive()
    }
}

/// Forgets the oldest when there are too many.
fn make_room<K: Clone + Eq + std::hash::Hash, V>(kept: &mut HashMap<K, V>, made: impl Fn(&V) -> Timestamp) {
    if kept.len() < MOST {
        return;
    }
    let oldest = kept.iter().min_by_key(|(_, value)| made(value)).map(|(key, _)| key.clone());
    if let Some(key) = oldest {
        kept.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_parts(1_773_853_200, 0);

    fn outcome(to: &str) -> Outcome {
        Outcome { told: Ruled::Stopped, to: to.to_owned() }
    }

    #[tokio::test]
    async fn a_form_does_its_work_once_and_a_refused_one_may_be_sent_again() {
        let (once, session, other) = (Once::default(), Hash::of("a"), Hash::of("b"));
        let send = async |session: &Hash, key: &str, answer: Result<&str, ()>| {
            once.run((session, key), NOW, async { answer.map(outcome) }).await
        };
        assert_eq!(send(&session, "k", Err(())).await, Err(()));
        assert_eq!(send(&session, "k", Ok("/first")).await, Ok(outcome("/first")));
        let again = Outcome { told: Ruled::SentBefore, to: "/first".to_owned() };
        assert_eq!(send(&session, " k ", Ok("/second")).await, Ok(again));
        assert_eq!(send(&other, "k", Ok("/theirs")).await, Ok(outcome("/theirs")), "each session for itself");
        assert_eq!(send(&session, "", Ok("/third")).await, Ok(outcome("/third")));
        let later = NOW.plus(REMEMBERED);
        let late = once.run((&session, "k"), later, async { Ok::<_, ()>(outcome("/late")) }).await;
        assert_eq!(late, Ok(outcome("/late")));
    }

    #[tokio::test]
    async fn two_at_once_are_one() {
        let (once, session) = (Once::default(), Hash::of("a"));
        let done = std::sync::atomic::AtomicU8::new(0);
        let act = async || {
            done.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok::<_, ()>(outcome("/once"))
        };
        let (one, two) = tokio::join!(once.run((&session, "k"), NOW, act()), once.run((&session, "k"), NOW, act()));
        assert_eq!((one.expect("done").to, two.expect("done").to), ("/once".to_owned(), "/once".to_owned()));
        assert_eq!(done.into_inner(), 1);
    }

    #[test]
    fn a_secret_is_given_out_once_to_its_session_and_not_late() {
        let (once, session) = (Once::default(), Hash::of("a"));
        let secret = || AgentSecret::from_random([7; 8], [9; 32]);
        let prefix = secret().prefix().clone();
        once.keep(&session, secret(), NOW);
        assert_eq!(once.take(&Hash::of("b"), &prefix, NOW), None);
        assert_eq!(once.take(&session, &prefix, NOW), Some(secret().reveal()));
        assert_eq!(once.take(&session, &prefix, NOW), None);
        once.keep(&session, secret(), NOW);
        assert_eq!(once.take(&session, &prefix, NOW.plus(SHOWN_WITHIN)), None);
        assert!(!format!("{once:?}").contains("sbak1"));
    }
}
