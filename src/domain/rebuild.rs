//! What became of making the ledger again from the receipts.

use crate::domain::time::Timestamp;

/// One look at all receipts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuild {
    /// Its number.
    pub id: i64,
    /// Who asked for it, as a label; `None` when the ledger was empty.
    pub requested_by: Option<String>,
    /// When.
    pub requested: Timestamp,
    /// When it was over; `None` while it is not.
    pub finished: Option<Timestamp>,
    /// What came of it so far.
    pub outcome: Outcome,
    /// Why it could not be told, if it could not.
    pub failed: Option<String>,
}

/// What the receipts came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many receipts there are.
    pub receipts: u64,
    /// Writes that the ledger did not have, and has now.
    pub added: u64,
    /// Writes that the ledger had.
    pub same: u64,
    /// Receipts that tell what the ledger can't take, each with what is wrong: its path, and why.
    pub problems: Vec<(String, String)>,
}
