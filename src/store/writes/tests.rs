use super::*;
use crate::domain::actor::Person;
use crate::domain::capability::CapabilityId;
use crate::domain::change::{Change, Changes};
use crate::domain::ids::StudioId;
use crate::domain::proposal::{GivenReason, Proposal, ProposalState};

struct Ledger {
    store: Store,
    ids: Vec<WriteId>,
    _directory: tempfile::TempDir,
}

impl Ledger {
    async fn open() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let studio = StudioId::parse("west").expect("a studio");
        let store = Store::open(directory.path(), &studio, Timestamp::from_micros(1)).await.expect("opens");
        Self { store, ids: Vec::new(), _directory: directory }
    }

    /// One more write, intended at this time, in this state; it takes back that one.
    async fn write(&mut self, at: i64, state: WriteState, undoes: Option<WriteId>) {
        let at = Timestamp::from_micros(at);
        let path = DocPath::parse(format!("batches/b-{}", self.ids.len())).expect("legal");
        let change = Change { subject: path.clone(), write: Write::Delete { path, base: at }, undoes };
        let proposal = Proposal {
            id: uuid::Uuid::now_v7().to_string().parse().expect("an id"),
            capability: CapabilityId::parse("drill.document.set").expect("legal"),
            changes: Changes::one(change.clone()),
            summary: "Do it".to_owned(),
            reason: GivenReason::parse("Because it is so.").expect("a reason"),
            proposer: Person::parse("staff:uid_ines", "Ines").expect("a person"),
            behalf: None,
            created: at,
            expires: Timestamp::from_micros(i64::MAX),
            finding: None,
            state: ProposalState::Waiting,
            state_since: at,
            round: 1,
            held: None,
        };
        let intended = WriteRecord::intended(proposal.id, (1, change.write), proposal.content_hash(), None, at);
        let record = WriteRecord { state, ..intended.undoing(undoes) };
        let mut tx = self.store.begin().await.expect("begins");
        tx.proposal_insert(&proposal, None).await.expect("stores");
        tx.proposal_move(proposal.id, ProposalState::Sent, at).await.expect("moves");
        tx.writes_intend(&[&record]).await.expect("stores");
        tx.commit().await.expect("commits");
        self.ids.push(record.id);
    }

    /// The places of the writes on a page of two, and whether there are any before and after.
    async fn page(&self, state: Option<&str>, turn: Option<Turn>) -> (Vec<usize>, bool, bool) {
        let page = self.store.ledger_page(state, turn, 2).await.expect("reads");
        let place = |record: &WriteRecord| self.ids.iter().position(|id| *id == record.id).expect("is known");
        (page.records.iter().map(place).collect(), page.has_before, page.has_after)
    }
}

fn landed(at: i64) -> WriteState {
    let at = Timestamp::from_micros(at);
    WriteState::Landed(Landing { at, update_time: at })
}

#[tokio::test]
async fn a_page_of_the_ledger_goes_on_where_the_last_one_ended_and_leads_back() {
    let mut ledger = Ledger::open().await;
    for at in [10, 20, 30, 40, 50] {
        ledger.write(at, if at == 30 { WriteState::Intended } else { landed(at) }, None).await;
    }
    assert_eq!(ledger.page(None, None).await, (vec![4, 3], false, true));
    assert_eq!(ledger.page(None, Some(Turn::After(ledger.ids[3]))).await, (vec![2, 1], true, true));
    // What comes in the meantime moves nobody's place.
    ledger.write(60, landed(60), None).await;
    assert_eq!(ledger.page(None, Some(Turn::After(ledger.ids[1]))).await, (vec![0], true, false));
    assert_eq!(ledger.page(None, Some(Turn::Before(ledger.ids[0]))).await, (vec![2, 1], true, true));
    assert_eq!(ledger.page(None, Some(Turn::Before(ledger.ids[4]))).await, (vec![5], false, true));
    assert_eq!(ledger.page(Some("landed"), Some(Turn::After(ledger.ids[3]))).await, (vec![1, 0], true, false));
    assert_eq!(ledger.page(Some("landed"), Some(Turn::Before(ledger.ids[0]))).await, (vec![3, 1], true, true));
    assert_eq!(ledger.page(Some("intended"), None).await, (vec![2], false, false));
    let nowhere =
        WriteId::of(uuid::Uuid::now_v7().to_string().parse().expect("an id"), &DocPath::parse("a/b").expect("legal"));
    assert_eq!(ledger.page(None, Some(Turn::Before(nowhere))).await, (vec![5, 4], false, true), "from the start");
}

#[tokio::test]
async fn what_takes_a_write_back_is_known_and_whether_it_landed() {
    let mut ledger = Ledger::open().await;
    for at in [10, 20, 30] {
        ledger.write(at, landed(at), None).await;
    }
    ledger.write(40, landed(40), Some(ledger.ids[0])).await;
    ledger.write(50, WriteState::Intended, Some(ledger.ids[1])).await;
    let undos = ledger.store.undos_of(&ledger.ids).await.expect("reads");
    let told: Vec<_> = ledger.ids.iter().map(|id| undos.get(id).map(|undo| undo.landed)).collect();
    assert_eq!(told, [Some(Some(ledger.ids[3])), Some(None), None, None, None]);
    assert_eq!(ledger.store.undo_of(ledger.ids[1]).await.expect("reads"), Some(undos[&ledger.ids[1]].proposal));
}
