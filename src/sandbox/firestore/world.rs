//! The hands of whoever runs the sandbox: seed, change, look, count, and break things.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::write::Operation;
use gcloud_sdk::google::firestore::v1::{Document, DocumentMask, Value, Write};
use prost_types::Timestamp;

use super::bill::BilledReads;
use super::databases::{DatabaseState, Databases};
use super::faults::{CallFault, Fault, Faults, Injector, Method, When};
use super::ledger::{Echo, Scope};
use super::names::{DatabaseName, ResourcePath};
use super::server::Options;
use super::writes::{ParsedWrite, commit};

/// Everything behind one server. Clone it freely.
#[derive(Clone)]
pub struct World {
    pub(super) databases: Arc<Databases>,
    pub(super) faults: Arc<Injector>,
}

/// One database of a world. Clone it freely.
///
/// # Panics
/// Paths and fields come from the one who writes the sandbox or its tests.
/// What Firestore could not store is a bug there, and every method panics on it.
#[derive(Clone)]
pub struct Database {
    state: Arc<DatabaseState>,
}

impl World {
    /// A world without documents.
    pub fn new(options: Options) -> Self {
        Self { databases: Arc::new(Databases::new(options)), faults: Arc::default() }
    }

    /// The database of this name, such as `projects/glass/databases/(default)`. Empty on first use.
    ///
    /// # Panics
    /// If it is not the name of a database.
    pub fn database(&self, name: &str) -> Database {
        let name = DatabaseName::parse("database", name).expect("BUG: a database has a legal name");
        Database::of(self.databases.get(&name))
    }

    /// The next commit is applied, and its client hears `UNAVAILABLE` as if the connection were lost.
    pub fn lose_next_commit_reply(&self) {
        self.add_fault(Fault::call(Method::Commit, When::Next(1), CallFault::LoseReply));
    }

    /// The next call of `method`, such as `RunQuery`, fails and does nothing. Calls line up per method.
    ///
    /// # Panics
    /// If there is no such method.
    pub fn fail_next(&self, method: &'static str, status: tonic::Status) {
        let method = Method::parse(method).expect("BUG: the method is one of the service");
        let fail = CallFault::Fail { code: status.code(), message: status.message().to_owned() };
        self.add_fault(Fault::call(method, When::Next(1), fail));
    }

    /// How many calls of `method` have come in, whatever became of them.
    pub fn calls(&self, method: Method) -> u64 {
        self.faults.calls(method)
    }

    /// One more fault, behind those that wait.
    pub fn add_fault(&self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Puts this plan in the place of every fault that waits. The default plan is that nothing goes wrong.
    pub fn set_faults(&self, faults: Faults) {
        self.faults.set(faults);
    }

    /// Puts the server's clock forward: transactions, read times and resume tokens grow old. Timers do not move.
    pub fn pass_time(&self, time: Duration) {
        self.databases.clock.put_forward(time);
    }

    /// Every open listen stream ends with `UNAVAILABLE` now.
    pub fn break_streams(&self) {
        self.faults.break_streams();
    }

    /// While held, listen streams stay open and say nothing, not even heartbeats.
    pub fn hold_streams(&self, held: bool) {
        self.faults.hold_streams(held);
    }
}

impl Database {
    /// The hands on one database.
    pub(super) fn of(state: Arc<DatabaseState>) -> Self {
        Self { state }
    }

    /// Deletes every document in one commit.
    pub fn clear(&self) {
        let writes = self.paths().iter().map(|path| self.deletion(path)).collect();
        self.commit(writes, Echo::Heard);
    }

    /// Writes all documents in one commit. Paths are relative, such as `batches/b-1042`.
    pub fn seed(&self, documents: impl IntoIterator<Item = (String, HashMap<String, Value>)>) {
        let writes = documents.into_iter().map(|(path, fields)| self.update(&path, fields, None));
        self.commit(writes.collect(), Echo::Heard);
    }

    /// Replaces a document, as the studio's own cloud application would. Answers the commit time.
    pub fn put(&self, path: &str, fields: HashMap<String, Value>) -> Timestamp {
        self.commit(vec![self.update(path, fields, None)], Echo::Heard)
    }

