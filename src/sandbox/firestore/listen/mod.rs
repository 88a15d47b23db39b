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

/// The filter of names that came out unchanged.
mod bloom;

/// The responses, spelled out.
mod messages;

use std::ops::ControlFlow;
use std::sync::Arc;

use gcloud_sdk::google::firestore::v1::listen_request::TargetChange;
use gcloud_sdk::google::firestore::v1::{ListenRequest, ListenResponse};
use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use self::session::Session;
use super::databases::Databases;
use super::faults::Faults;
use super::names::DatabaseName;
use super::refusal::{invalid, missing};
use super::times::Micros;

/// Responses that may wait for a slow client before the stream waits too.
const OUTBOX: usize = 64;

/// One listen stream: its responses, and the future that makes them.
pub(super) fn stream(
    databases: Arc<Databases>,
    faults: Arc<Faults>,
    stop: CancellationToken,
    requests: Streaming<ListenRequest>,
) -> (impl Stream<Item = Result<ListenResponse, Status>> + Send + 'static, impl Future<Output = ()> + Send + 'static) {
    let (outbox, responses) = mpsc::channel(OUTBOX);
    let line = Line { outbox, breaks: faults.breaks(), held: faults.held(), stop };
    (ReceiverStream::new(responses), run(databases, requests, line))
}

/// The way to the client, and what can cut it.
struct Line {
    outbox: mpsc::Sender<Result<ListenResponse, Status>>,
    breaks: watch::Receiver<u64>,
    held: watch::Receiver<bool>,
    stop: CancellationToken,
}

/// What made a stream look up.
enum Wake {
    Request(Option<Box<ListenRequest>>),
    Commit,
    Heartbeat,
    Hold,
}

/// Why a stream ends: with a status, or because the client has gone.
type End = Option<Status>;

async fn run(databases: Arc<Databases>, mut requests: Streaming<ListenRequest>, mut line: Line) {
    let end = match serve(&databases, &mut requests, &mut line).await {
        ControlFlow::Break(end) => end,
        ControlFlow::Continue(()) => None,
    };
    if let Some(status) = end {
        // A client that has gone does not mind.
        let _ = line.outbox.send(Err(status)).await;
    }
}

async fn serve(databases: &Databases, requests: &mut Streaming<ListenRequest>, line: &mut Line) -> ControlFlow<End> {
    let Some(first) = line.cut_or(requests.message()).await?.ok().flatten() else {
        return ControlFlow::Break(None);
    };
    let name = accept(DatabaseName::parse("database", &first.database))?;
    let options = databases.options();
    let mut session = Session::new(databases.get(&name), options.resume_window, options.cheap_resume);
    let mut commits = session.subscribe();
    let mut heartbeat = interval(options.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heartbeat.reset();
    let responses = accept(answer(&mut session, &name, first))?;
    line.send(responses).await?;
    loop {
        line.until_released().await?;
        let responses = match line.next(requests, &mut commits, &mut heartbeat).await? {
            Wake::Request(None) => return ControlFlow::Break(None),
            Wake::Request(Some(request)) => accept(answer(&mut session, &name, *request))?,
            Wake::Commit => session.advance(),
            Wake::Heartbeat => session.heartbeat(),
            Wake::Hold => Vec::new(),
        };
        line.send(responses).await?;
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
    database: &DatabaseName,
    request: ListenRequest,
) -> Result<Vec<ListenResponse>, Status> {
    if DatabaseName::parse("database", &request.database)? != *database {
        return Err(invalid("database", "a stream listens to one database"));
    }
    match request.target_change.ok_or_else(|| missing("target_change"))? {
        TargetChange::AddTarget(target) => session.add(target),
        TargetChange::RemoveTarget(id) => session.remove(id),
    }
}

impl Line {
    /// Waits for `work`, unless the line is cut first.
    async fn cut_or<Output>(&mut self, work: impl Future<Output = Output>) -> ControlFlow<End, Output> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => ControlFlow::Break(Some(Status::unavailable("the server is stopping"))),
            _ = self.breaks.changed() => ControlFlow::Break(Some(Status::unavailable("the connection was lost"))),
            () = self.outbox.closed() => ControlFlow::Break(None),
            output = work => ControlFlow::Continue(output),
        }
    }

    /// Waits while streams are held.
    async fn until_released(&mut self) -> ControlFlow<End> {
        let mut held = self.held.clone();
        // The sender lives as long as the server.
        self.cut_or(async move { held.wait_for(|held| !held).await.is_ok() }).await?;
        ControlFlow::Continue(())
    }

    async fn next(
        &mut self,
        requests: &mut Streaming<ListenRequest>,
        commits: &mut watch::Receiver<Micros>,
        heartbeat: &mut Interval,
    ) -> ControlFlow<End, Wake> {
        let mut held = self.held.clone();
        self.cut_or(async move {
            tokio::select! {
                biased;
                _ = held.wait_for(|held| *held) => Wake::Hold,
                request = requests.message() => Wake::Request(request.ok().flatten().map(Box::new)),
                _ = commits.changed() => Wake::Commit,
                _ = heartbeat.tick() => Wake::Heartbeat,
            }
        })
        .await
    }

    async fn send(&mut self, responses: Vec<ListenResponse>) -> ControlFlow<End> {
        for response in responses {
            let outbox = self.outbox.clone();
            self.until_released().await?;
            if self.cut_or(outbox.send(Ok(response))).await?.is_err() {
                return ControlFlow::Break(None);
            }
        }
        ControlFlow::Continue(())
    }
}
