use studio_brain::domain::ledger::WriteRecord;
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::rebuild::Rebuilder;
use studio_brain::store::Store;

use super::stage::{Stage, text};

/// A new box for the same studio.
async fn new_box(stage: &Stage) -> (tempfile::TempDir, Store, Rebuilder) {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), stage.store.studio(), stage.now()).await.expect("opens");
    let rebuilder = Rebuilder::new(store.clone(), stage.authority.clone(), stage.clock.clone());
    (directory, store, rebuilder)
}

/// What both ledgers have to agree on.
fn essence(record: &WriteRecord) -> impl PartialEq + std::fmt::Debug + use<> {
    let landing = record.state.landing().map(|landing| landing.update_time);
    let undo = record.undo().map(|undo| undo.canonical());
    (
        record.id,
        record.proposal,
        record.place,
        record.write.canonical(),
        record.content_hash,
        landing,
        record.undoes,
        undo,
    )
}

#[tokio::test]
async fn a_new_box_knows_from_the_receipts_what_the_old_one_wrote_and_how_to_take_it_back() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    let note = stage.request("ops_note.append", "b-1", &[("note", "Two tall vases, keep apart.")]).expect("parses");
    let note = stage.propose_request(note).await.expect("may be proposed");
    stage.decide(&stage.dov, note, Choice::Approve).await.expect("may be approved");
    stage.push_and_observe().await;
    stage.approved_undo(stage.write_of(id).await.id).await;
    stage.push_and_observe().await;
    let old = stage.store.writes(100).await.expect("reads");
    assert_eq!(old.len(), 3);

    let (_directory, store, mut rebuilder) = new_box(&stage).await;
    rebuilder.pass().await.expect("passes");
    let new = store.writes(100).await.expect("reads");
    assert_eq!(new.iter().map(essence).collect::<Vec<_>>(), old.iter().map(essence).collect::<Vec<_>>());
    assert!(new.iter().all(|record| record.rebuilt));
    for record in &new {
        let (old, new) = (stage.proposal(record.proposal).await, store.proposal(record.proposal).await.expect("reads"));
        let new = new.expect("is known again");
        assert_eq!((new.state, new.content_hash()), (ProposalState::Sent, old.content_hash()));
        assert_eq!((&new.proposer, &new.reason, &new.summary), (&old.proposer, &old.reason, &old.summary));
        let approvals = |verdicts: Vec<studio_brain::domain::proposal::Verdict>| {
            verdicts.into_iter().map(|verdict| (verdict.by, verdict.reason, verdict.at)).collect::<Vec<_>>()
        };
        let old = approvals(stage.store.verdicts(record.proposal).await.expect("reads"));
        assert_eq!(approvals(store.verdicts(record.proposal).await.expect("reads")), old, "who approved, and why");
    }
    stage.close().await;
}

#[tokio::test]
async fn rebuilding_again_adds_nothing_and_tells_what_it_can_not_read() {
    let mut stage = Stage::open().await;
    let id = stage.approved("r-1", "CONFIRMED").await;
    stage.push_and_observe().await;
    stage.cloud.put("studioBrainReceipts/broken", [("version".to_owned(), text("two"))].into());
    let mut tx = stage.store.begin().await.expect("begins");
    let asked = tx.rebuild_request(Some("operator:1000"), stage.now()).await.expect("asks");
    tx.commit().await.expect("commits");
    let mut rebuilder = Rebuilder::new(stage.store.clone(), stage.authority.clone(), stage.clock.clone());
    rebuilder.pass().await.expect("passes");
    let came = stage.store.rebuild(asked).await.expect("reads").expect("is there");
    assert_eq!((came.outcome.receipts, came.outcome.added, came.outcome.same), (2, 0, 1));
    let problem = ("studioBrainReceipts/broken".to_owned(), "`version` is no whole number".to_owned());
    assert_eq!(came.outcome.problems, [problem]);
    assert!(!stage.write_of(id).await.rebuilt, "what the ledger has stays as it is");
    stage.close().await;
}

#[tokio::test]
async fn receipts_that_can_not_be_read_leave_the_question_open() {
    let stage = Stage::open().await;
    let (_directory, store, mut rebuilder) = new_box(&stage).await;
    stage.world.fail_next("RunAggregationQuery", tonic::Status::permission_denied("rules"));
    rebuilder.pass().await.expect_err("can't tell");
    assert!(store.rebuild_pending().await.expect("reads").is_some(), "it is still to be done");
    rebuilder.pass().await.expect("passes");
    assert!(store.rebuild_pending().await.expect("reads").is_none());
    stage.close().await;
}
