//! Transactions with optimistic conflict detection: reads see one moment, and the commit asks whether
//! anything that was read has changed since.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::TransactionOptions;
use gcloud_sdk::google::firestore::v1::transaction_options::read_only::ConsistencySelector;
use gcloud_sdk::google::firestore::v1::transaction_options::{Mode, ReadOnly};
use prost_types::Timestamp;
use tonic::Status;

use super::ledger::Ledger;
use super::names::ResourcePath;
use super::query::Query;
use super::refusal::{contention, invalid, transaction_expired};
use super::times::Micros;

/// The open transactions of one database.
pub(super) struct Transactions {
    open: BTreeMap<u64, Transaction>,
    next: u64,
    /// How long a transaction may live, and how long it may lie idle.
    lifetime: Duration,
    idle: Duration,
}

struct Transaction {
    access: Access,
    /// Set by the first read.
    snapshot: Option<Micros>,
    documents: BTreeSet<ResourcePath>,
    queries: Vec<Query>,
    began: Micros,
    touched: Micros,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadOnly,
    ReadWrite,
}

/// When a request reads, as its consistency selector says.
pub(super) enum Consistency {
    Strong,
    ReadTime(Timestamp),
    Transaction(Vec<u8>),
    NewTransaction(TransactionOptions),
}

/// A read that has begun: one moment, perhaps within a transaction.
pub(super) struct Reading {
    pub(super) at: Micros,
    transaction: Option<u64>,
    begun: bool,
}

impl Reading {
    /// The id of the transaction that this read began.
    pub(super) fn new_transaction(&self) -> Option<Vec<u8>> {
        self.transaction.filter(|_| self.begun).map(id_bytes)
    }
}

impl Transactions {
    /// None open.
    pub(super) fn new(lifetime: Duration, idle: Duration) -> Self {
        Self { open: BTreeMap::new(), next: 1, lifetime, idle }
    }

    fn expire(&mut self, now: Micros) {
        let (lifetime, idle) = (self.lifetime, self.idle);
        self.open.retain(|_, open| open.began.until(now) <= lifetime && open.touched.until(now) <= idle);
    }

    fn touch(&mut self, id: &[u8], now: Micros) -> Result<(u64, &mut Transaction), Status> {
        self.expire(now);
        let id = parse_id(id)?;
        let transaction = self.open.get_mut(&id).ok_or_else(transaction_expired)?;
        transaction.touched = now;
        Ok((id, transaction))
    }
}

impl Ledger {
    /// Begins a transaction and answers its id.
    pub(super) fn begin(&mut self, options: Option<TransactionOptions>) -> Result<Vec<u8>, Status> {
        let (access, snapshot) = match options.and_then(|options| options.mode) {
            None | Some(Mode::ReadWrite(_)) => (Access::ReadWrite, None),
            Some(Mode::ReadOnly(ReadOnly { consistency_selector: None })) => (Access::ReadOnly, None),
            Some(Mode::ReadOnly(ReadOnly { consistency_selector: Some(ConsistencySelector::ReadTime(time)) })) => {
                (Access::ReadOnly, Some(self.check_read_time(&time)?))
            }
        };
        let now = self.now();
        self.transactions.expire(now);
        let id = self.transactions.next;
        self.transactions.next += 1;
        let transaction =
            Transaction { access, snapshot, documents: BTreeSet::new(), queries: Vec::new(), began: now, touched: now };
        self.transactions.open.insert(id, transaction);
        Ok(id_bytes(id))
    }

    /// Forgets a transaction.
    pub(super) fn roll_back(&mut self, id: &[u8]) -> Result<(), Status> {
        let now = self.now();
        let (id, _) = self.transactions.touch(id, now)?;
        self.transactions.open.remove(&id);
        Ok(())
    }

    /// Begins a read at the moment that the request chose.
    pub(super) fn read(&mut self, consistency: Consistency) -> Result<Reading, Status> {
        let (id, begun) = match consistency {
            Consistency::Strong => return Ok(Reading { at: self.read_now(), transaction: None, begun: false }),
            Consistency::ReadTime(time) => {
                return Ok(Reading { at: self.check_read_time(&time)?, transaction: None, begun: false });
            }
            Consistency::Transaction(id) => (id, false),
            Consistency::NewTransaction(options) => (self.begin(Some(options))?, true),
        };
        let at = self.read_now();
        let now = self.now();
        let (id, transaction) = self.transactions.touch(&id, now)?;
        Ok(Reading { at: *transaction.snapshot.get_or_insert(at), transaction: Some(id), begun })
    }

    /// Notes that the reading saw this document, or that it was not there.
    pub(super) fn saw_document(&mut self, reading: &Reading, path: &ResourcePath) {
        if let Some(transaction) = reading.transaction.and_then(|id| self.transactions.open.get_mut(&id)) {
            transaction.documents.insert(path.clone());
        }
    }

    /// Notes that the reading saw the result of this query.
    pub(super) fn saw_query(&mut self, reading: &Reading, query: &Query) {
        if let Some(transaction) = reading.transaction.and_then(|id| self.transactions.open.get_mut(&id)) {
            transaction.queries.push(query.clone());
        }
    }

    /// Ends a transaction whose commit holds `writes` writes. It is gone afterwards, whatever the answer.
    pub(super) fn end_transaction(&mut self, id: &[u8], writes: usize) -> Result<(), Status> {
        let now = self.now();
        let (id, _) = self.transactions.touch(id, now)?;
        let transaction = self.transactions.open.remove(&id).ok_or_else(transaction_expired)?;
        if writes == 0 {
            return Ok(());
        }
        if transaction.access == Access::ReadOnly {
            return Err(invalid("writes", "Cannot modify entities in a read-only transaction"));
        }
        match transaction.snapshot {
            Some(snapshot) if self.has_changed(&transaction, snapshot) => Err(contention()),
            Some(_) | None => Ok(()),
        }
    }

    /// True if something that the transaction read is not as it was at its snapshot.
    fn has_changed(&mut self, transaction: &Transaction, snapshot: Micros) -> bool {
        let now = self.read_now();
        self.changed(snapshot, now).iter().any(|path| {
            let versions = || [self.get(path, snapshot), self.get(path, now)];
            let matches = |query: &Query| versions().into_iter().flatten().any(|document| query.matches(document));
            transaction.documents.contains(path) || transaction.queries.iter().any(matches)
        })
    }
}

fn id_bytes(id: u64) -> Vec<u8> {
    id.to_be_bytes().to_vec()
}

fn parse_id(id: &[u8]) -> Result<u64, Status> {
    let bytes = id.try_into().map_err(|_| invalid("transaction", "is not the id of a transaction"))?;
    Ok(u64::from_be_bytes(bytes))
}
