//! A studio with much of everything: documents, an audit log, and proposals in every state with their decisions and writes.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use studio_brain::domain::actor::{Actor, Person};
use studio_brain::domain::capability::CapabilityId;
use studio_brain::domain::change::{Change, Changes};
use studio_brain::domain::finding::{Finding, FindingKind};
use studio_brain::domain::ids::DocPath;
use studio_brain::domain::ledger::{Landing, WriteRecord, WriteState};
use studio_brain::domain::proposal::{Choice, GivenReason, Proposal, ProposalState, Verdict};
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{FieldPath, Fields, Value};
use studio_brain::domain::write::Write;
use studio_brain::store::{Store, Tx};

use crate::entries::{EVERY, GROUP, append, begin, seal};
use crate::people::people;
use crate::{Arguments, documents, entries};

/// One proposal in so many still waits: the newest ones, as in a studio.
const WAITING: u64 = 100;

/// Of so many documents one has a word that nobody knows.
const STRANGE: usize = 100;

/// How many proposals one transaction stores.
const TOGETHER: u64 = 500;

/// Makes all of it.
pub(super) async fn fill(arguments: &Arguments, directory: &Path) -> anyhow::Result<()> {
    documents::fill(arguments, directory).await?;
    let store = documents::open(directory).await?;
    let now = documents::now();
    findings(&store, arguments.docs, now).await?;
    log(&store, arguments).await?;
    let [proposer, colleague, _] = people(&store, now).await?;
    let mut number = 0;
    while number < arguments.proposals {
        let until = (number + TOGETHER).min(arguments.proposals);
        let mut tx = store.begin().await?;
        for number in number..until {
            let state = state(number, arguments.proposals);
            proposal(&mut tx, (number, arguments.docs), state, (&proposer, &colleague.person())).await?;
        }
        tx.commit().await?;
        number = until;
    }
    store.close().await;
    Ok(())
}

/// The document that the proposal of this number is about: one of the batches.
fn path(number: u64, docs: usize) -> anyhow::Result<DocPath> {
    let batches = (docs as u64 / 8).max(1);
    Ok(DocPath::parse(format!("batches/d-{:07}", number % batches * 8))?)
}

async fn findings(store: &Store, docs: usize, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    for number in 0..docs / STRANGE {
        let path = path(number as u64 * 7, docs)?;
        let about = format!("The word `FROBNICATED-{number}` is not in the vocabulary.");
        tx.finding_seen(&Finding::about(FindingKind::UnknownWord, path, about), now).await?;
    }
    Ok(tx.commit().await?)
}

async fn log(store: &Store, arguments: &Arguments) -> anyhow::Result<()> {
    let studio = store.studio().clone();
    let key = begin(store, &studio).await?;
    let mut number = 0;
    while number < arguments.entries {
        let until = (number + GROUP).min(arguments.entries);
        append(store, &studio, number..until, |number| path(number, arguments.docs)).await?;
        number = until;
        if number % EVERY == 0 || number == arguments.entries {
            seal(store, &studio, &key).await?;
        }
    }
    Ok(())
}

/// Most were sent, one in ten each was rejected or withdrawn, and the newest wait.
const fn state(number: u64, all: u64) -> ProposalState {
    match number % 10 {
        _ if number >= all - all / WAITING => ProposalState::Waiting,
        3 => ProposalState::Rejected,
        4 => ProposalState::Withdrawn,
        _ => ProposalState::Sent,
    }
}

async fn proposal(
    tx: &mut Tx,
    (number, docs): (u64, usize),
    state: ProposalState,
    (by, other): (&Actor, &Person),
) -> anyhow::Result<()> {
    let at = documents::now().plus(Duration::from_secs(number));
    let (subject, base) = (path(number, docs)?, Timestamp::from_parts(1_773_853_200, 0));
    let changes = BTreeMap::from([
        (FieldPath::top("state"), Some(Value::text("SHELVED"))),
        (FieldPath::top("isClosed"), Some(Value::Boolean(false))),
    ]);
    let write = Write::Update { path: subject.clone(), changes, base };
    let reason = |text: &str| GivenReason::parse(text).map_err(|reason| anyhow::anyhow!(reason));
    let proposal = Proposal {
        id: entries::proposal(number),
        capability: CapabilityId::parse("batch.state.correct")?,
        changes: Changes::one(Change { subject, write: write.clone(), undoes: None }),
        summary: format!("Correct batch d-{number:07}: from LOADED to SHELVED"),
        reason: reason("It stands on the shelf, and the kiln it was said to be in is empty.")?,
        proposer: by.person(),
        behalf: None,
        created: at,
        expires: at.plus(Duration::from_secs(10 * 365 * 86_400)),
        finding: None,
        state,
        state_since: at,
        round: 1,
        held: None,
    };
    tx.proposal_insert(&proposal, None).await?;
    let verdict = |choice| {
        let (reason, content_hash) = (reason("Looked at it with the kiln lead, and agreed."), proposal.content_hash());
        let by = other.clone();
        reason.map(|reason| Verdict { by, choice, code: None, reason, content_hash, at, round: 1 })
    };
    match state {
        ProposalState::Sent => {
            tx.verdict_insert(proposal.id, &verdict(Choice::Approve)?).await?;
            let before = Fields::from([("state".to_owned(), Value::text("LOADED"))]);
            let mut record = WriteRecord::intended(proposal.id, (1, write), proposal.content_hash(), Some(before), at);
            record.state = WriteState::Observed { landing: Landing { at, update_time: at }, at };
            tx.writes_intend(&[&record]).await?;
        }
        ProposalState::Rejected => tx.verdict_insert(proposal.id, &verdict(Choice::Reject)?).await?,
        ProposalState::Waiting
        | ProposalState::Approved
        | ProposalState::Withdrawn
        | ProposalState::Expired
        | ProposalState::Stale
        | ProposalState::Denied(_) => {}
    }
    Ok(())
}
