//! A mirror without a database: the state machine of `domain::watch` over any network that carries gRPC.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use gcloud_sdk::google::firestore::v1::firestore_client::FirestoreClient;
use gcloud_sdk::google::firestore::v1::run_query_request::{ConsistencySelector, QueryType};
use gcloud_sdk::google::firestore::v1::structured_query::CollectionSelector;
use gcloud_sdk::google::firestore::v1::{RunQueryRequest, StructuredQuery};
use studio_brain::authority::{Authority, ListenTarget, Messages, Position};
use studio_brain::domain::canonical;
use studio_brain::domain::time::Timestamp;
use studio_brain::domain::watch::{Order, ResumeToken, Snapshot, TargetId, Watch};
use tokio::time::{Instant, timeout};
use tonic::transport::Channel;

use super::stage::{DATABASE, collection, path};
use super::truth::{self, Line};

/// The stream is given up when the server says nothing for this long.
pub(super) const WATCHDOG: Duration = Duration::from_secs(120);

/// What is kept between streams.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) documents: BTreeMap<String, Line>,
    /// As of when that is; none: it must be read first.
    pub(super) read_time: Option<Timestamp>,
    tokens: BTreeMap<TargetId, ResumeToken>,
    /// What happened, for people and for comparing two runs.
    pub(super) trace: Vec<String>,
    /// How often everything had to be read.
    pub(super) readings: usize,
    /// Silences that ended a stream.
    pub(super) silences: usize,
}

/// Follows some collections until what is kept is as of `enough`.
pub(super) struct Follower {
    pub(super) authority: Authority,
    pub(super) collections: Vec<&'static str>,
    pub(super) kept: Rc<RefCell<Kept>>,
    pub(super) enough: Rc<RefCell<Option<Timestamp>>>,
}

/// Why a stream ended.
type Ended = Box<dyn std::error::Error>;

impl Follower {
    /// One stream, from what is kept to its end; `Ok` once that is enough.
    pub(super) async fn session(&self, client: FirestoreClient<Channel>) -> Result<(), Ended> {
        let mut client = client.max_decoding_message_size(64 << 20);
        let known_at = self.kept.borrow().read_time;
        let read_time = match known_at {
            Some(read_time) => read_time,
            None => self.read_all(&mut client).await?,
        };
        let (mut watch, wanted) = self.continue_from(read_time);
        let requests: Vec<_> = wanted.iter().map(|target| self.authority.listen_request(target)).collect();
        let requests = stream::iter(requests).chain(stream::pending());
        let answers = timeout(WATCHDOG, client.listen(requests)).await??.into_inner();
        let mut messages = Messages::over(answers, self.authority.root());
        loop {
            let asked = Instant::now();
            let next = messages.next(WATCHDOG).await;
            if next.is_err() && asked.elapsed() >= WATCHDOG {
                assert!(asked.elapsed() < WATCHDOG + Duration::from_secs(1), "the silence was noticed late");
                self.kept.borrow_mut().silences += 1;
            }
            let message = next?.ok_or("the server ended the stream")?;
            for order in watch.step(message)? {
                match order {
                    Order::Snapshot(snapshot) => self.apply(snapshot),
                    Order::Relist { why, .. } => {
                        self.kept.borrow_mut().read_time = None;
                        return Err(format!("must be read again: {why}").into());
                    }
                    Order::Search { .. } => {
                        self.kept.borrow_mut().read_time = None;
                        return Err("must be read again: the names do not say which are gone".into());
                    }
                    Order::Restart { cause, .. } => return Err(format!("dropped: {cause:?}").into()),
                    Order::Fail { cause, .. } => return Err(format!("refused: {cause:?}").into()),
                }
            }
            if self.is_enough() {
                return Ok(());
            }
        }
    }

    fn is_enough(&self) -> bool {
        let (enough, shown) = (*self.enough.borrow(), self.kept.borrow().read_time);
        enough.is_some_and(|enough| shown.is_some_and(|shown| shown >= enough))
    }

    fn target(number: usize) -> TargetId {
        TargetId::new(i64::try_from(number + 1).expect("few")).expect("positive")
    }

    fn continue_from(&self, read_time: Timestamp) -> (Watch, Vec<ListenTarget>) {
        let kept = self.kept.borrow();
        let of = |name: &str| -> BTreeMap<_, _> {
            let mine = kept.documents.iter().filter(|(id, _)| id.split_once('/').is_some_and(|(of, _)| of == name));
            mine.map(|(id, (_, _, updated))| (path(id), Timestamp::from_micros(*updated))).collect()
        };
        let known: Vec<_> =
            self.collections.iter().enumerate().map(|(at, name)| (Self::target(at), of(name))).collect();
        let wanted = self.collections.iter().zip(&known).map(|(name, (id, known))| {
            let position = kept.tokens.get(id).cloned().map_or(Position::ReadTime(read_time), Position::Token);
            ListenTarget { id: *id, collection: collection(name), position, known: known.len(), known_as_of: None }
        });
        let wanted = wanted.collect();
        (Watch::new(self.authority.root(), known), wanted)
    }

    /// Reads everything at one moment, and only then keeps it.
    async fn read_all(&self, client: &mut FirestoreClient<Channel>) -> Result<Timestamp, Ended> {
        let (mut documents, mut at) = (BTreeMap::new(), None);
        for name in &self.collections {
            let from = vec![CollectionSelector { collection_id: (*name).to_owned(), all_descendants: false }];
            let request = RunQueryRequest {
                parent: format!("{DATABASE}/documents"),
                query_type: Some(QueryType::StructuredQuery(StructuredQuery { from, ..StructuredQuery::default() })),
                consistency_selector: at.map(ConsistencySelector::ReadTime),
                ..RunQueryRequest::default()
            };
            let mut answers = timeout(WATCHDOG, client.run_query(request)).await??.into_inner();
            while let Some(answer) = timeout(WATCHDOG, answers.message()).await?? {
                at = at.or(answer.read_time);
                let Some(document) = answer.document else { continue };
                let micros = |time: Option<prost_types::Timestamp>| {
                    time.map_or(0, |time| Timestamp::from_parts(time.seconds, time.nanos).micros())
                };
                let id = document.name.strip_prefix(&format!("{DATABASE}/documents/")).ok_or("another database")?;
                let text = truth::fields(&document.fields).to_string();
                let line = (text, micros(document.create_time), micros(document.update_time));
                documents.insert(id.to_owned(), line);
            }
        }
        let at = at.ok_or("the server did not say as of when")?;
        let at = Timestamp::from_parts(at.seconds, at.nanos);
        let mut kept = self.kept.borrow_mut();
        kept.documents = documents;
        kept.tokens.clear();
        kept.read_time = Some(at);
        kept.readings += 1;
        Ok(at)
    }

    fn apply(&self, snapshot: Snapshot) {
        let mut kept = self.kept.borrow_mut();
        assert!(snapshot.lookups.is_empty(), "no document leaves a whole collection without being deleted");
        assert!(kept.read_time <= Some(snapshot.read_time), "time went back");
        for document in &snapshot.upserts {
            let (created, updated) = (document.create_time.micros(), document.update_time.micros());
            kept.documents.insert(document.path.to_string(), (canonical::encode(&document.fields), created, updated));
        }
        for gone in &snapshot.deletes {
            kept.documents.remove(gone.as_str());
        }
        kept.read_time = Some(snapshot.read_time);
        let told = format!("{:?} +{} -{}", turmoil::elapsed(), snapshot.upserts.len(), snapshot.deletes.len());
        kept.tokens.extend(snapshot.tokens);
        kept.trace.push(told);
    }
}
