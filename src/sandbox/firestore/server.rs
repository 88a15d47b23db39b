//! The running server: an address, its tasks and their end.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use prost_types::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::generated::firestore_server::FirestoreServer as GrpcServer;
use super::rest;
use super::service::Service;
use super::times::wall_clock;
use super::wire::Wire;
use super::world::World;

/// Largest message that is decoded at all. The service's own limit of 10 MiB is enforced with its own words.
const MESSAGE_BYTES: usize = 64 * 1024 * 1024;
/// How long a stop waits for clients to read what was sent.
const GRACE: Duration = Duration::from_secs(5);

/// The settings of a sandbox server.
#[derive(Debug, Clone)]
pub struct Options {
    /// The server's clock. Defaults to the wall clock.
    pub clock: fn() -> Timestamp,
    /// How often a quiet listen stream says that it is alive. Defaults to 30 s.
    pub heartbeat: Duration,
    /// How far back a `read_time` may lie. Defaults to 1 hour.
    pub read_window: Duration,
    /// A resume token older than this makes the server send RESET and everything again. Defaults to 1 hour.
    pub resume_window: Duration,
    /// A listen resumed after more than this is billed like a new query. Defaults to 30 minutes.
    pub cheap_resume: Duration,
    /// How a resumed target hears of what left it meanwhile. Defaults to being counted, as in production.
    pub resumed_removals: ResumedRemovals,
    /// How long a transaction may live. Defaults to 270 s.
    pub transaction_lifetime: Duration,
    /// How long a transaction may lie idle. Defaults to 60 s.
    pub transaction_idle: Duration,
}

/// How a resumed target hears of documents that left it while its client was away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumedRemovals {
    /// Only by the count of the existence filter, and by its names if the client expects a count.
    Counted,
    /// One by one.
    Told,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: wall_clock,
            heartbeat: Duration::from_secs(30),
            read_window: Duration::from_secs(60 * 60),
            resume_window: Duration::from_secs(60 * 60),
            cheap_resume: Duration::from_secs(30 * 60),
            resumed_removals: ResumedRemovals::Counted,
            transaction_lifetime: Duration::from_secs(270),
            transaction_idle: Duration::from_secs(60),
        }
    }
}

/// A running Firestore. Dropping it ends it and all its streams.
pub struct FirestoreServer {
    address: SocketAddr,
    world: World,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl FirestoreServer {
    /// Serves at `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn start(address: SocketAddr, options: Options) -> std::io::Result<Self> {
        Self::serve(address, World::new(options)).await
    }

    /// Serves a world that is already there, such as that of a server that was stopped.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub async fn serve(address: SocketAddr, world: World) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self::serve_over(address, TcpIncoming::from(listener).with_nodelay(Some(true)), world))
    }

    /// Serves connections that somebody else accepts, such as pipes in memory. `address` is what is told of them.
    pub fn serve_over<Io>(
        address: SocketAddr,
        connections: impl Stream<Item = std::io::Result<Io>> + Send + 'static,
        world: World,
    ) -> Self
    where
        Io: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let routes = Self::routes(world.clone(), tasks.clone(), stop.clone());
        let connections = connections.map(|connection| connection.map(Wire::new));
        let stopped = stop.clone().cancelled_owned();
        tasks.spawn(async move {
            let server = Server::builder().accept_http1(true).add_routes(routes);
            if let Err(error) = server.serve_with_incoming_shutdown(connections, stopped).await {
                tracing::error!("The sandbox's Firestore stopped: {error}");
            }
        });
        Self { address, world, stop, tasks }
    }

    /// The service alone, for a network of the caller's own. Its streams run in `tasks` until `stop`.
    pub fn routes(world: World, tasks: TaskTracker, stop: CancellationToken) -> Routes {
        let service = GrpcServer::new(Service::new(world.clone(), tasks, stop))
            .max_decoding_message_size(MESSAGE_BYTES)
            .max_encoding_message_size(MESSAGE_BYTES);
        Routes::from(Routes::new(service).into_axum_router().merge(rest::routes(world)))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The hands of whoever runs the sandbox.
    pub fn world(&self) -> World {
        self.world.clone()
    }

    /// Ends every stream and waits until nothing runs any more, but not for a client that does not read.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        if timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!("A client of the sandbox's Firestore did not read to the end");
        }
    }
}

impl Drop for FirestoreServer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