    /// Sets some top-level fields of a document and leaves the others. Answers the commit time.
    pub fn merge(&self, path: &str, fields: HashMap<String, Value>) -> Timestamp {
        self.commit(vec![self.merging(path, fields)], Echo::Heard)
    }

    /// Deletes a document.
    pub fn delete(&self, path: &str) {
        self.commit(vec![self.deletion(path)], Echo::Heard);
    }

    /// A fault: as [`Self::put`], but no listener ever hears of it.
    pub fn put_silently(&self, path: &str, fields: HashMap<String, Value>) -> Timestamp {
        self.commit(vec![self.update(path, fields, None)], Echo::Lost)
    }

    /// A fault: as [`Self::merge`], but no listener ever hears of it.
    pub fn merge_silently(&self, path: &str, fields: HashMap<String, Value>) -> Timestamp {
        self.commit(vec![self.merging(path, fields)], Echo::Lost)
    }

    /// A fault: as [`Self::delete`], but no listener ever hears of it.
    pub fn delete_silently(&self, path: &str) {
        self.commit(vec![self.deletion(path)], Echo::Lost);
    }

    /// The document as it is now. Not billed.
    pub fn get(&self, path: &str) -> Option<Document> {
        let mut ledger = self.state.ledger();
        let now = ledger.read_now();
        ledger.get(&document_path(path), now).map(|stored| stored.document(&self.state.name))
    }

    /// Paths of all documents, in the order of names.
    pub fn paths(&self) -> Vec<String> {
        let mut ledger = self.state.ledger();
        let now = ledger.read_now();
        let mut paths: Vec<_> = ledger.scan(&everything(), now).map(|stored| stored.path.clone()).collect();
        paths.sort_unstable();
        paths.iter().map(ToString::to_string).collect()
    }

    /// How many documents there are.
    pub fn document_count(&self) -> u64 {
        let mut ledger = self.state.ledger();
        let now = ledger.read_now();
        ledger.scan(&everything(), now).count() as u64
    }

    /// Document reads billed to clients so far.
    pub fn reads(&self) -> u64 {
        self.billed().total()
    }

    /// Document reads billed to clients so far, by what caused them.
    pub fn billed(&self) -> BilledReads {
        self.state.ledger().billed()
    }

    /// Starts the counts of [`Self::reads`] and [`Self::billed`] again.
    pub fn reset_reads(&self) {
        self.state.ledger().reset_bill();
    }

    /// How many commits changed this document.
    pub fn writes_to(&self, path: &str) -> u64 {
        self.state.ledger().changes_of(&document_path(path)) as u64
    }

    fn update(&self, path: &str, fields: HashMap<String, Value>, update_mask: Option<DocumentMask>) -> Write {
        let document = Document { name: self.name_of(path), fields, ..Document::default() };
        Write { operation: Some(Operation::Update(document)), update_mask, ..Write::default() }
    }

    fn merging(&self, path: &str, fields: HashMap<String, Value>) -> Write {
        let quote = |name: &String| format!("`{}`", name.replace('\\', r"\\").replace('`', r"\`"));
        let field_paths = fields.keys().map(quote).collect();
        self.update(path, fields, Some(DocumentMask { field_paths }))
    }

    fn deletion(&self, path: &str) -> Write {
        Write { operation: Some(Operation::Delete(self.name_of(path))), ..Write::default() }
    }

    fn name_of(&self, path: &str) -> String {
        self.state.name.name_of(&document_path(path))
    }

    fn commit(&self, writes: Vec<Write>, echo: Echo) -> Timestamp {
        let parse = |write| ParsedWrite::parse(&self.state.name, write);
        let writes: Vec<_> =
            writes.into_iter().map(parse).collect::<Result<_, _>>().expect("BUG: Firestore could not store this");
        let committed = commit(&mut self.state.ledger(), &writes, echo).expect("BUG: nothing stands in the way");
        self.state.announce(&committed, echo);
        committed.at.timestamp()
    }
}

fn document_path(path: &str) -> ResourcePath {
    ResourcePath::parse_document("path", path).expect("BUG: a document has a legal path")
}

fn everything() -> Scope {
    Scope { parent: ResourcePath::root(), collection: None, descendants: true }
}
