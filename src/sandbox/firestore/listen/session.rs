//! What a stream knows, without IO: requests and moments in, responses out.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::target::ResumeType;
use gcloud_sdk::google::firestore::v1::{ListenResponse, Target as TargetMessage};
use tokio::sync::watch;
use tonic::Status;

use super::bloom::bloom_filter;
use super::messages;
use super::target::{Difference, Target};
use super::token;
use crate::sandbox::firestore::bill::Cause;
use crate::sandbox::firestore::databases::DatabaseState;
use crate::sandbox::firestore::ledger::Ledger;
use crate::sandbox::firestore::names::{DatabaseName, ResourcePath};
use crate::sandbox::firestore::refusal::invalid;
use crate::sandbox::firestore::server::{Options, ResumedRemovals};
use crate::sandbox::firestore::times::Micros;

/// The targets of one stream and the moment up to which they are told.
pub(super) struct Session {
    database: Arc<DatabaseState>,
    targets: BTreeMap<i32, Target>,
    /// True once the server has chosen an id; then it chooses all.
    chooses_ids: bool,
    told: Micros,
    options: Options,
}

/// From where a target starts.
enum Start {
    Everything,
    /// The client's state is too old: it must forget it first.
    Reset,
    After(Micros),
}

impl Session {
    /// A stream without targets.
    pub(super) fn new(database: Arc<DatabaseState>, options: Options) -> Self {
        let told = database.ledger().read_now();
        Self { database, targets: BTreeMap::new(), chooses_ids: false, told, options }
    }

    /// Changes whenever there may be something to tell.
    pub(super) fn subscribe(&self) -> watch::Receiver<Micros> {
        self.database.subscribe()
    }

    /// Adds a target and brings the whole stream to one new snapshot.
    ///
    /// # Errors
    /// Only what ends the stream. A target that cannot be served is removed with its cause.
    pub(super) fn add(&mut self, message: TargetMessage) -> Result<Vec<ListenResponse>, Status> {
        let id = match message.target_id {
            ..0 => return Err(invalid("target_id", "is negative")),
            0 => {
                self.chooses_ids = true;
                (1..i32::MAX).find(|id| !self.targets.contains_key(id)).expect("BUG: not all ids are taken")
            }
            id if self.chooses_ids => {
                let cause = invalid("target_id", "must be 0 once the server has chosen an id on this stream");
                return Ok(vec![messages::removed(id, Some(&cause))]);
            }
            id if self.targets.contains_key(&id) => {
                return Err(invalid("target_id", format_args!("{id} is already active on this stream")));
            }
            id => id,
        };
        Ok(self.start(id, message).unwrap_or_else(|cause| vec![messages::removed(id, Some(&cause))]))
    }

    /// Removes a target.
    ///
    /// # Errors
    /// `NOT_FOUND` ends the stream if there is no such target.
    pub(super) fn remove(&mut self, id: i32) -> Result<Vec<ListenResponse>, Status> {
        match self.targets.remove(&id) {
            Some(_) => Ok(vec![messages::removed(id, None)]),
            None => Err(Status::not_found(format!("remove_target: there is no active target {id} on this stream"))),
        }
    }

    /// Tells what has changed. Nothing if nothing has.
    pub(super) fn advance(&mut self) -> Vec<ListenResponse> {
        let database = self.database.clone();
        let mut ledger = database.ledger();
        let at = ledger.read_now();
        let mut responses = self.catch_up(&mut ledger, at);
        if !responses.is_empty() {
            responses.push(messages::boundary(at));
        }
        responses
    }

    /// As [`Self::advance`], with a boundary even if nothing has changed.
    pub(super) fn heartbeat(&mut self) -> Vec<ListenResponse> {
        let database = self.database.clone();
        let mut ledger = database.ledger();
        let at = ledger.read_now();
        let mut responses = self.catch_up(&mut ledger, at);
        if !self.targets.is_empty() {
            responses.push(messages::boundary(at));
        }
        responses
    }

    /// The active targets.
    pub(super) fn targets(&self) -> Vec<i32> {
        self.targets.keys().copied().collect()
    }

    /// Tells an active target again from its beginning, as the service may do at any time.
    pub(super) fn reset(&mut self, id: i32) -> Vec<ListenResponse> {
        let database = self.database.clone();
        let mut ledger = database.ledger();
        let at = ledger.read_now();
        let mut responses = self.catch_up(&mut ledger, at);
        let Some(target) = self.targets.get_mut(&id) else { return responses };
        responses.push(messages::reset(id));
        let differences = target.first_look(&ledger, at);
        ledger.bill(Cause::ListenStart, target.count().max(1));
        responses.extend(told_to(target, id, &ledger, &database.name, differences, at));
        responses.extend([messages::current(id, at), messages::boundary(at)]);
        responses
    }

    /// Removes a target that the client still wants.
    pub(super) fn drop_target(&mut self, id: i32, cause: &Status) -> Vec<ListenResponse> {
        self.targets.remove(&id).map(|_| messages::removed(id, Some(cause))).into_iter().collect()
    }

