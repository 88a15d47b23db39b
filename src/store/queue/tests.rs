use super::*;
use crate::domain::actor::Person;
use crate::domain::change::{Change, Changes};
use crate::domain::ids::StudioId;
use crate::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::write::Write;

const NOTE: &str = "ops_note.append";
const STATUS: &str = "reservation.status.set";

struct Queue {
    store: Store,
    ids: Vec<ProposalId>,
    _directory: tempfile::TempDir,
}

fn capability(text: &str) -> CapabilityId {
    CapabilityId::parse(text).expect("legal")
}

fn person(uid: &str) -> Person {
    Person::parse(&format!("staff:{uid}"), uid).expect("a person")
}

fn reason() -> GivenReason {
    GivenReason::parse("Because it is so.").expect("a reason")
}

impl Queue {
    async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
        Self { store, ids: Vec::new(), _directory: directory }
    }

    /// One more proposal, made later than all others.
    async fn propose(&mut self, of: &str, by: &str) {
        let place = self.ids.len() + 1;
        let path = DocPath::parse(format!("batches/b-{place}")).expect("legal");
        let created = Timestamp::from_micros(i64::try_from(place).expect("small") * 10);
        let proposal = Proposal {
            id: uuid::Uuid::now_v7().to_string().parse().expect("an id"),
            capability: capability(of),
            changes: Changes::one(Change {
                subject: path.clone(),
                write: Write::Delete { path, base: created },
                undoes: None,
            }),
            summary: "Do it".to_owned(),
            reason: reason(),
            proposer: person(by),
            behalf: None,
            created,
            expires: Timestamp::from_micros(i64::MAX),
            finding: None,
            state: ProposalState::Waiting,
            state_since: created,
            round: 1,
            held: None,
        };
        let mut tx = self.store.begin().await.expect("begins");
        tx.proposal_insert(&proposal, None).await.expect("stores");
        tx.commit().await.expect("commits");
        self.ids.push(proposal.id);
    }

    async fn approve(&self, place: usize, by: &str) {
        let mut tx = self.store.begin().await.expect("begins");
        let proposal = tx.proposal(self.ids[place]).await.expect("reads").expect("is there");
        let verdict = Verdict {
            by: person(by),
            choice: Choice::Approve,
            code: None,
            reason: reason(),
            content_hash: proposal.content_hash(),
            at: proposal.created,
            round: 1,
        };
        tx.verdict_insert(proposal.id, &verdict).await.expect("stores");
        tx.commit().await.expect("commits");
    }

    async fn end(&self, place: usize, state: ProposalState) {
        let mut tx = self.store.begin().await.expect("begins");
        tx.proposal_move(self.ids[place], state, Timestamp::from_micros(99)).await.expect("moves");
        tx.commit().await.expect("commits");
    }

    /// The places of the proposals on a page, and whether there are any before and after.
    async fn page(&self, lanes: &[Lane], age: Age, turn: Option<Turn>, limit: usize) -> (Vec<usize>, bool, bool) {
        let page = self.store.queue_page(lanes, age, turn, limit).await.expect("reads");
        let place = |id: &ProposalId| self.ids.iter().position(|known| known == id).expect("is known");
        (page.ids.iter().map(place).collect(), page.has_before, page.has_after)
    }
}

fn lane(of: &str, for_person: Option<(&str, bool)>) -> Lane {
    let for_person = for_person.map(|(uid, wanted)| (Uid::parse(uid).expect("legal"), wanted));
    Lane {
        states: &["waiting", "approved"],
        capabilities: Some(vec![capability(of)]),
        whose: Whose { of_programs: None, for_person },
    }
}

#[tokio::test]
async fn lanes_come_one_after_the_other_and_a_page_goes_on_where_the_last_one_ended() {
    let mut queue = Queue::open().await;
    for of in [NOTE, STATUS, NOTE, STATUS, STATUS] {
        queue.propose(of, "ines").await;
    }
    let lanes = [lane(STATUS, None), lane(NOTE, None)];
    let page = async |turn| queue.page(&lanes, Age::Oldest, turn, 2).await;
    assert_eq!(page(None).await, (vec![1, 3], false, true));
    assert_eq!(page(Some(Turn::After(queue.ids[3]))).await, (vec![4, 0], true, true));
    assert_eq!(page(Some(Turn::After(queue.ids[0]))).await, (vec![2], true, false));
    assert_eq!(page(Some(Turn::Before(queue.ids[2]))).await, (vec![4, 0], true, true));
    assert_eq!(page(Some(Turn::Before(queue.ids[4]))).await, (vec![1, 3], false, true));
    assert_eq!(queue.page(&lanes[..1], Age::Newest, None, 9).await.0, [4, 3, 1]);
    let anywhere = Lane { capabilities: None, ..lane(NOTE, None) };
    assert_eq!(queue.page(&[anywhere], Age::Newest, None, 9).await.0, [4, 3, 2, 1, 0]);
}

#[tokio::test]
async fn what_waits_for_somebody_comes_first_and_what_left_the_queue_still_has_a_place() {
    let mut queue = Queue::open().await;
    for by in ["ines", "dov", "dov", "dov"] {
        queue.propose(NOTE, by).await;
    }
    queue.approve(1, "ines").await;
    let lanes = [lane(NOTE, Some(("ines", true))), lane(NOTE, Some(("ines", false)))];
    let page = async |turn| queue.page(&lanes, Age::Oldest, turn, 9).await.0;
    assert_eq!(page(None).await, [2, 3, 0, 1], "her own and what she decided come last");
    queue.end(2, ProposalState::Rejected).await;
    assert_eq!(page(None).await, [3, 0, 1]);
    assert_eq!(page(Some(Turn::After(queue.ids[2]))).await, [3, 0, 1], "the next one is where it was");
}

#[tokio::test]
async fn proposals_are_counted_as_they_come_and_move() {
    let mut queue = Queue::open().await;
    for of in [NOTE, STATUS, NOTE] {
        queue.propose(of, "ines").await;
    }
    queue.end(0, ProposalState::Expired).await;
    queue.end(2, ProposalState::Expired).await;
    let counted = queue.store.proposals_counted().await.expect("reads");
    let of = |state: &str, of: &str| counted.get(&(state.to_owned(), capability(of))).copied();
    assert_eq!((of("waiting", NOTE), of("waiting", STATUS), of("expired", NOTE)), (None, Some(1), Some(2)));
    assert_eq!(queue.store.proposal_counts().await.expect("reads"), (1, 2));
    let path = DocPath::parse("batches/b-2").expect("legal");
    assert_eq!(queue.store.proposals_about(&path, 9).await.expect("reads"), [queue.ids[1]]);
}
