//! Two boxes of one studio by mistake: one writes, the other notices, says so, and only mirrors.

mod stage;

/// A hundred rounds of it.
mod rounds;

/// One proposal by four processes at once.
mod executions;

/// Which box writes, through the API.
mod deciding;

use studio_brain::domain::decision::Lease;
use studio_brain::domain::kill_switch::SwitchScope;
use studio_brain::domain::lease::Standing;
use studio_brain::domain::proposal::ProposalState;
use studio_brain::domain::reason::Reason;
use studio_brain::gate::{GateError, Writes};
use studio_brain::jobs::drive::Job as _;
use studio_brain::sandbox::firestore::Method;

use stage::{Cloud, LEASE, text};

const WHY: &str = "The kiln room smells of smoke.";

#[tokio::test]
async fn a_fresh_box_claims_the_lease_and_so_does_its_next_life_and_an_idle_box_costs_nothing() {
    let cloud = Cloud::with(&["r-1"]);
    let mut edge = cloud.fresh_box(Writes::On).await;
    assert_eq!(edge.answer().await, Lease::Unknown, "nobody has looked");
    edge.pass().await;
    assert_eq!((edge.answer().await, cloud.holder()), (Lease::Ours, Some(edge.me())));

    let (commits, looks) = (cloud.commits(), cloud.world.calls(Method::BatchGetDocuments));
    for _ in 0..5 {
        edge.pass().await;
    }
    assert_eq!((cloud.commits(), cloud.world.calls(Method::BatchGetDocuments)), (commits, looks));

    let before = edge.me();
    edge.restart().await;
    assert_ne!(edge.me(), before);
    assert_eq!(edge.answer().await, Lease::Unknown, "what an earlier start saw counts for nothing");
    edge.pass().await;
    assert_eq!((edge.answer().await, cloud.holder()), (Lease::Ours, Some(edge.me())));
    assert_eq!(cloud.database.writes_to(LEASE), 2);
    assert_eq!(edge.audited().await, [("lease.claimed", "OK"), ("lease.claimed", "OK")]);
    edge.close().await;
}

#[tokio::test]
async fn a_copy_beside_the_original_sends_nothing_and_mirrors_until_somebody_decides() {
    let cloud = Cloud::with(&["r-1", "r-2"]);
    let mut original = cloud.fresh_box(Writes::On).await;
    let people = original.people().await;
    original.pass().await;
    let same = original.approved(&people, "r-1", "CONFIRMED").await;

    let mut copy = cloud.copy_of(&original).await;
    copy.run_mirror();
    let commits = cloud.commits();
    for _ in 0..3 {
        copy.pass().await;
    }
    assert_eq!(cloud.commits(), commits, "not one");
    let proposal = copy.proposal(same).await;
    assert_eq!((proposal.state, proposal.held), (ProposalState::Approved, Some(Reason::SecondBox)));
    let Standing::Second(claim) = copy.standing().await else { panic!("the second") };
    assert_eq!(claim.holder, *original.store.me().expect("it writes"), "it knows who writes");
    assert_eq!(claim.holder.edge, copy.store.me().expect("it writes").edge, "and that it is a copy");
    assert_eq!(copy.audited().await.last(), Some(&("lease.lost", "SECOND_BOX")));
    cloud.database.merge("reservations/r-2", [("staffNotes".to_owned(), text("Called."))].into());
    copy.mirror_shows_now().await;
    let path = studio_brain::domain::ids::DocPath::parse("reservations/r-2").expect("a path");
    let mirrored = copy.store.document(&path).await.expect("reads").expect("is there");
    assert!(mirrored.document.fields.contains_key("staffNotes"), "it mirrors on");

    let denied = copy.gate.take_lease(&people.ines, "The other box is broken.", copy.now()).await;
    assert!(matches!(denied, Err(GateError::Denied(Reason::RoleMissing))), "{denied:?}");
    copy.take(&people).await;
    copy.pass().await;
    assert_eq!((copy.answer().await, cloud.holder()), (Lease::Ours, Some(copy.me())));
    assert_eq!(cloud.status("r-1"), text("CONFIRMED"), "what it held has left");
    assert!(copy.store.lease().await.expect("reads").taking.is_none(), "the decision is carried out");
    let last: Vec<_> = copy.audited().await.split_off(2);
    let expected = [("lease.take_requested", "ROLE_MISSING"), ("lease.take_requested", "OK"), ("lease.taken", "OK")];
    assert_eq!(last, expected);

    original.mirror_shows_now().await;
    let late = original.approved(&people, "r-2", "CONFIRMED").await;
    assert_eq!(original.answer().await, Lease::Ours, "it has not looked since");
    original.pass().await;
    assert_eq!(original.answer().await, Lease::Another, "but looks before it sends");
    let Standing::Second(claim) = original.standing().await else { panic!("the second") };
    assert!(claim.taken.is_some_and(|taken| taken.contains("The other box is broken.")), "it is told why");
    assert_eq!(original.proposal(late).await.held, Some(Reason::SecondBox));
    assert_eq!((cloud.writes_to("r-1"), cloud.writes_to("r-2")), (2, 2), "the seeds, one write and one note");
    original.close().await;
    copy.close().await;
}

