//! Whatever dies, wherever it dies: each approved write exists once, the ledger says what Firestore says, and the audit
//! log holds under the key that signs it.
//!
//! A kill is a future that is dropped at one of its waits, be it for SQLite or for Firestore: any transaction under way is
//! rolled back, any call is cut off, and half of the time everything in memory is lost, too. `STUDIO_KILLS` says how many
//! runs there are; `STUDIO_SEED` plays one of them again.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use studio_brain::authority::Code;
use studio_brain::domain::audit::checkpoint::PublicKey;
use studio_brain::domain::audit::{Action, Event, Target};
use studio_brain::domain::capability::Requests;
use studio_brain::domain::ids::ProposalId;
use studio_brain::domain::ledger::{WriteRecord, WriteState};
use studio_brain::domain::proposal::{Choice, ProposalState};
use studio_brain::domain::value::Value;
use studio_brain::gate::{Decision, NewProposal, NewUndo, Undone};
use studio_brain::jobs::drive::Job as _;
use studio_brain::sandbox::firestore::{CallFault, CutEnd, Fault, Faults, Latency, Method, When};

use super::stage::{Stage, text};
use crate::dice::Dice;

/// How many runs there are, if nobody says so.
const RUNS: u64 = 40;

/// How often the push job may be asked until everything has to be settled.
const PATIENCE: usize = 200;

#[tokio::test]
async fn killed_anywhere_each_approved_write_exists_once() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("STUDIO_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("STUDIO_KILLS").unwrap_or(RUNS),
    };
    let (mut stage, mut landed, mut kills) = (Stage::generous().await, 0, 0);
    for seed in seeds {
        let mut run = Run { dice: Dice::of(seed), seed, kills: 0 };
        stage = run.play(stage).await;
        landed += run.check(&stage).await;
        kills += run.kills;
    }
    println!("{landed} writes landed, {kills} kills");
    stage.another_seal().seal().await.expect("what is left is sealed");
    let key = std::fs::read_to_string(stage.directory.path().join("audit.pub")).expect("the key is published");
    let key = PublicKey::parse(key.trim()).expect("a key");
    let verified = stage.store.audit_verify(Some(&key)).await.expect("the log holds");
    assert_eq!(
        (verified.sealed, verified.unvouched),
        (verified.entries, vec![]),
        "{} checkpoints",
        verified.checkpoints
    );
    stage.close().await;
}

struct Run {
    dice: Dice,
    seed: u64,
    kills: u64,
}

impl Run {
    /// The documents of this run.
    fn names(&self) -> Vec<String> {
        (0..3).map(|place| format!("k{}-{place}", self.seed)).collect()
    }

    /// Proposes, approves, pushes and takes back, with kills and faults in between.
    async fn play(&mut self, mut stage: Stage) -> Stage {
        for name in self.names() {
            stage.cloud.put(&format!("reservations/{name}"), [("status".to_owned(), text("REQUESTED"))].into());
        }
        stage.mirror_shows_now().await;
        let count = 1 + self.dice.below(3);
        let id = self.proposed(&mut stage, count).await;
        stage = self.sealed(stage).await;
        self.approved(&mut stage, id).await;
        stage = self.pushed(stage).await;
        stage = self.sealed(stage).await;
        if self.dice.below(2) == 0 {
            stage = self.settled(stage).await;
            if let Some(undo) = self.undone(&mut stage, id).await {
                self.approved(&mut stage, undo).await;
                stage = self.pushed(stage).await;
            }
        }
        self.settled(stage).await
    }

    /// Asks with one key until it is answered, as a program does.
    async fn proposed(&mut self, stage: &mut Stage, count: usize) -> ProposalId {
        let names = self.names();
        loop {
            let capability = stage.gate.registry().find("reservation.status.set").expect("is there");
            let inputs = [("status".to_owned(), Value::text("CONFIRMED"))].into();
            let new = NewProposal {
                requests: Requests::parse(capability, &names[..count], &inputs).expect("parses"),
                reason: "The member asked at the desk.".to_owned(),
                finding: None,
                request_key: Some(format!("run-{}", self.seed)),
                agent: None,
            };
            let asked = stage.gate.propose(&stage.juno, new, stage.now());
            if let Some(answer) = self.mortal(asked, 30).await {
                return answer.expect("may be proposed").id;
            }
        }
    }

    async fn approved(&mut self, stage: &mut Stage, id: ProposalId) {
        while stage.proposal(id).await.state == ProposalState::Waiting {
            let content_hash = stage.proposal(id).await.content_hash();
            let reason = "Seen and agreed with her.".to_owned();
            let decision = Decision { proposal: id, choice: Choice::Approve, code: None, reason, content_hash };
            let decided = stage.gate.decide(&stage.dov, decision, stage.now());
            if let Some(answer) = self.mortal(decided, 30).await {
                answer.expect("may be approved");
            }
        }
    }

