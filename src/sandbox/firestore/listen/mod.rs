//! Listen: targets, views, consistent snapshots.
//!
//! A stream remembers, per target, what it has told the client. Every wake-up looks at one moment, sends what
//! differs for all targets, and closes with the boundary: no target ids, a read time and a token for that moment.

/// What a stream knows, without IO.
mod session;

/// One target: what it asks for and what the client has of it.
mod target;

/// Resume tokens.
mod token;

/// The way to the client, and what can cut it.
mod line;

/// What the fault injector does to responses.
mod distortion;

/// The filter of names that came out unchanged.
mod bloom;

/// The responses, spelled out.
mod messages;

use std::ops::ControlFlow;
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::listen_request::TargetChange;
use gcloud_sdk::google::firestore::v1::target::ResumeType;
use gcloud_sdk::google::firestore::v1::{ListenRequest, ListenResponse, Target};
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::Stream;
use tonic::{Status, Streaming};

pub(super) use self::line::Line;
use self::line::{End, Wake};
use self::session::Session;
use super::databases::Databases;
use super::faults::{Injector, Unasked};
use super::names::DatabaseName;
use super::refusal::{invalid, missing, token_rejected};

/// One listen stream: its responses, and the future that makes them.
pub(super) fn stream(
    databases: Arc<Databases>,
    mut line: Line,
    requests: Streaming<ListenRequest>,
) -> (impl Stream<Item = Result<ListenResponse, Status>> + Send + 'static, impl Future<Output = ()> + Send + 'static) {
    (line.responses(), run(databases, requests, line))
}

async fn run(databases: Arc<Databases>, mut requests: Streaming<ListenRequest>, mut line: Line) {
    let end = match serve(&databases, &mut requests, &mut line).await {
        ControlFlow::Break(end) => end,
        ControlFlow::Continue(()) => None,
    };
    if let Some(status) = end {
        line.close(status).await;
    }
}

async fn serve(databases: &Databases, requests: &mut Streaming<ListenRequest>, line: &mut Line) -> ControlFlow<End> {
    line.end_if_due().await?;
    let Some(first) = line.cut_or(requests.message()).await?.ok().flatten() else {
        return ControlFlow::Break(None);
    };
    let name = accept(DatabaseName::parse("database", &first.database))?;
    let faults = line.faults();
    let options = databases.options();
    let mut session = Session::new(databases.get(&name), options.clone());
    let mut commits = session.subscribe();
    let mut heartbeat = interval(options.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let mut responses = accept(answer(&mut session, &faults, &name, first))?;
    loop {
        line.send(distortion::distort(&faults, responses)).await?;
        line.until_released().await?;
        let wake = line.next(requests, &mut commits, &mut heartbeat).await?;
        let (new, is_snapshot) = match wake {
            Wake::Request(None) => return ControlFlow::Break(None),
            Wake::Request(Some(request)) => (accept(answer(&mut session, &faults, &name, *request))?, false),
            Wake::Commit => (session.advance(), true),
            Wake::Heartbeat => (session.heartbeat(), true),
            Wake::Hold => (Vec::new(), false),
        };
        responses = new;
        if is_snapshot && !responses.is_empty() {
            responses.extend(unasked(&mut session, &faults));
        }
    }
}

fn accept<Item>(result: Result<Item, Status>) -> ControlFlow<End, Item> {
    match result {
        Ok(item) => ControlFlow::Continue(item),
        Err(status) => ControlFlow::Break(Some(status)),
    }
}

fn answer(
    session: &mut Session,
    faults: &Injector,
    database: &DatabaseName,
    request: ListenRequest,
) -> Result<Vec<ListenResponse>, Status> {
    if DatabaseName::parse("database", &request.database)? != *database {
        return Err(invalid("database", "a stream listens to one database"));
    }
    match request.target_change.ok_or_else(|| missing("target_change"))? {
        TargetChange::AddTarget(target) if has_token(&target) && faults.rejects_token() => {
            Ok(vec![messages::removed(target.target_id, Some(&token_rejected()))])
        }
        TargetChange::AddTarget(target) => session.add(target),
        TargetChange::RemoveTarget(id) => session.remove(id),
    }
}

fn has_token(target: &Target) -> bool {
    matches!(&target.resume_type, Some(ResumeType::ResumeToken(token)) if !token.is_empty())
}

/// What the fault injector wants to happen to a target after a snapshot.
fn unasked(session: &mut Session, faults: &Injector) -> Vec<ListenResponse> {
    match faults.unasked(&session.targets()) {
        Some((id, Unasked::Reset)) => session.reset(id),
        Some((id, Unasked::Remove(cause))) => session.drop_target(id, &cause),
        None => Vec::new(),
    }
}
