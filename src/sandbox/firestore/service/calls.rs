//! What befalls every call: its size, its faults, and answers that end too early.

use futures_util::stream::{self, StreamExt as _};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::{Answers, Service, Unary};
use crate::sandbox::firestore::faults::{Ending, How, Method, pause};
use crate::sandbox::firestore::refusal::{connection_lost, invalid, stopping};
use crate::sandbox::firestore::wire::Scissors;

/// Largest request, in bytes.
const REQUEST_BYTES: usize = 10 * 1024 * 1024;
/// How often a connection gets its turn to send what it has before it is cut.
const TURNS: usize = 16;

impl Service {
    /// Lets a call begin: it may have to wait, or fail.
    pub(super) async fn admit(&self, method: Method) -> Result<(), Status> {
        self.world.faults.count(method);
        if let Some(latency) = self.world.faults.delay(method) {
            tokio::select! {
                () = self.stop.cancelled() => return Err(stopping()),
                () = pause(latency) => {}
            }
        }
        self.world.faults.failure(method)
    }

    /// One call with one answer.
    pub(super) async fn answer<Ask: prost::Message, Answer>(
        &self,
        method: Method,
        request: Request<Ask>,
        work: impl FnOnce(&Self, Ask) -> Result<Answer, Status> + Send,
    ) -> Unary<Answer> {
        self.admit(method).await?;
        if let Some(ending) = self.world.faults.ending(method) {
            return Err(end(ending.how, scissors(&request), self.stop.clone()).await);
        }
        let answer = work(self, checked(request)?)?;
        self.world.faults.lost_reply(method)?;
        Ok(Response::new(answer))
    }

    /// One call with a stream of answers.
    pub(super) async fn answers<Ask: prost::Message, Answer: Send + 'static>(
        &self,
        method: Method,
        request: Request<Ask>,
        work: impl FnOnce(&Self, Ask) -> Result<Vec<Answer>, Status> + Send,
    ) -> Unary<Answers<Answer>> {
        self.admit(method).await?;
        let scissors = scissors(&request);
        let answers = work(self, checked(request)?)?;
        self.world.faults.lost_reply(method)?;
        let Some(Ending { after, how }) = self.world.faults.ending(method) else {
            return Ok(Response::new(Box::pin(stream::iter(answers.into_iter().map(Ok)))));
        };
        let stop = self.stop.clone();
        let end = stream::once(async move { Err(end(how, scissors, stop).await) });
        Ok(Response::new(Box::pin(stream::iter(answers.into_iter().take(after).map(Ok)).chain(end))))
    }
}

/// What cuts the connection of this request.
pub(super) fn scissors<Message>(request: &Request<Message>) -> Scissors {
    request.extensions().get::<Scissors>().cloned().unwrap_or_default()
}

/// Ends a call before its time. Answers the status for a client that can still hear it.
async fn end(how: How, scissors: Scissors, stop: CancellationToken) -> Status {
    match how {
        How::EndStream => connection_lost(),
        How::EndConnection => {
            cut(&scissors).await;
            connection_lost()
        }
        How::Silence => {
            stop.cancelled().await;
            stopping()
        }
    }
}

/// Cuts a connection after it had a chance to send what was handed to it.
pub(in crate::sandbox::firestore) async fn cut(scissors: &Scissors) {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
    scissors.cut();
}

/// Takes the message out, unless it is too large.
fn checked<Message: prost::Message>(request: Request<Message>) -> Result<Message, Status> {
    let message = request.into_inner();
    if message.encoded_len() > REQUEST_BYTES {
        return Err(invalid("request", format_args!("payload size exceeds the limit: {REQUEST_BYTES} bytes")));
    }
    Ok(message)
}