    async fn undone(&mut self, stage: &mut Stage, id: ProposalId) -> Option<ProposalId> {
        let records = stage.store.writes_of(id).await.expect("reads");
        if !records.iter().all(|record| matches!(record.state, WriteState::Observed { .. })) {
            return None;
        }
        loop {
            let new = NewUndo {
                undone: Undone::Proposal(id),
                reason: "It was the wrong one.".to_owned(),
                request_key: Some(format!("undo-{}", self.seed)),
            };
            let asked = stage.gate.undo(&stage.juno, new, stage.now());
            if let Some(answer) = self.mortal(asked, 30).await {
                return Some(answer.expect("may be undone").id);
            }
        }
    }

    /// Passes of the push job that are killed or meet a fault.
    async fn pushed(&mut self, mut stage: Stage) -> Stage {
        for _ in 0..1 + self.dice.below(3) {
            if let Some(fault) = self.fault() {
                stage.world.add_fault(Fault::call(Method::Commit, When::Next(1), fault));
            }
            let mut push = stage.another_push();
            let _failed = self.mortal(push.pass(), 160).await;
            stage = self.shaken(stage).await;
        }
        stage
    }

    /// A pass of the seal job that may be killed, now and then with another key.
    async fn sealed(&mut self, stage: Stage) -> Stage {
        if self.dice.below(8) == 0 {
            let by = stage.juno.person();
            let wish = Event::new(stage.now(), by, Action::AuditKeyRotationRequested, Target::Service);
            let mut tx = stage.store.begin().await.expect("begins");
            tx.audit(stage.store.studio(), wish).await.expect("appends");
            tx.commit().await.expect("commits");
        }
        let mut seal = stage.another_seal();
        let _failed = self.mortal(seal.pass(), 80).await;
        self.shaken(stage).await
    }

    fn fault(&mut self) -> Option<CallFault> {
        let fail = |code, message: &str| CallFault::Fail { code, message: message.to_owned() };
        match self.dice.below(8) {
            0 => Some(CallFault::LoseReply),
            1 => Some(fail(Code::Unavailable, "the line broke")),
            2 => Some(fail(Code::Aborted, "contention")),
            3 => Some(CallFault::Cut { after: 0, end: CutEnd::Connection }),
            4 => Some(CallFault::Delay(Latency::fixed(Duration::from_millis(20)))),
            _ => None,
        }
    }

    /// Half of the time everything in memory is lost.
    async fn shaken(&mut self, stage: Stage) -> Stage {
        if self.dice.below(2) == 0 { stage.restart().await } else { stage }
    }

    /// Without faults and kills everything comes to its end.
    async fn settled(&mut self, mut stage: Stage) -> Stage {
        stage.world.set_faults(Faults::default());
        for _ in 0..PATIENCE {
            stage.push_and_observe().await;
            if self.open(&stage).await == 0 {
                return stage;
            }
        }
        panic!("seed {}: {} writes are stuck", self.seed, self.open(&stage).await)
    }

    /// Of this run, what is approved and not sent, sent and not known, or landed and not seen.
    async fn open(&self, stage: &Stage) -> usize {
        let under_way = stage.store.writes_open(u16::MAX).await.expect("reads").len()
            + stage.store.writes_unobserved(u16::MAX).await.expect("reads").len();
        under_way + stage.store.proposals_ready(stage.now(), u16::MAX).await.expect("reads").len()
    }

    /// Polls a future some times, and drops it if it has not ended then.
    async fn mortal<T>(&mut self, future: impl Future<Output = T>, most: usize) -> Option<T> {
        let mut left = if self.dice.below(3) == 0 { usize::MAX } else { 1 + self.dice.below(most) };
        let mut future = pin!(future);
        let ended = poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(None);
            }
            left -= 1;
            future.as_mut().poll(context).map(Some)
        })
        .await;
        self.kills += u64::from(ended.is_none());
        ended
    }

    /// The ledger says what Firestore says; how many writes landed.
    async fn check(&self, stage: &Stage) -> u64 {
        let mut landed = 0;
        let records = stage.store.writes(u16::MAX).await.expect("reads");
        for name in self.names() {
            let path = format!("reservations/{name}");
            let mine: Vec<&WriteRecord> =
                records.iter().filter(|record| record.write.path().as_str() == path).collect();
            let count = mine.iter().filter(|record| record.state.landing().is_some()).count() as u64;
            assert_eq!(stage.cloud.writes_to(&path), 1 + count, "seed {}: {path}: {mine:#?}", self.seed);
            let mut newest: BTreeMap<_, &WriteRecord> = BTreeMap::new();
            for record in mine {
                let receipt = stage.cloud.get(&format!("studioBrainReceipts/{}", record.id));
                let landing = record.state.landing();
                assert_eq!(receipt.is_some(), landing.is_some(), "seed {}: {record:?}", self.seed);
                newest.extend(landing.map(|landing| (landing.update_time, record)));
            }
            if let Some((update_time, record)) = newest.last_key_value() {
                let held = stage.mirrored(&path).await.expect("is there");
                assert_eq!(held.update_time, *update_time, "seed {}: {path}", self.seed);
                assert_eq!(Some(&held.fields), record.after().as_ref(), "seed {}: {path}", self.seed);
            }
            landed += count;
        }
        landed
    }
}
