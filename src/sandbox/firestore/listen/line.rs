//! The way to the client, and what can cut it.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use gcloud_sdk::google::firestore::v1::{ListenRequest, ListenResponse};
use tokio::sync::{mpsc, watch};
use tokio::time::{Interval, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Status, Streaming};

use crate::sandbox::firestore::faults::{Ending, How, Injector, Method, pause};
use crate::sandbox::firestore::refusal::{connection_lost, stopping, too_slow};
use crate::sandbox::firestore::service::cut;
use crate::sandbox::firestore::times::Micros;
use crate::sandbox::firestore::wire::Scissors;

/// Responses that may wait for a slow client before the stream waits too.
const OUTBOX: usize = 64;

type Response = Result<ListenResponse, Status>;

/// Why a stream ends: with a status, or because the client has gone.
pub(super) type End = Option<Status>;

/// The way to one client.
pub(in crate::sandbox::firestore) struct Line {
    faults: Arc<Injector>,
    outbox: mpsc::Sender<Response>,
    inbox: Option<mpsc::Receiver<Response>>,
    breaks: watch::Receiver<u64>,
    held: watch::Receiver<bool>,
    stop: CancellationToken,
    scissors: Scissors,
    /// Where the stream ends before its time.
    ending: Option<Ending>,
    /// How long a response waits for room. Without it, as long as it takes.
    patience: Option<Duration>,
}

/// What made a stream look up.
pub(super) enum Wake {
    Request(Option<Box<ListenRequest>>),
    Commit,
    Heartbeat,
    Hold,
}

impl Line {
    /// The line of a stream that begins now.
    pub(in crate::sandbox::firestore) fn new(
        faults: Arc<Injector>,
        scissors: Scissors,
        stop: CancellationToken,
    ) -> Self {
        let bounds = faults.slow_consumer();
        let (outbox, inbox) = mpsc::channel(bounds.map_or(OUTBOX, |bounds| bounds.buffer.max(1)));
        Self {
            outbox,
            inbox: Some(inbox),
            breaks: faults.breaks(),
            held: faults.held(),
            stop,
            scissors,
            ending: faults.ending(Method::Listen),
            patience: bounds.map(|bounds| bounds.patience),
            faults,
        }
    }

    /// The responses, for the one who sends them out.
    pub(super) fn responses(&mut self) -> ReceiverStream<Response> {
        ReceiverStream::new(self.inbox.take().expect("BUG: the responses of a line are taken once"))
    }

    /// The faults that wait.
    pub(super) fn faults(&self) -> Arc<Injector> {
        self.faults.clone()
    }

    /// Waits for `work`, unless the line is cut first.
    pub(super) async fn cut_or<Output>(&mut self, work: impl Future<Output = Output>) -> ControlFlow<End, Output> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => ControlFlow::Break(Some(stopping())),
            _ = self.breaks.changed() => ControlFlow::Break(Some(connection_lost())),
            () = self.outbox.closed() => ControlFlow::Break(None),
            output = work => ControlFlow::Continue(output),
        }
    }

    /// Waits while streams are held.
    pub(super) async fn until_released(&mut self) -> ControlFlow<End> {
        let mut held = self.held.clone();
        // The sender lives as long as the server.
        self.cut_or(async move { held.wait_for(|held| !held).await.is_ok() }).await?;
        ControlFlow::Continue(())
    }

    /// Waits for something to answer or to tell.
    pub(super) async fn next(
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

    /// Sends a batch of responses, one by one.
    pub(super) async fn send(&mut self, responses: Vec<ListenResponse>) -> ControlFlow<End> {
        if !responses.is_empty()
            && let Some(latency) = self.faults.delay(Method::Listen)
        {
            self.cut_or(pause(latency)).await?;
        }
        for response in responses {
            let (outbox, patience) = (self.outbox.clone(), self.patience);
            self.until_released().await?;
            let sending = outbox.send(Ok(response));
            let sent = match patience {
                None => self.cut_or(sending).await?,
                Some(patience) => match self.cut_or(timeout(patience, sending)).await? {
                    Ok(sent) => sent,
                    Err(_) => return ControlFlow::Break(Some(too_slow())),
                },
            };
            if sent.is_err() {
                return ControlFlow::Break(None);
            }
            if let Some(ending) = &mut self.ending {
                ending.after = ending.after.saturating_sub(1);
            }
            self.end_if_due().await?;
        }
        ControlFlow::Continue(())
    }

    /// Ends the stream, or falls silent, once it has sent what it may send.
    pub(super) async fn end_if_due(&mut self) -> ControlFlow<End> {
        match self.ending {
            Some(Ending { after: 0, how: How::EndStream }) => ControlFlow::Break(Some(connection_lost())),
            Some(Ending { after: 0, how: How::EndConnection }) => {
                let outbox = self.outbox.clone();
                let room = outbox.max_capacity();
                let handed_over = async move { outbox.reserve_many(room).await.map(drop).is_ok() };
                self.cut_or(handed_over).await?;
                cut(&self.scissors).await;
                ControlFlow::Break(None)
            }
            Some(Ending { after: 0, how: How::Silence }) => {
                self.cut_or(std::future::pending::<()>()).await?;
                ControlFlow::Continue(())
            }
            Some(Ending { .. }) | None => ControlFlow::Continue(()),
        }
    }

    /// Tells the client why the stream ends. One that has gone does not mind.
    pub(super) async fn close(self, status: Status) {
        let _ = self.outbox.send(Err(status)).await;
    }
}
