//! A store, a clock and the job that counts.

use std::time::Duration;

use jiff::tz::TimeZone;
use studio_brain::clock::Clock;
use studio_brain::domain::document::Document;
use studio_brain::domain::ids::{CollectionId, DocPath, StudioId};
use studio_brain::domain::sighting::Sighting;
use studio_brain::domain::snapshot::Snapshot;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::value::{Fields, Value};
use studio_brain::domain::vocabulary::Vocabulary;
use studio_brain::jobs::drive::Job as _;
use studio_brain::jobs::snapshot::{SnapshotSettings, Snapshots};
use studio_brain::store::{Generation, Staged, Store};
use tempfile::TempDir;

/// 2026-03-18T17:00:00Z: ten in the morning in the studio.
pub(super) const START: i64 = 1_773_853_200;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_parts(START + seconds, 0)
}

pub(super) fn collection(name: &str) -> CollectionId {
    CollectionId::parse(name).expect("legal")
}

pub(super) fn settings() -> SnapshotSettings {
    SnapshotSettings {
        every: Duration::from_secs(900),
        keep: Duration::from_secs(30 * 86_400),
        zone: TimeZone::get("America/Phoenix").expect("a zone"),
    }
}

/// A document with these fields, updated at `update`.
pub(super) fn document(path: &str, fields: &[(&str, Value)], update: Timestamp) -> Document {
    let fields: Fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Document { path: DocPath::parse(path).expect("legal"), fields, create_time: at(-1_000), update_time: update }
}

pub(super) struct Stage {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) job: Snapshots,
    _directory: TempDir,
}

impl Stage {
    /// A studio that mirrors these collections; none of them was read.
    pub(super) async fn of(collections: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(at(0).to_jiff());
        let studio = StudioId::parse("monsoon-west").expect("legal");
        let store = Store::open(directory.path(), &studio, at(0)).await.expect("opens");
        let names: Vec<CollectionId> = collections.iter().map(|name| collection(name)).collect();
        store.targets_declare(&names).await.expect("declares");
        let job = Snapshots::new(store.clone(), clock.clone(), settings());
        Self { store, clock, job, _directory: directory }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now().into()
    }

    /// Reads a collection as a whole, as a backfill does.
    pub(super) async fn read(&self, name: &str, documents: impl IntoIterator<Item = Document>) {
        let (name, read_time) = (collection(name), self.now());
        let targets = self.store.targets().await.expect("readable");
        let target = targets.iter().find(|target| target.collection == name).expect("it is mirrored");
        let generation = if target.read_time.is_none() { Generation::First } else { Generation::Next };
        let mut tx = self.store.begin_rebuildable().await.expect("begins");
        tx.backfill_start(&name).await.expect("starts");
        tx.backfill_plan(&name, read_time, 0, &[], read_time).await.expect("plans");
        tx.commit().await.expect("commits");
        let mut documents = documents.into_iter().peekable();
        while documents.peek().is_some() {
            let rows: Vec<Staged> = documents.by_ref().take(2_000).map(Sighting::Readable).map(Staged::of).collect();
            let mut tx = self.store.begin_rebuildable().await.expect("begins");
            tx.backfill_stage(&name, (generation, read_time), 0, &rows, false).await.expect("stages");
            tx.commit().await.expect("commits");
        }
        let mut tx = self.store.begin_rebuildable().await.expect("begins");
        tx.backfill_publish(&name, read_time).await.expect("publishes");
        tx.commit().await.expect("commits");
    }

    pub(super) async fn put(&self, documents: &[Document]) {
        let mut tx = self.store.begin_rebuildable().await.expect("begins");
        for document in documents {
            tx.document_put(document, self.now()).await.expect("puts");
        }
        tx.commit().await.expect("commits");
    }

    /// The state now, counted from what moved.
    pub(super) async fn count(&mut self) -> Snapshot {
        self.job.count().await.expect("counts")
    }

    /// The state now, counted from nothing.
    pub(super) async fn count_again(&mut self) -> Snapshot {
        let mut tx = self.store.begin_rebuildable().await.expect("begins");
        tx.facts_restart(Vocabulary::shipped(), self.now()).await.expect("restarts");
        tx.commit().await.expect("commits");
        self.count().await
    }

    pub(super) async fn pass(&mut self) {
        self.job.pass().await.expect("passes");
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