    fn start(&mut self, id: i32, message: TargetMessage) -> Result<Vec<ListenResponse>, Status> {
        let database = self.database.clone();
        let wants_names = message.expected_count.is_some_and(|count| count > 0);
        let once = message.once;
        let mut target = Target::parse(&database.name, message.target_type)?;
        let mut ledger = database.ledger();
        let start = parse_start(&mut ledger, message.resume_type, self.options.resume_window)?;
        let at = ledger.read_now();
        let mut responses = self.catch_up(&mut ledger, at);
        responses.push(messages::added(id));
        let differences = match start {
            Start::Everything => target.first_look(&ledger, at),
            Start::Reset => {
                responses.push(messages::reset(id));
                target.first_look(&ledger, at)
            }
            Start::After(since) => {
                target.remember(&ledger, since);
                let mut differences = target.advance(&ledger, &ledger.heard(since, at), at);
                if self.options.resumed_removals == ResumedRemovals::Counted {
                    differences.retain(|(_, difference)| *difference == Difference::Shown);
                }
                differences
            }
        };
        let anew = match start {
            Start::Everything | Start::Reset => true,
            Start::After(since) => since.until(at) > self.options.cheap_resume,
        };
        if anew {
            ledger.bill(Cause::ListenStart, target.count().max(1));
        } else {
            let reads = billed(&ledger, &differences, at);
            ledger.bill(Cause::Listen, reads);
        }
        responses.extend(told_to(&target, id, &ledger, &database.name, differences, at));
        if matches!(start, Start::After(_)) {
            let members = target.members(&ledger, at);
            let names = || members.iter().map(|path| database.name.name_of(path)).collect::<Vec<_>>();
            responses.push(messages::existence(id, members.len(), wants_names.then(|| bloom_filter(&names()))));
        }
        responses.extend([messages::current(id, at), messages::boundary(at)]);
        if once {
            responses.push(messages::removed(id, None));
        } else {
            self.targets.insert(id, target);
        }
        Ok(responses)
    }

    /// Tells every target what happened up to `at`.
    fn catch_up(&mut self, ledger: &mut Ledger, at: Micros) -> Vec<ListenResponse> {
        let changed = ledger.heard(self.told, at);
        self.told = at;
        let mut reads = 0;
        let mut told: Told = BTreeMap::new();
        for (id, target) in &mut self.targets {
            let differences = target.advance(ledger, &changed, at);
            reads += billed(ledger, &differences, at);
            let projected = target.projects().then_some(*id);
            for (path, difference) in differences {
                told.entry((path, projected)).or_default().push((*id, difference));
            }
        }
        ledger.bill(Cause::Listen, reads);
        let name = &self.database.name;
        let mut responses = Vec::new();
        let (own, shared): (Told, Told) = told.into_iter().partition(|((_, projected), _)| projected.is_some());
        for (key, differences) in own {
            let target = key.1.and_then(|id| self.targets.get(&id)).expect("BUG: it was told a moment ago");
            responses.extend(changes(ledger, name, target, BTreeMap::from([(key, differences)]), at));
        }
        for (key, differences) in shared {
            let document = ledger.get(&key.0, at).map(|stored| stored.document(name));
            responses.push(messages::change(name, document, &key.0, &differences, at));
        }
        responses
    }
}

/// A document, and the target that it is told for alone because that target projects.
type Subject = (ResourcePath, Option<i32>);

/// What to tell the targets about each document.
type Told = BTreeMap<Subject, Vec<(i32, Difference)>>;

/// What differs for one target, in words of its own.
fn told_to(
    target: &Target,
    id: i32,
    ledger: &Ledger,
    database: &DatabaseName,
    differences: Vec<(ResourcePath, Difference)>,
    at: Micros,
) -> Vec<ListenResponse> {
    let projected = target.projects().then_some(id);
    let told = differences.into_iter().map(|(path, difference)| ((path, projected), vec![(id, difference)]));
    changes(ledger, database, target, told.collect(), at)
}

fn changes(ledger: &Ledger, database: &DatabaseName, target: &Target, told: Told, at: Micros) -> Vec<ListenResponse> {
    let mut responses = Vec::with_capacity(told.len());
    for ((path, _), differences) in told {
        let document = ledger.get(&path, at).map(|stored| target.answer(stored, database));
        responses.push(messages::change(database, document, &path, &differences, at));
    }
    responses
}

/// One read per document that came or changed, or that left because it changed. Deletions are free.
fn billed(ledger: &Ledger, differences: &[(ResourcePath, Difference)], at: Micros) -> usize {
    differences.iter().filter(|(path, _)| ledger.get(path, at).is_some()).count()
}

fn parse_start(ledger: &mut Ledger, resume: Option<ResumeType>, window: Duration) -> Result<Start, Status> {
    match resume {
        None => Ok(Start::Everything),
        Some(ResumeType::ResumeToken(bytes)) if bytes.is_empty() => Ok(Start::Everything),
        Some(ResumeType::ReadTime(time)) => Ok(Start::After(ledger.check_read_time(&time)?)),
        Some(ResumeType::ResumeToken(bytes)) => {
            let since = token::parse(&bytes)?;
            let now = ledger.read_now();
            match since {
                since if since > now => Err(invalid("resume_token", "is from the future")),
                since if since.until(now) > window => Ok(Start::Reset),
                since => Ok(Start::After(since)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_ends_the_stream_is_an_error() {
        use crate::sandbox::firestore::databases::Databases;
        let databases = Databases::new(Options::default());
        let name = DatabaseName::parse("database", "projects/p/databases/d").unwrap();
        let mut session = Session::new(databases.get(&name), Options::default());
        assert_eq!(session.remove(7).unwrap_err().code(), tonic::Code::NotFound);
        let negative = TargetMessage { target_id: -1, ..TargetMessage::default() };
        assert_eq!(session.add(negative).unwrap_err().code(), tonic::Code::InvalidArgument);
        let empty = TargetMessage { target_id: 7, ..TargetMessage::default() };
        let cause = invalid("target_type", "is required");
        assert_eq!(session.add(empty).unwrap(), [messages::removed(7, Some(&cause))]);
        assert!(session.advance().is_empty());
        assert!(session.targets.is_empty());
    }
}