#[tokio::test]
async fn a_cloned_machine_takes_over_once_and_the_first_one_stops_for_good() {
    let cloud = Cloud::with(&["r-1"]);
    let mut edge = cloud.fresh_box(Writes::On).await;
    let people = edge.people().await;
    edge.pass().await;
    let (store, _gate, mut push) = edge.clone_of_the_machine().await;
    push.pass().await.expect("passes");
    assert_eq!(store.lease_answer().await, Lease::Ours, "it can't know better");
    let id = edge.approved(&people, "r-1", "CONFIRMED").await;
    edge.pass().await;
    assert_eq!(edge.answer().await, Lease::Another);
    assert_eq!(edge.proposal(id).await.held, Some(Reason::SecondBox));
    edge.pass().await;
    assert_eq!(edge.answer().await, Lease::Another, "they do not take it from each other");
    assert_eq!(cloud.holder(), Some(store.me().expect("it writes").start.clone()));
    store.close().await;
    edge.close().await;
}

#[tokio::test]
async fn of_two_boxes_that_claim_at_once_one_gets_the_lease_and_the_other_knows() {
    let cloud = Cloud::with(&["r-1"]);
    let (mut one, mut other) = (cloud.fresh_box(Writes::On).await, cloud.fresh_box(Writes::On).await);
    tokio::join!(one.pass(), other.pass());
    let answers = [one.answer().await, other.answer().await];
    assert!(answers.contains(&Lease::Ours) && answers.contains(&Lease::Another), "{answers:?}");
    assert_eq!(cloud.database.writes_to(LEASE), 1);
    one.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_lost_answer_to_a_claim_is_looked_up() {
    let cloud = Cloud::with(&["r-1"]);
    let mut edge = cloud.fresh_box(Writes::On).await;
    cloud.world.lose_next_commit_reply();
    edge.pass().await;
    assert_eq!((edge.answer().await, cloud.database.writes_to(LEASE)), (Lease::Ours, 1));
    edge.restart().await;
    cloud.world.fail_next("Commit", tonic::Status::aborted("contention"));
    edge.push.pass().await.expect_err("is tried again later");
    assert_eq!(edge.answer().await, Lease::Unknown);
    edge.pass().await;
    assert_eq!((edge.answer().await, cloud.database.writes_to(LEASE)), (Lease::Ours, 2));
    edge.close().await;
}

#[tokio::test]
async fn nothing_is_claimed_while_writes_are_stopped_or_turned_off() {
    let cloud = Cloud::with(&["r-1"]);
    let mut edge = cloud.fresh_box(Writes::On).await;
    let people = edge.people().await;
    edge.gate.stop_all(&people.dov, SwitchScope::Studio, WHY, edge.now()).await.expect("stops");
    for _ in 0..3 {
        edge.pass().await;
    }
    assert_eq!((cloud.commits(), cloud.holder()), (0, None));
    assert_eq!(edge.standing().await, Standing::Free { base: None }, "but it was looked at");
    edge.gate.request_resume(&people.ines, SwitchScope::Studio, WHY, edge.now()).await.expect("asks");
    edge.gate.confirm_resume(&people.juno, SwitchScope::Studio, WHY, edge.now()).await.expect("confirms");
    edge.pass().await;
    assert_eq!((edge.answer().await, cloud.commits()), (Lease::Ours, 1));

    let mut reader = cloud.fresh_box(Writes::Off).await;
    for _ in 0..3 {
        reader.take(&people).await;
        reader.pass().await;
    }
    assert_eq!((reader.answer().await, cloud.commits()), (Lease::Another, 1), "the decision waits for writes");
    assert!(reader.store.lease().await.expect("reads").taking.is_some());
    reader.close().await;
    edge.close().await;
}
