//! Databases by name. One that nobody has used yet is empty.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::ledger::{Echo, Ledger};
use super::names::DatabaseName;
use super::server::Options;
use super::times::{Micros, ServerClock};
use super::transactions::Transactions;
use super::writes::Committed;

/// Every database of one server.
pub(super) struct Databases {
    options: Options,
    pub(super) clock: ServerClock,
    by_name: Mutex<HashMap<DatabaseName, Arc<DatabaseState>>>,
}

/// One database: its ledger, and a signal for those who listen.
pub(super) struct DatabaseState {
    pub(super) name: DatabaseName,
    ledger: Mutex<Ledger>,
    newest: watch::Sender<Micros>,
}

impl Databases {
    /// None yet.
    pub(super) fn new(options: Options) -> Self {
        Self { clock: ServerClock::new(options.clock), options, by_name: Mutex::default() }
    }

    /// The settings that all of them share.
    pub(super) fn options(&self) -> &Options {
        &self.options
    }

    /// The database of this name, made empty on first use.
    pub(super) fn get(&self, name: &DatabaseName) -> Arc<DatabaseState> {
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let create = || {
            let options = &self.options;
            let transactions = Transactions::new(options.transaction_lifetime, options.transaction_idle);
            let ledger = Ledger::new(self.clock.clone(), options.read_window, transactions);
            let newest = watch::Sender::new(Micros::default());
            Arc::new(DatabaseState { name: name.clone(), ledger: Mutex::new(ledger), newest })
        };
        by_name.entry(name.clone()).or_insert_with(create).clone()
    }
}

impl DatabaseState {
    /// The ledger, for as long as one request looks at it.
    pub(super) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the listeners if the commit is one that they hear of.
    pub(super) fn announce(&self, committed: &Committed, echo: Echo) {
        if committed.changed && echo == Echo::Heard {
            self.newest.send_replace(committed.at);
        }
    }

    /// Changes whenever there is a commit to hear of.
    pub(super) fn subscribe(&self) -> watch::Receiver<Micros> {
        self.newest.subscribe()
    }
}
