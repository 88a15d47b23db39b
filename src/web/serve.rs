//! Listens, answers, and stops when told.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Layer as _, ServiceExt as _};
use tracing::debug;

/// The most connections at the same time; more wait until one ends.
const MOST_CONNECTIONS: usize = 512;

/// How long a client may take to send a request's head, or to think of its next request.
const HEAD_PATIENCE: Duration = Duration::from_secs(15);

/// How long requests under way may take after we were told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Told when the service stops: an answer without an end of its own ends then. Requests carry it as an extension.
#[derive(Clone, Debug)]
pub struct Stopping(pub CancellationToken);

/// Answers what comes in at `listener` until `stop`, and returns once every connection is closed.
///
/// `info` tells about a connection; handlers find it as [`ConnectInfo`].
pub async fn serve<L, C>(
    mut listener: L,
    router: Router,
    info: impl Fn(&L::Io, &L::Addr) -> C + Send,
    stop: CancellationToken,
) where
    L: Listener,
    C: Clone + Send + Sync + 'static,
{
    let connections = TaskTracker::new();
    let slots = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&mut listener, &slots) => accepted,
        };
        let (slot, io, address) = accepted;
        let service = Extension(ConnectInfo(info(&io, &address))).layer(router.clone());
        let service = Extension(Stopping(stop.clone())).layer(service);
        let service = service.map_request(|request: Request<Incoming>| request.map(Body::new));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_PATIENCE)
            .serve_connection(TokioIo::new(io), TowerToHyperService::new(service));
        let stop = stop.clone();
        connections.spawn(async move {
            let _slot = slot;
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    tokio::time::timeout(GRACE, connection).await.unwrap_or(Ok(()))
                }
            };
            if let Err(error) = ended {
                debug!("A connection ended early: {error}");
            }
        });
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept<L: Listener>(
    listener: &mut L,
    slots: &Arc<Semaphore>,
) -> (tokio::sync::OwnedSemaphorePermit, L::Io, L::Addr) {
    let slot = Arc::clone(slots).acquire_owned().await.expect("BUG: the semaphore is never closed");
    let (io, address) = listener.accept().await;
    (slot, io, address)
}
