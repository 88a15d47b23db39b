//! Changes as they happen: one stream for all targets, in the words of [`crate::domain::watch`].

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use gcloud_sdk::google::firestore::v1 as wire;
use tonic::Streaming;
use wire::listen_response::ResponseType;
use wire::target::query_target::QueryType;
use wire::target::{QueryTarget, ResumeType, TargetType};
use wire::target_change::TargetChangeType;

use crate::authority::Authority;
use crate::authority::convert::{path, sighting, timestamp, wire_timestamp};
use crate::authority::error::{Error, Result};
use crate::authority::meter::StreamBill;
use crate::authority::read::root_query;
use crate::domain::ids::CollectionId;
use crate::domain::time::Timestamp;
use crate::domain::watch::{BloomFilter, Cause, Message, ResumeToken, TargetChangeKind, TargetId};

const DOING: &str = "listen for changes";

/// One root collection to listen to.
#[derive(Clone, Debug)]
pub struct ListenTarget {
    /// Its number on the stream.
    pub id: TargetId,
    /// The collection.
    pub collection: CollectionId,
    /// Where to continue.
    pub position: Position,
    /// How many documents we know there: lets the server say which are gone.
    pub known: usize,
    /// As of when we know them: a stream that was away for long costs as much as a new query.
    pub known_as_of: Option<Timestamp>,
}

/// Where a target continues.
#[derive(Clone, Debug)]
pub enum Position {
    /// After the snapshot that this token came with.
    Token(ResumeToken),
    /// After this moment, at which we know every document.
    ReadTime(Timestamp),
}

/// The messages of one stream. Dropping it ends the stream.
#[derive(Debug)]
pub struct Messages {
    answers: Streaming<wire::ListenResponse>,
    root: String,
    /// What the stream costs; nothing where nobody is billed, such as over a simulated network.
    bill: Option<StreamBill>,
}

impl Authority {
    /// Listens to root collections, each from where it continues.
    pub async fn listen(&self, targets: &[ListenTarget]) -> Result<Messages> {
        let requests: Vec<wire::ListenRequest> = targets.iter().map(|target| self.listen_request(target)).collect();
        // The request side stays open for as long as the stream is read: ending it would end the stream.
        let requests = stream::iter(requests).chain(stream::pending());
        let mut client = self.client().await?;
        let answers = self.within(|| DOING.to_owned(), client.listen(requests)).await?.into_inner();
        Ok(Messages { answers, root: self.root().to_owned(), bill: Some(StreamBill::new(self, targets)) })
    }

    /// What adds a target to a stream of this database.
    pub fn listen_request(&self, target: &ListenTarget) -> wire::ListenRequest {
        let resume_type = match &target.position {
            Position::Token(token) => ResumeType::ResumeToken(token.bytes().to_vec()),
            Position::ReadTime(moment) => ResumeType::ReadTime(wire_timestamp(*moment)),
        };
        let query = QueryTarget {
            parent: self.root().to_owned(),
            query_type: Some(QueryType::StructuredQuery(root_query(&target.collection))),
        };
        let add = wire::Target {
            target_id: target.id.number(),
            once: false,
            expected_count: i32::try_from(target.known).ok(),
            target_type: Some(TargetType::Query(query)),
            resume_type: Some(resume_type),
        };
        wire::ListenRequest {
            database: self.inner.database.clone(),
            target_change: Some(wire::listen_request::TargetChange::AddTarget(add)),
            ..Default::default()
        }
    }
}

impl Messages {
    /// The messages of a stream that the caller opened, such as over a simulated network. `root` is that of its database.
    pub fn over(answers: Streaming<wire::ListenResponse>, root: impl Into<String>) -> Self {
        Self { answers, root: root.into(), bill: None }
    }

    /// The next message, if one comes within `limit`. `None`: the server ended the stream.
    pub async fn next(&mut self, limit: Duration) -> Result<Option<Message>> {
        let answer = tokio::time::timeout(limit, self.answers.message())
            .await
            .map_err(|_| Error::timeout(DOING.to_owned(), limit))?
            .map_err(|status| Error::status(DOING.to_owned(), status))?;
        answer.map(|answer| self.take(answer)).transpose()
    }

    /// The next message if it has arrived already: nothing is waited for.
    pub fn arrived(&mut self) -> Option<Result<Option<Message>>> {
        let answer = self.answers.message().now_or_never()?;
        Some(match answer {
            Ok(answer) => answer.map(|answer| self.take(answer)).transpose(),
            Err(status) => Err(Error::status(DOING.to_owned(), status)),
        })
    }

    fn take(&mut self, answer: wire::ListenResponse) -> Result<Message> {
        if let Some(bill) = &mut self.bill {
            bill.count(&answer);
        }
        message(&self.root, answer)
    }
}

fn message(root: &str, answer: wire::ListenResponse) -> Result<Message> {
    let empty = || Error::malformed(DOING, "the server sent a message of a kind that we do not know");
    Ok(match answer.response_type.ok_or_else(empty)? {
        ResponseType::TargetChange(change) => target_change(change)?,
        ResponseType::DocumentChange(change) => Message::DocumentChange {
            document: sighting(root, change.document.ok_or_else(empty)?, DOING)?,
            targets: targets(change.target_ids)?,
            removed: targets(change.removed_target_ids)?,
        },
        ResponseType::DocumentDelete(delete) => Message::DocumentDelete { path: path(root, &delete.document, DOING)? },
        ResponseType::DocumentRemove(remove) => Message::DocumentRemove {
            path: path(root, &remove.document, DOING)?,
            removed: targets(remove.removed_target_ids)?,
        },
        ResponseType::Filter(filter) => Message::Filter {
            target: (filter.target_id != 0).then(|| target(filter.target_id)).transpose()?,
            count: u64::try_from(filter.count)
                .map_err(|_| Error::malformed(DOING, "the server sent a count below zero"))?,
            names: bloom(filter.unchanged_names),
        },
    })
}

fn target_change(change: wire::TargetChange) -> Result<Message> {
    let kind = match change.target_change_type() {
        TargetChangeType::NoChange => TargetChangeKind::NoChange,
        TargetChangeType::Add => TargetChangeKind::Add,
        TargetChangeType::Remove => TargetChangeKind::Remove,
        TargetChangeType::Current => TargetChangeKind::Current,
        TargetChangeType::Reset => TargetChangeKind::Reset,
    };
    Ok(Message::TargetChange {
        kind,
        targets: targets(change.target_ids)?,
        cause: change.cause.map(|cause| Cause { code: cause.code, message: cause.message }),
        resume_token: ResumeToken::from_bytes(change.resume_token),
        read_time: change.read_time.as_ref().map(timestamp),
    })
}

fn target(id: i32) -> Result<TargetId> {
    TargetId::new(i64::from(id)).map_err(|error| Error::malformed(DOING, error.to_string()))
}

fn targets(ids: Vec<i32>) -> Result<Vec<TargetId>> {
    ids.into_iter().map(target).collect()
}

/// A filter that makes no sense is none: the count alone still shows a difference.
fn bloom(names: Option<wire::BloomFilter>) -> Option<BloomFilter> {
    let names = names?;
    let bits = names.bits?;
    BloomFilter::new(bits.bitmap, bits.padding, names.hash_count).ok()
}
