//! A copy of the data directory beside the original, both told to push, while everything goes wrong that can.
//!
//! Each studio of the hundred rounds has a seed of its own, and the same seed throws the same dice:
//! `STUDIO_SEED=42 cargo test --test it boxes::rounds` plays that one alone.

use tokio::task::JoinSet;

use studio_brain::domain::ids::ProposalId;
use studio_brain::gate::Writes;
use studio_brain::jobs::drive::Job as _;
use studio_brain::sandbox::firestore::{CallFault, Fault, Faults, Method, When};
use studio_brain::store::audit::ChainState;

use super::stage::{Cloud, Edge, People, text};
use crate::dice::Dice;

/// How many studios there are at the same time, and how many rounds each of them plays.
const STUDIOS: u64 = 4;
const ROUNDS: usize = 25;

/// How many passes a box may need once nothing goes wrong any more.
const ENOUGH: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_hundred_rounds_of_two_boxes_every_approved_write_lands_once_and_none_is_lost() {
    let seed = std::env::var("STUDIO_SEED").ok().and_then(|text| text.parse().ok());
    let mut studios = JoinSet::new();
    for seed in seed.map_or(1..STUDIOS + 1, |seed: u64| seed..seed + 1) {
        studios.spawn(play(seed));
    }
    while let Some(ended) = studios.join_next().await {
        ended.expect("its message says which seed to replay");
    }
}

async fn play(seed: u64) {
    println!("seed {seed}: STUDIO_SEED={seed} cargo test --test it boxes::rounds");
    let mut dice = Dice::of(seed);
    let cloud = Cloud::with(&[]);
    let mut original = cloud.fresh_box(Writes::On).await;
    let people = original.people().await;
    original.pass().await;
    let (mut hands, mut seen) = (0, Vec::new());
    for round in 0..ROUNDS {
        let what = format!("seed {seed}, round {round}");
        let ids = ["same", "own", "copied", "contested"].map(|kind| format!("{kind}-{round}"));
        let [same, own, copied, contested] = ids.each_ref().map(String::as_str);
        cloud.seed(&[same, own, copied, contested]);
        original.mirror_shows_now().await;
        let shared = original.approved(&people, same, "CONFIRMED").await;
        let mut copy = cloud.copy_of(&original).await;
        let alone = original.approved(&people, own, "CONFIRMED").await;
        let waitlisted = original.approved(&people, contested, "WAITLISTED").await;
        let elsewhere = copy.approved(&people, copied, "CONFIRMED").await;
        let cancelled = copy.approved(&people, contested, "CANCELLED").await;

        for _ in 0..3 + dice.below(6) {
            trouble(&cloud, [&mut original, &mut copy], &people, &mut dice).await;
        }
        cloud.world.set_faults(Faults::default());
        let mut boxes = [&mut original, &mut copy];
        boxes.rotate_left(dice.below(2));
        for edge in boxes {
            edge.reconnect().await;
            edge.take(&people).await;
            finish(edge, &what).await;
            hands += 1;
        }

        for (reservation, edge, id) in [(same, &original, shared), (own, &original, alone), (copied, &copy, elsewhere)]
        {
            assert_eq!(cloud.writes_to(reservation), 2, "{what}: `{reservation}` was seeded and written once");
            assert_eq!(cloud.status(reservation), text("CONFIRMED"), "{what}: {reservation}");
            assert!(receipt(&cloud, edge, id).await, "{what}: `{reservation}` has its receipt");
        }
        assert_eq!(cloud.writes_to(contested), 2, "{what}: one of the two changed it, the other left it alone");
        let landed = [receipt(&cloud, &original, waitlisted).await, receipt(&cloud, &copy, cancelled).await];
        let expected = match landed {
            [true, false] => "WAITLISTED",
            [false, true] => "CANCELLED",
            [true, true] | [false, false] => panic!("{what}: receipts for both, or for none: {landed:?}"),
        };
        assert_eq!(cloud.status(contested), text(expected), "{what}: what was receipted is what stands");
        seen.push(expected);

        // Either goes on with the studio: the one that was there, or the backup.
        if dice.below(2) == 0 {
            std::mem::swap(&mut original, &mut copy);
            original.run_mirror();
        }
        copy.close().await;
    }
    let chain = original.store.audit_chain().await.expect("walks");
    assert!(matches!(chain, ChainState::Holds { .. }), "seed {seed}: {chain:?}");
    let first = seen.iter().filter(|status| **status == "WAITLISTED").count();
    println!("seed {seed}: {ROUNDS} rounds, {hands} decisions at their ends, {first} contests won by the original");
    original.close().await;
}

/// Something happens to one of the boxes, or between them and the cloud.
async fn trouble(cloud: &Cloud, boxes: [&mut Edge; 2], people: &People, dice: &mut Dice) {
    let fail = |code, message: &str| CallFault::Fail { code, message: message.to_owned() };
    let method = *dice.one_of(&[Method::Commit, Method::Commit, Method::BatchGetDocuments]);
    let [one, other] = if dice.below(2) == 0 {
        boxes
    } else {
        let [one, other] = boxes;
        [other, one]
    };
    match dice.below(12) {
        0 | 1 => cloud.world.lose_next_commit_reply(),
        2 => {
            cloud.world.add_fault(Fault::call(method, When::Next(1), fail(tonic::Code::Unavailable, "the line broke")))
        }
        3 => cloud.world.add_fault(Fault::call(method, When::Next(1), fail(tonic::Code::Aborted, "contention"))),
        4 => one.cut_off().await,
        5 => {
            one.reconnect().await;
            other.reconnect().await;
        }
        6 => one.restart().await,
        7 | 8 => one.take(people).await,
        9 => drop(one.push.pass().await),
        _ => drop(tokio::join!(one.push.pass(), other.push.pass())),
    }
}

/// Lets a box send what it has left, now that nothing goes wrong.
async fn finish(edge: &mut Edge, what: &str) {
    for _ in 0..ENOUGH {
        // The first calls may still fail: on connections that were cut.
        drop(edge.push.pass().await);
        if edge.is_through().await {
            return;
        }
    }
    let (lease, last) = (edge.standing().await, edge.push.pass().await);
    panic!("{what}: something is stuck: {lease:?} {last:?}");
}

async fn receipt(cloud: &Cloud, edge: &Edge, id: ProposalId) -> bool {
    cloud.has_receipt(&edge.proposal(id).await)
}
