//! The ledger, made again from the receipts in the cloud: when it is empty, and when somebody asks.
//!
//! A box that is lost takes its ledger with it, and with the ledger what could be taken back. Every write has left a
//! receipt beside it that says the same.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context as _;

use crate::authority::{Authority, NameRange};
use crate::clock::Clock;
use crate::domain::actor::Actor;
use crate::domain::audit::{Action, Event, Target};
use crate::domain::capability::RECEIPTS;
use crate::domain::ids::{CollectionId, ProposalId, WriteId};
use crate::domain::reads::Cause;
use crate::domain::rebuild::Outcome;
use crate::domain::receipt::{Rebuilt, Receipt};
use crate::domain::sighting::Sighting;
use crate::domain::time::Timestamp;
use crate::jobs::drive::{Job, Pass};
use crate::store::Store;
use crate::telemetry::ReasonCode;

const REBUILT: ReasonCode = ReasonCode::new("ledger_rebuilt");

/// Proposals that are stored in one transaction: those who want to write wait for it.
const BATCH: usize = 100;

/// Makes the ledger again.
#[derive(Debug)]
pub struct Rebuilder {
    store: Store,
    authority: Authority,
    clock: Clock,
}

impl Rebuilder {
    /// The one of a studio.
    pub fn new(store: Store, authority: Authority, clock: Clock) -> Self {
        Self { store, authority: authority.because_of(Cause::Backfill), clock }
    }

    fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Asks for it when there is no ledger, so that a new box knows what the old one did.
    async fn ask_if_new(&self) -> anyhow::Result<()> {
        if self.store.ledger_is_new().await? {
            let mut tx = self.store.begin().await?;
            tx.rebuild_request(None, self.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Reads all receipts, and stores what the ledger does not have.
    async fn rebuild(&self) -> anyhow::Result<Outcome> {
        let mut outcome = Outcome::default();
        let mut proposals: BTreeMap<ProposalId, Vec<Receipt>> = BTreeMap::new();
        let receipts = CollectionId::parse(RECEIPTS).expect("BUG: a legal collection");
        let counted = self.authority.count(&receipts, None).await.context("could not count the receipts")?;
        let mut documents = self.authority.documents(&receipts, &NameRange::default(), counted.read_time).await?;
        while let Some(sighting) = documents.next().await.context("could not read the receipts")? {
            outcome.receipts += 1;
            match sighting {
                Sighting::Readable(receipt) => match Receipt::parse(&receipt, self.now()) {
                    Ok(read) => proposals.entry(read.proposal.id).or_default().push(read),
                    Err(bad) => outcome.problems.push((receipt.path.to_string(), bad.to_string())),
                },
                Sighting::Unreadable(receipt) => outcome.problems.push((receipt.path.to_string(), receipt.why)),
            }
        }
        let mut known = Vec::new();
        for receipts in proposals.into_values() {
            let place = receipts.first().map(|receipt| crate::domain::receipt::path(receipt.record.id).to_string());
            match Rebuilt::of(receipts) {
                Ok(one) => known.push(one),
                Err(bad) => outcome.problems.push((place.unwrap_or_default(), bad.to_string())),
            }
        }
        // What is taken back comes before what takes it back.
        known.sort_by_key(|one| one.proposal.state_since);
        for some in known.chunks_mut(BATCH) {
            self.store_some(some, &mut outcome).await?;
        }
        Ok(outcome)
    }

    async fn store_some(&self, some: &mut [Rebuilt], outcome: &mut Outcome) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        for one in some {
            let count = one.records.len() as u64;
            if let Some(proposal) = tx.proposal(one.proposal.id).await? {
                if proposal.content_hash() == one.proposal.content_hash() {
                    outcome.same += count;
                } else {
                    let what = "says another content than the ledger has of its proposal".to_owned();
                    outcome.problems.push((receipt_of(one), what));
                }
                continue;
            }
            let mut lost = Vec::new();
            for undone in one.records.iter().filter_map(|record| record.undoes) {
                if tx.write(undone).await?.is_none() {
                    lost.push(undone);
                }
            }
            if !lost.is_empty() {
                let what = "takes back a write whose receipt is gone: it is known now without that".to_owned();
                outcome.problems.push((receipt_of(one), what));
                forget(one, &lost);
            }
            tx.rebuilt(one).await?;
            outcome.added += count;
        }
        tx.commit().await?;
        Ok(())
    }
}

fn receipt_of(one: &Rebuilt) -> String {
    one.records.first().map(|record| crate::domain::receipt::path(record.id).to_string()).unwrap_or_default()
}

/// Leaves out that these writes are taken back.
fn forget(one: &mut Rebuilt, lost: &[WriteId]) {
    let keep = |undoes: Option<WriteId>| undoes.filter(|id| !lost.contains(id));
    for record in &mut one.records {
        record.undoes = keep(record.undoes);
    }
    one.proposal.changes = one.proposal.changes.without_undone(lost);
}

impl Job for Rebuilder {
    const NAME: &'static str = "rebuild";
    const ABOUT: &'static str = "Makes the ledger again from the receipts in the cloud, when it is asked to.";

    fn period(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn pass(&mut self) -> anyhow::Result<Pass> {
        self.ask_if_new().await?;
        let Some(asked) = self.store.rebuild_pending().await? else { return Ok(Pass::Idle) };
        let outcome = self.rebuild().await;
        // One that was due waits until the cloud can be reached; a person is told why it can't.
        let (outcome, failed) = match (outcome, &asked.requested_by) {
            (Ok(outcome), _) => (outcome, None),
            (Err(error), None) => return Err(error),
            (Err(error), Some(_)) => (Outcome::default(), Some(format!("{error:#}"))),
        };
        let me = Actor::system(self.store.studio(), Self::NAME);
        let now = self.now();
        let event = Event::new(now, me.person(), Action::LedgerRebuilt, Target::Other("ledger".to_owned()))
            .detail("receipts", outcome.receipts.to_string())
            .detail("added", outcome.added.to_string())
            .detail("problems", outcome.problems.len().to_string());
        let mut tx = self.store.begin().await?;
        tx.rebuild_finish(asked.id, &outcome, failed.as_deref(), now).await?;
        tx.audit(self.store.studio(), event).await?;
        tx.commit().await?;
        if outcome.added > 0 || !outcome.problems.is_empty() {
            tracing::warn!(
                event = "ledger.rebuilt",
                receipts = outcome.receipts,
                added = outcome.added,
                problems = outcome.problems.len(),
                "The ledger was made again from {} receipts",
                outcome.receipts
            );
        }
        Ok(Pass::Worked(REBUILT))
    }
}
