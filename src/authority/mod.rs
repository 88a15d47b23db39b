//! What Firestore says: the only user of its client, and the only door to it.
//!
//! # Guarantees
//! * What comes back is a domain type. A document that can't be one without loss comes back as unreadable; anything else
//!   that makes no sense is an error, never a panic and never a default.
//! * A stream that breaks half way is an error: a part is never taken for the whole.
//! * Every read that Firestore bills is counted, with its collection and its cause.
//! * Nothing here retries. Callers run passes, and a commit whose outcome is unknown is looked up, never sent again.

/// Where Firestore is, and who we are to it.
mod connect;

/// Values and documents, there and back.
mod convert;

/// What went wrong.
mod error;

/// Documents, pages and counts at one read time.
mod read;

/// What the server counts and adds up.
mod aggregate;

/// Whole collections as streams.
mod range;

/// Changes as they happen.
mod listen;

/// Atomic writes, each with its precondition.
mod commit;

/// What Firestore bills.
mod meter;

use std::sync::Arc;
use std::time::Duration;

use firestore::FirestoreDb;
use gcloud_sdk::GoogleAuthMiddleware;
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use tokio::sync::OnceCell;
use tonic::Request;

use crate::domain::ids::DocPath;
use crate::domain::reads::Cause;

pub use commit::CommitError;
pub use connect::{BadEndpoint, Connect, Credentials, PlainEndpoint};
pub use error::{Code, Error, Result};
pub use listen::{ListenTarget, Messages, Position};
use meter::Meter;
pub use range::{Documents, NameRange};
pub use read::{Counted, Lookup, Page};

/// The largest answer that is accepted. A document has at most 1 MiB, but a page of them comes close to this.
const LARGEST_MESSAGE: usize = 64 << 20;

type Client = FirestoreClient<GoogleAuthMiddleware>;

/// Which database, where, and how long to wait for it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where Firestore is, and who we are to it.
    pub connect: Connect,
    /// The Google Cloud project.
    pub project: String,
    /// The database, `(default)` in most projects.
    pub database: String,
    /// The longest that one request may take, and the longest pause between two answers of a streamed read.
    pub request_timeout: Duration,
}

/// The door to one Firestore database. Clone it freely: clones share the connection.
///
/// It connects when it is first used, so that a service starts without a network and tells what it last knew.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
    cause: Cause,
}

struct Inner {
    settings: Settings,
    /// `projects/{project}/databases/{database}`.
    database: String,
    /// What stands before a document's path in its full resource name.
    root: String,
    db: OnceCell<FirestoreDb>,
    meter: Meter,
}

impl Authority {
    /// A door to the database that `settings` name. Nothing is sent yet.
    pub fn new(settings: Settings) -> Self {
        let database = format!("projects/{}/databases/{}", settings.project, settings.database);
        let root = format!("{database}/documents");
        let (db, meter) = (OnceCell::new(), Meter::default());
        Self { inner: Arc::new(Inner { settings, database, root, db, meter }), cause: Cause::Other }
    }

    /// What stands before a document's path in its full resource name: `projects/{p}/databases/{d}/documents`.
    pub fn root(&self) -> &str {
        &self.inner.root
    }

    /// The full resource name of a document.
    pub fn name(&self, path: &DocPath) -> String {
        format!("{}/{path}", self.inner.root)
    }

    /// Where this door leads, for people.
    pub fn endpoint(&self) -> String {
        self.inner.settings.connect.url()
    }

    async fn client(&self) -> Result<Client> {
        let settings = &self.inner.settings;
        let connecting = self.inner.db.get_or_try_init(|| connect::open(settings));
        let db = tokio::time::timeout(settings.request_timeout, connecting)
            .await
            .map_err(|_| Error::timeout("connect to Firestore".to_owned(), settings.request_timeout))??;
        Ok(db.client().get().max_decoding_message_size(LARGEST_MESSAGE).max_encoding_message_size(LARGEST_MESSAGE))
    }

    /// A request that tells the server how long we wait for it.
    fn timed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.inner.settings.request_timeout);
        request
    }

    /// Waits for one answer, not longer than the settings say.
    async fn within<T>(
        &self,
        doing: impl Fn() -> String,
        answer: impl Future<Output = std::result::Result<T, tonic::Status>>,
    ) -> Result<T> {
        let limit = self.inner.settings.request_timeout;
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(status)) => Err(Error::status(doing(), status)),
            Err(_) => Err(Error::timeout(doing(), limit)),
        }
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Authority({} at {})", self.inner.database, self.endpoint())
    }
}
